"""The questionnaire as a page that works without a network and saves its answers as CSV."""

from __future__ import annotations

import json
import random
from importlib import resources
from xml.etree.ElementTree import Element

from robot_runtime.meter.markup import element, page
from toddler_training.evaluate.study.questionnaire import (
    AGE,
    CONDITION,
    PARTICIPANT,
    REMARKS,
    STEPS,
    Item,
    Questionnaire,
)


def form(questionnaire: Questionnaire, seed: int) -> str:
    """The page, as HTML that needs no other file.

    Items of all scales come in an order drawn by lot, each below its scale's question, so that nobody sees which belong
    together; every page made with the same seed has the same order.

    Args:
        questionnaire: what is asked.
        seed: of the order.
    """
    files = resources.files(__package__)
    style, script = (files.joinpath(name).read_text("utf-8") for name in ("form.css", "form.js"))
    items = [(scale.question, item) for scale in questionnaire.scales for item in scale.items]
    random.Random(seed).shuffle(items)
    low, high = questionnaire.age_range
    about = {"columns": questionnaire.columns, "names": [PARTICIPANT, CONDITION]}
    return page(
        questionnaire.title,
        style,
        element("h1", questionnaire.title),
        element("p", questionnaire.intro),
        element(
            "form",
            element(
                "div",
                _field("Participant", element("input", name=PARTICIPANT, required="", autocomplete="off")),
                _field("Condition", element("input", name=CONDITION, required="", autocomplete="off")),
                class_="study",
            ),
            _field(
                questionnaire.age_question,
                element("input", name=AGE, type="number", min=low, max=high, step=0.5, required=""),
            ),
            [_item(question, item) for question, item in items],
            _field("Is there anything else that you want to say?", element("textarea", "", name=REMARKS, rows=3)),
            element("button", "Save my answers", type="submit"),
            element("p", "", id="told", role="status"),
        ),
        element("script", json.dumps(about), type="application/json", id="about"),
        element("script", script),
    )


def _field(label: str, control: Element) -> Element:
    return element("label", element("span", label), control)


def _item(question: str, item: Item) -> Element:
    steps = [
        element(
            "label",
            element("input", type="radio", name=item.column, value=step, required=""),
            element("span", str(step), class_="step"),
        )
        for step in range(1, STEPS + 1)
    ]
    return element(
        "fieldset",
        element("legend", question),
        element("span", item.low, class_="low"),
        element("div", steps, class_="steps"),
        element("span", item.high, class_="high"),
    )

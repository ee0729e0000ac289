"""A page about a recorded session: what was said, and where the time went."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from importlib import resources
from xml.etree.ElementTree import Element

from robot_runtime.bench.numbers import percentile
from robot_runtime.meter.ecdf import ecdf
from robot_runtime.meter.fields import Event, mapping, number, text
from robot_runtime.meter.markup import element, page
from robot_runtime.meter.passages import clock, passage
from robot_runtime.meter.timeline import Timeline
from robot_runtime.meter.trace import Entry, Trace
from robot_runtime.meter.waterfall import axis_for, legend

FOLDED = {
    "session_started": ("versions", "seed", "model", "computer", "settings"),
    "ready": ("model_sha256", "mind", "voice"),
}
"""What of these events is shown on demand."""


def report(events: Iterable[Event]) -> str:
    """The page, as HTML that needs no other file; what the record lacks is left out."""
    timeline = Timeline()
    entries: list[Entry] = []
    about: dict[str, Event] = {}
    end_s = 0.0
    for event in events:
        if not isinstance(event, dict):
            continue
        about[text(event, "type")] = event
        end_s = max(end_s, number(event, "t") or 0.0)
        if entry := timeline.take(event):
            entries.append(entry)
    entries = sorted([*entries, *timeline.rest()], key=lambda entry: entry.t)
    turns = [entry for entry in entries if isinstance(entry, Trace)]
    axis = axis_for(turns)
    style = resources.files("robot_runtime.meter").joinpath("report.css").read_text("utf-8")
    session = mapping(mapping(about.get("session_started", {}), "settings"), "session")
    title = f"A talk with the toddler on {text(session, 'platform') or 'a robot'}"
    return page(
        title,
        style,
        element("h1", title),
        element("p", " · ".join(_origin(about, end_s)), class_="soft"),
        _figures(turns, about.get("early_thinking", {})),
        element("h2", "How long the answers took"),
        _latency(turns),
        element("h2", "What the check refused"),
        _refusals(turns),
        element("h2", "The talk"),
        element("p", "Times in each drawing count from the end of the caregiver's words.", class_="soft"),
        legend(),
        [passage(entry, axis) for entry in entries] or element("p", "Nothing was recorded."),
        element("h2", "How it came about"),
        _folded(about),
    )


def _origin(about: dict[str, Event], end_s: float) -> list[str]:
    started, ended = about.get("session_started", {}), about.get("session_ended")
    said = [
        text(started, "wall").replace("T", " ")[:19],
        clock(end_s),
        text(mapping(started, "model"), "name"),
        f"ended: {text(ended, 'why')}" if ended else "the record was cut off",
    ]
    return [part for part in said if part]


def _figures(turns: list[Trace], early: Event) -> Element:
    heard = [turn for turn in turns if turn.source == "microphone"]
    hits = sum(turn.early for turn in turns)
    candidates, refused = sum(len(turn.candidates) for turn in turns), sum(turn.refused for turn in turns)
    drafts = number(early, "drafts")
    figures = {
        "turns": str(len(turns)),
        "of them spoken to it": str(len(heard)),
        "candidates refused": f"{refused} of {candidates}",
        "fixed lines": str(sum(turn.reply_source == "canned" for turn in turns)),
        "cut off": str(sum(turn.interrupted for turn in turns)),
        "answers thought early": f"{hits} of {len(heard)}" if heard else "",
        "early thoughts dropped": "" if drafts is None else str(round(drafts) - hits),
        "failures of the mind": str(sum(bool(turn.failure) for turn in turns)),
    }
    boxes = [element("div", element("b", value), element("span", name)) for name, value in figures.items() if value]
    return element("div", boxes, class_="figures")


def _latency(turns: list[Trace]) -> list[Element]:
    heard = [turn for turn in turns if turn.source == "microphone"]
    typed = [turn for turn in turns if turn.source not in ("microphone", "body")]
    measured = {
        "end of speech to first sample": _known(turn.answer_ms for turn in heard),
        "hold": _known(turn.hold_ms for turn in heard),
        "after the hold": _known(turn.after_hold_ms for turn in heard),
        "typed line to first sample": _known(turn.answer_ms for turn in typed),
    }
    measured = {name: values for name, values in measured.items() if values}
    rows = [
        element(
            "tr", element("td", name), [_cell(f"{value:.0f}") for value in _summary(values)], _cell(str(len(values)))
        )
        for name, values in measured.items()
    ]
    chart = ecdf(measured)
    if chart is None:
        return [element("p", "No answer was heard.")]
    names = ("p50, ms", "p95, ms", "longest, ms", "n")
    head = element("tr", element("th"), [element("th", name, class_="number") for name in names])
    return [chart, element("table", head, rows)]


def _refusals(turns: list[Trace]) -> Element:
    rules = sum((turn.rules for turn in turns), Counter[str]())
    if not rules:
        return element("p", "Nothing.")
    rows = [element("tr", element("td", rule), _cell(str(count))) for rule, count in rules.most_common()]
    return element(
        "div",
        element("p", "One candidate may break several rules."),
        element("table", element("tr", element("th", "rule"), element("th", "refusals", class_="number")), rows),
    )


def _folded(about: dict[str, Event]) -> Element:
    rows = [
        row
        for type, names in FOLDED.items()
        for name in names
        if name in about.get(type, {})
        for row in _rows(about[type][name], (name,))
    ]
    return element("details", element("summary", "versions, model, computer, settings"), element("table", rows))


def _rows(value: object, path: tuple[str, ...]) -> list[Element]:
    """A row for each leaf."""
    if isinstance(value, dict):
        return [row for key, inner in value.items() for row in _rows(inner, (*path, str(key)))]
    said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return [element("tr", element("td", ".".join(path)), element("td", said))]


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _summary(values: list[float]) -> tuple[float, float, float]:
    return percentile(values, 0.5), percentile(values, 0.95), max(values)


def _cell(value: str) -> Element:
    return element("td", value, class_="number")

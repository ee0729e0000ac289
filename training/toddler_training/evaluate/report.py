"""A page that compares models: figures with intervals, plots, talks and examples, in the style of session reports."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from importlib import resources
from typing import Any
from xml.etree.ElementTree import Element

from matplotlib.figure import Figure

from robot_runtime.meter.markup import element, page
from toddler_training.evaluate.bootstrap import SIGNIFICANT
from toddler_training.evaluate.comparison import RANKED
from toddler_training.evaluate.plots import early_words_plot, figures_plot, lengths_plot, png

MONTHS = ("early_24", "early_30")
"""Of the CDI's ages, those that stand in the table; the plot has them all."""

STYLE = """
.scroll { overflow-x: auto; }
td.number small { display: block; color: var(--soft); white-space: nowrap; }
.up { color: #1f7a3d; } .down { color: #9c2b2b; } .other { color: var(--think); }
img { display: block; max-width: 100%; height: auto; }
.talks { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 10px 28px; }
.talks p { margin: 2px 0; }
"""
"""What the style of session reports lacks."""


def report(table: dict[str, Any]) -> str:
    """The page, as HTML that needs no other file, from what stands in table.json."""
    style = resources.files("robot_runtime.meter").joinpath("report.css").read_text("utf-8") + STYLE
    title = "Toddlers compared"
    groups = dict.fromkeys(measure["group"] for measure in table["measures"])
    early = early_words_plot(table)
    return page(
        title,
        style,
        element("h1", title),
        element("p", " · ".join(table["about"]), class_="soft"),
        element("p", _explained(table)),
        _image(figures_plot(table), "Figures with intervals of 95 %. Hollow: the reply that the check ranks highest."),
        [
            [element("h2", group), _figures(table, [m for m in table["measures"] if m["group"] == group])]
            for group in groups
        ],
        element("h2", "How varied"),
        _variety(table["rows"]),
        element("h2", "Lengths"),
        _image(lengths_plot(table), "Raw replies, against children of 24 to 35 months."),
        [element("h2", "Words by age"), _image(early, "Words that half of the children say (CDI).")] if early else None,
        element("h2", "What the check refuses"),
        _rules(table["rows"]),
        element("h2", "A talk with each"),
        _talks(table["talks"]),
        element("h2", "Replies to held-out lines"),
        _examples(table["examples"]),
        element("h2", "Sources"),
        [element("p", source, class_="soft") for source in table["sources"]],
    )


def _explained(table: dict[str, Any]) -> str:
    return (
        f"Every model answered the same {table['pairs']} caregiver lines of children whom training has not seen, "
        f"through the runtime's own mind. Small print: the interval of 95 % ({table['draws']} bootstrap samples of the "
        f"pairs), and the paired difference from '{table['reference']}' with its p, not corrected for the number of "
        "comparisons."
    )


def _image(figure: Figure, caption: str) -> Element:
    source = "data:image/png;base64," + base64.b64encode(png(figure)).decode()
    return element("figure", element("img", src=source, alt=caption), element("figcaption", caption))


def _figures(table: dict[str, Any], measures: Sequence[dict[str, Any]]) -> Element:
    shown = [m for m in measures if not m["key"].startswith("early_") or m["key"] in MONTHS]
    head = element("tr", element("th"), [_head(measure) for measure in shown])
    rows = [
        element("tr", element("td", _name(row)), [_cell(row["figures"].get(m["key"]), m) for m in shown])
        for row in table["rows"]
        if any(m["key"] in row["figures"] for m in shown)
    ]
    return element("div", element("table", head, rows), class_="scroll")


def _head(measure: dict[str, Any]) -> Element:
    unit = ", %" if measure["unit"] else ""
    about = element("small", measure["about"], class_="soft") if measure["about"] else None
    return element("th", measure["title"] + unit, element("br") if about is not None else None, about, class_="number")


def _cell(found: dict[str, Any] | None, measure: dict[str, Any]) -> Element:
    if not found or found["value"] is None:
        return element("td", class_="number")
    scale = 100 if measure["unit"] == "%" else 1
    lines = []
    if found["low"] is not None:
        lines.append(element("small", f"{_written(found['low'] * scale)} to {_written(found['high'] * scale)}"))
    if (difference := found["difference"]) and difference["value"] is not None:
        sure = difference["p"] < SIGNIFICANT
        kind = ("other", "up", "down")[_sign(difference["value"]) * measure["better"]] if sure else ""
        text = f"{difference['value'] * scale:+.3g}, p {_p(difference['p'])}"
        lines.append(element("small", element("span", text, class_=kind)))
    return element("td", _written(found["value"] * scale), lines, class_="number")


def _variety(rows: Sequence[dict[str, Any]]) -> Element:
    head = element(
        "tr",
        element("th"),
        element("th", "different replies, %", class_="number"),
        element("th", "different words in 50", class_="number"),
    )
    return element(
        "table",
        head,
        [
            element(
                "tr",
                element("td", _name(row)),
                element("td", "" if row["distinct"] is None else f"{100 * row['distinct']:.0f}", class_="number"),
                element("td", "" if row["type_token"] is None else f"{50 * row['type_token']:.1f}", class_="number"),
            )
            for row in rows
        ],
    )


def _rules(rows: Sequence[dict[str, Any]]) -> Element:
    raw = [row for row in rows if row["column"] != RANKED]
    rules = sorted({rule for row in raw for rule in row["rules"]})
    if not rules:
        return element("p", "Nothing.")
    head = element("tr", element("th", "rule"), [element("th", row["model"], class_="number") for row in raw])
    lines = [
        element(
            "tr", element("td", rule), [element("td", str(row["rules"].get(rule, 0)), class_="number") for row in raw]
        )
        for rule in rules
    ]
    return element("div", element("table", head, lines), class_="scroll")


def _talks(talks: dict[str, list[list[str]]]) -> Element:
    return element(
        "div",
        [
            element(
                "section",
                element("h3", name),
                [
                    [
                        element("p", element("span", "caregiver", class_="who"), said),
                        element("p", element("span", "child", class_="who"), element("b", reply or "(none passed)")),
                    ]
                    for said, reply in talk
                ],
            )
            for name, talk in talks.items()
        ],
        class_="talks",
    )


def _examples(examples: Sequence[dict[str, Any]]) -> Element:
    names = list(examples[0]["replies"]) if examples else []
    head = element("tr", element("th", "caregiver"), [element("th", name) for name in names])
    rows = [
        element("tr", element("td", each["caregiver"]), [element("td", each["replies"][name] or "-") for name in names])
        for each in examples
    ]
    return element("div", element("table", head, rows), class_="scroll")


def _name(row: dict[str, Any]) -> str:
    return f"{row['model']}, ranked" if row["column"] == RANKED else str(row["model"])


def _written(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"


def _p(p: float) -> str:
    return f"{p:.3f}" if p >= 0.001 else "< 0.001"


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)

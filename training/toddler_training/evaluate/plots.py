"""Drawings of a comparison."""

from __future__ import annotations

import io
from typing import Any

from matplotlib.figure import Figure

from toddler_training.evaluate.comparison import RANKED, RAW
from toddler_training.evaluate.contestants import CHILDREN

COLOURS = ("#7d8791", "#e0762f", "#3567b0", "#1f9384", "#8a4fb0", "#b3261e", "#b58b1b")
"""For the models, in their order; the children are black."""

SHOWN = ("reward", "childish", "coherence", "length", "judged", "words", "unknown", "refused", "perplexity")
"""Figures that are drawn."""


def figures_plot(table: dict[str, Any]) -> Figure:
    """Each of `SHOWN` for each model, with its interval; filled for raw replies, hollow for ranked ones."""
    measures = [measure for measure in table["measures"] if measure["key"] in SHOWN]
    rows = table["rows"]
    across = min(4, len(measures))
    down = -(-len(measures) // across)
    figure = Figure(figsize=(3.2 * across, (0.8 + 0.26 * len(rows)) * down), layout="constrained")
    colours = _colours(table)
    for axes, measure in zip(figure.subplots(down, across, squeeze=False, sharey=True).flat, measures, strict=False):
        for place, row in enumerate(rows):
            found = row["figures"].get(measure["key"])
            if not found or found["value"] is None:
                continue
            scale = 100 if measure["unit"] == "%" else 1
            colour = colours[row["model"]]
            low, high = found["low"], found["high"]
            if low is not None:
                axes.plot([low * scale, high * scale], [place, place], color=colour, linewidth=1.6)
            fill = "white" if row["column"] == RANKED else colour
            axes.plot(found["value"] * scale, place, "o", color=colour, markerfacecolor=fill, markersize=6)
        axes.set_title(measure["title"] + (", %" if measure["unit"] else ""), fontsize=9)
        axes.set_yticks(range(len(rows)), [_name(row) for row in rows], fontsize=8)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.tick_params(axis="x", labelsize=8)
        axes.grid(axis="x", color="#e9ecef")
        if measure["key"] == "perplexity":
            axes.set_xscale("log")
    for axes in list(figure.axes)[len(measures) :]:
        axes.set_axis_off()
    return figure


def lengths_plot(table: dict[str, Any]) -> Figure:
    """How many raw replies have how many words, against the norms."""
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    axes = figure.subplots()
    for (name, norm), style in zip(table["length_norms"].items(), ("--", ":"), strict=False):
        axes.plot(range(1, len(norm) + 1), [100 * share for share in norm.values()], style, color="black", label=name)
    for row in _raw(table):
        lengths = row["lengths"]
        colour = _colours(table)[row["model"]]
        axes.plot(
            range(1, len(lengths) + 1), [100 * share for share in lengths.values()], color=colour, label=row["model"]
        )
        axes.set_xticks(range(1, len(lengths) + 1), [*list(lengths)[:-1], f"{list(lengths)[-1]}+"])
    axes.set_xlabel("words")
    axes.set_ylabel("replies, %")
    axes.grid(color="#e9ecef")
    axes.legend(fontsize=8, frameon=False)
    return figure


def early_words_plot(table: dict[str, Any]) -> Figure | None:
    """What share of the words half of the children say at an age; None without a CDI table."""
    months = [int(m["key"].removeprefix("early_")) for m in table["measures"] if m["key"].startswith("early_")]
    if not months:
        return None
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    axes = figure.subplots()
    for row in _raw(table):
        found = [row["figures"].get(f"early_{month}", {}).get("value") for month in months]
        if None not in found:
            shares = [100 * share for share in found]
            axes.plot(months, shares, color=_colours(table)[row["model"]], label=row["model"])
    axes.set_xlabel("age of children, months")
    axes.set_ylabel("words of the replies, %")
    axes.grid(color="#e9ecef")
    axes.legend(fontsize=8, frameon=False)
    return figure


def png(figure: Figure) -> bytes:
    """The drawing as a file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130)
    return buffer.getvalue()


def _raw(table: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in table["rows"] if row["column"] == RAW]


def _colours(table: dict[str, Any]) -> dict[str, str]:
    models = [name for name in dict.fromkeys(row["model"] for row in table["rows"]) if name != CHILDREN]
    return {CHILDREN: "black"} | {name: COLOURS[place % len(COLOURS)] for place, name in enumerate(models)}


def _name(row: dict[str, Any]) -> str:
    return str(row["model"]) + (" (ranked)" if row["column"] == RANKED else "")

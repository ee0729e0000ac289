"""Childish against coherent: one point a cell, and the cells that no other one beats in both."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

COLOUR, BASE, LINE = "#3567b0", "#7d8791", "#e0762f"
"""Of the cells, of the base, and of the line through the unbeaten ones."""


def pareto(points: Sequence[tuple[float, float]]) -> list[int]:
    """Places of the points that no other one beats in one coordinate without losing in the other, by the first one."""
    unbeaten = [
        place
        for place, (x, y) in enumerate(points)
        if not any(u >= x and v >= y and (u, v) != (x, y) for u, v in points)
    ]
    return sorted(unbeaten, key=lambda place: points[place])


def draw(table: dict[str, Any], path: Path) -> None:
    """Write the plot as PNG.

    Args:
        table: what stands in table.json.
        path: file to write.
    """
    figure = Figure(figsize=(8, 6), layout="constrained")
    axes = figure.subplots()
    rows = table["cells"]
    points = [(row["childish"]["value"], row["coherence"]["value"]) for row in rows]
    for row, (x, y) in zip(rows, points, strict=True):
        wide, high = _bars(row["childish"]), _bars(row["coherence"])
        colour = BASE if row["name"] == "base" else COLOUR
        axes.errorbar(x, y, xerr=wide, yerr=high, fmt="o", color=colour, elinewidth=0.8, alpha=0.9)
        axes.annotate(row["name"], (x, y), xytext=(6, 5), textcoords="offset points", fontsize=8)
    front = pareto(points)
    axes.plot([points[at][0] for at in front], [points[at][1] for at in front], color=LINE, linewidth=1, zorder=0)
    axes.set_xlabel("childish (RM-1), held-out prompts")
    axes.set_ylabel("coherent (RM-2)")
    axes.set_title("weights RM-1 / RM-2 / RM-3; bars are intervals of 95 %", fontsize=10)
    axes.grid(color="#e9ecef")
    figure.savefig(path, dpi=130)


def _bars(found: dict[str, float]) -> list[list[float]]:
    """How far an interval reaches to both sides."""
    return [[found["value"] - found["low"]], [found["high"] - found["value"]]]

"""The course of a training as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from toddler_training.grpo.monitors import MONITORS

PANELS = {
    "rewards": ("reward", "childish", "coherence", "length"),
    "monitors": (*MONITORS, "clipped", "groups_without_signal"),
    "divergence from the base (nats a token)": ("kl",),
    "tokens a reply": ("reply_tokens",),
}
"""Title of each panel, and the names in the log that it shows."""


def draw_course(lines: Sequence[Mapping[str, Any]], target: Path) -> None:
    """Draw rewards and monitors over the steps; held-out values are dots.

    Args:
        lines: of log.jsonl.
        target: a PNG file.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 8), layout="constrained")
    steps = [line for line in lines if "held_out" not in line]
    scored = [line for line in lines if "held_out" in line]
    for axes, (title, names) in zip(figure.subplots(2, 2).flat, PANELS.items(), strict=True):
        for name in names:
            points = [(line["step"], line[name]) for line in steps if line.get(name) is not None]
            if not points:
                continue
            (curve,) = axes.plot(*zip(*points, strict=True), label=name, linewidth=1)
            dots = [(line["step"], line["held_out"].get(name)) for line in scored]
            dots = [dot for dot in dots if dot[1] is not None]
            if dots:
                axes.plot(*zip(*dots, strict=True), "o", color=curve.get_color(), markersize=4)
        axes.set_title(title)
        axes.set_xlabel("step")
        if axes.lines:
            axes.legend(fontsize="small")
    figure.savefig(target, dpi=100)

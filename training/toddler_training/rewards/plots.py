"""Pictures of the reward models: how a score relates to what it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from robot_runtime.check.length import SplitGaussian


def plot_calibration(file: Path, title: str, figures: Mapping[str, Any]) -> None:
    """Draw the calibration of one model on its held-out children."""
    figure = _figure(4)
    _calibration(figure.subplots(), title, figures)
    figure.savefig(file, dpi=100)


def plot_rewards(file: Path, tested: Mapping[str, Mapping[str, Any]], shape: SplitGaussian) -> None:
    """Draw the calibration of every trained model, and RM-3 over the words of a sentence."""
    figure = _figure(4 * (len(tested) + 1))
    axes = figure.subplots(1, len(tested) + 1, squeeze=False)[0]
    for axis, (name, figures) in zip(axes, tested.items(), strict=False):
        _calibration(axis, name, figures)
    words = [count / 10 for count in range(1, 151)]
    axes[-1].plot(words, [shape.length_score(count) for count in words])
    axes[-1].set(title="length (RM-3)", xlabel="words of a sentence", ylabel="score", ylim=(0, 1.05))
    figure.savefig(file, dpi=100)


def _figure(width: float) -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, 4), layout="constrained")
    return figure


def _calibration(axis: Any, title: str, figures: Mapping[str, Any]) -> None:
    most = max((item["count"] for item in figures["bins"]), default=1)
    axis.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    axis.scatter(
        [item["score"] for item in figures["bins"]],
        [item["label"] for item in figures["bins"]],
        [10 + 190 * item["count"] / most for item in figures["bins"]],
    )
    known = " ".join(f"{key} {figures[key]:.2f}" for key in ("auc", "spearman") if figures[key] is not None)
    axis.set(title=f"{title}: {known}", xlabel="score", ylabel="label", xlim=(0, 1), ylim=(0, 1))

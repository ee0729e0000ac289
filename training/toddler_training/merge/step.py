"""The step `merge`: the adapter becomes part of the model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from toddler_training.base.threads import limit_threads
from toddler_training.config import TrainingConfig
from toddler_training.merge.merge import merge_adapter
from toddler_training.work import Work


def run(work: Work, config: TrainingConfig) -> dict[str, Any]:
    """Merge the best adapter of the run."""
    limit_threads()
    base = Path(json.loads(work.made("grpo", "base.json").read_text("utf-8"))["folder"])
    report = merge_adapter(base, work.made("grpo", "best"), work.out / "model")
    _draw(report["changes"], work.out / "plot.png")
    return report


def _draw(changes: dict[str, float], target: Path) -> None:
    """How much each kind of matrix has changed."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    axes.bar(list(changes), [100 * value for value in changes.values()])
    axes.set_ylabel("change, % of the norm, mean over layers")
    axes.tick_params(axis="x", rotation=30)
    figure.savefig(target, dpi=100)

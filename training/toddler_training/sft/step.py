"""The step `sft`: supervised fine-tuning on the pairs, where it is switched on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from toddler_training.base.base import base_folder
from toddler_training.base.threads import limit_threads
from toddler_training.config import TrainingConfig
from toddler_training.data.tables import read_rows
from toddler_training.work import Work


def run(work: Work, config: TrainingConfig) -> dict[str, Any]:
    """Train, or say that there is nothing to do."""
    if not config.sft.enabled:
        return {"enabled": False}
    from toddler_training.sft.train import train_sft

    limit_threads()
    rows = read_rows(work.made("data", "pairs.parquet"), "caregiver", "child_reply", "split")
    train, validation = (
        [(line, reply) for line, reply, split in rows if split == kind] for kind in ("train", "validation")
    )
    report = train_sft(
        base_folder(config.base),
        train,
        validation,
        config.base,
        config.sft,
        work.out,
        stop=work.stop,
        tell=work.tell,
    )
    _draw(report["losses"], work.out / "plot.png")
    return report


def _draw(losses: dict[str, float], target: Path) -> None:
    """The held-out loss over the steps."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot([int(step) for step in losses], list(losses.values()), "o-")
    axes.set_xlabel("step")
    axes.set_ylabel("held-out loss, nats a token of the reply")
    figure.savefig(target, dpi=100)

"""The step `grpo`: reinforcement by the rewards."""

from __future__ import annotations

from typing import Any

from toddler_training.base.base import base_folder
from toddler_training.base.threads import limit_threads
from toddler_training.config import TrainingConfig
from toddler_training.data.tables import read_rows
from toddler_training.grpo.plot import draw_course
from toddler_training.grpo.processes import processes
from toddler_training.grpo.train import Prompts, train_grpo
from toddler_training.grpo.watch import read_log
from toddler_training.work import Work


def run(work: Work, config: TrainingConfig) -> dict[str, Any]:
    """Train the adapter of the run."""
    from toddler_training.rewards.reward import load_rewards

    limit_threads()
    first = processes().is_main_process  # also gives each process its own GPU, before the rewards go there
    tuned = work.made("sft", "model")
    folder = tuned if tuned.is_dir() else base_folder(config.base)
    report = train_grpo(
        folder,
        read_prompts(work),
        load_rewards(work.made("rewards")),
        config.base,
        config.grpo,
        work.out,
        stop=work.stop,
        tell=work.tell,
    )
    if first:
        draw_course(read_log(work.out / "log.jsonl"), work.out / "plot.png")
    return report


def read_prompts(work: Work) -> Prompts:
    """The prompts that the step `filter` has chosen.

    Raises:
        SettingsError: its file is damaged.
    """
    rows = read_rows(work.made("filter", "prompts.parquet"), "prompt", "split")
    return Prompts(*([prompt for prompt, split in rows if split == kind] for kind in ("train", "validation")))

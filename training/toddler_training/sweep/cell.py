"""One combination of weights: trained on a small budget, then asked; and the base, asked only."""

from __future__ import annotations

import dataclasses
import json
import math
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toddler_training.base.settings import BaseSettings
from toddler_training.evaluate.features import distinct
from toddler_training.grpo.settings import GrpoSettings
from toddler_training.grpo.train import Prompts, train_grpo
from toddler_training.grpo.watch import read_log
from toddler_training.rewards.reward import Reward
from toddler_training.sweep.answering import answers
from toddler_training.sweep.settings import SweepSettings, Weights

REWARDS = ("childish", "coherence", "length")
"""By name, in the order of a cell's weights."""


@dataclass(frozen=True)
class Cell:
    """What became of a combination of weights."""

    weights: Weights
    """Of RM-1, RM-2 and RM-3; all 0 for the base."""
    scores: dict[str, list[float]]
    """By reward, of the reply to each held-out prompt."""
    replies: list[str]
    """To the held-out prompts."""
    course: dict[str, list[float]]
    """By reward, its mean over the replies of each training step; empty for the base."""

    @property
    def name(self) -> str:
        """For people."""
        return "base" if not any(self.weights) else " / ".join(f"{weight:g}" for weight in self.weights)

    @property
    def distinct(self) -> float | None:
        """Share of replies that differ from all before them."""
        return distinct(self.replies)


@dataclass(frozen=True)
class Ground:
    """What all cells have in common."""

    folder: Path
    """Hugging Face folder of the model that training starts from."""
    base: BaseSettings
    """How it is asked."""
    grpo: GrpoSettings
    """How it is trained, but for weights and budget."""
    budget: SweepSettings
    """The budget."""
    prompts: Prompts
    """What it is trained on and asked."""
    rewards: Mapping[str, Reward]
    """By name."""

    @property
    def asked(self) -> Sequence[str]:
        """The held-out prompts."""
        return self.prompts.validation[: self.budget.prompts]


def base_cell(ground: Ground) -> Cell:
    """The base as it is."""
    return _asked(ground, (0.0, 0.0, 0.0), None, {})


def trained_cell(
    ground: Ground, weights: Weights, out: Path, stop: Callable[[], bool], tell: Callable[[str], None]
) -> Cell:
    """Train with these weights and ask; go on where it was cut short, and do nothing where it was done.

    The guards of the step `grpo` are off: a collapse is a result here. So is its choice among checkpoints: the last one
    is asked.

    Raises:
        TrainingStopped: `stop` said so.
    """
    kept = out / "cell.json"
    if kept.is_file():
        found = json.loads(kept.read_text("utf-8"))
        return Cell(**found | {"weights": tuple(found["weights"])})
    childish, coherence, length = weights
    settings = dataclasses.replace(
        ground.grpo,
        childish_weight=childish,
        coherence_weight=coherence,
        length_weight=length,
        steps=ground.budget.steps,
        completions=ground.budget.completions,
        micro_batches=1,
        save_every=ground.budget.steps,
        held_out_prompts=1,
        max_commonest=1.0,
        max_clipped=1.0,
        min_coherence=0.0,
        max_kl=math.inf,
    )
    train_grpo(ground.folder, ground.prompts, ground.rewards, ground.base, settings, out, stop=stop, tell=tell)
    log = [line for line in read_log(out / "log.jsonl") if "held_out" not in line]
    course = {name: [float(line[name]) for line in log if line.get(name) is not None] for name in REWARDS}
    cell = _asked(ground, weights, out / "best", course)
    for checkpoint in out.glob("checkpoint-*"):
        shutil.rmtree(checkpoint)
    kept.write_text(json.dumps(dataclasses.asdict(cell)) + "\n", encoding="utf-8")
    return cell


def _asked(ground: Ground, weights: Weights, adapter: Path | None, course: dict[str, list[float]]) -> Cell:
    lines = ground.asked
    limits: dict[str, Any] = {"temperature": ground.grpo.temperature, "max_tokens": ground.grpo.max_reply_tokens}
    replies = answers(ground.folder, adapter, ground.base, lines, **limits)
    scores = {name: ground.rewards[name].score(lines, replies) for name in REWARDS}
    return Cell(weights, scores, replies, course)

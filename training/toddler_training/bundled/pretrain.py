"""The training run: how fast to learn when, when to save, when to stop, and what to say meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from robot_runtime.errors import SettingsError
from toddler_training.bundled.learner import Learner
from toddler_training.bundled.packing import Rows
from toddler_training.bundled.settings import TrainSettings

CHECKPOINT = "checkpoint.pt"
"""Name of the checkpoint in a run's folder."""


@dataclass(frozen=True)
class Budget:
    """When training ends: whichever comes first."""

    minutes: float | None = None
    """Minutes of training, those before a resumption included."""
    steps: int | None = None
    """Steps, those before a resumption included."""

    def __post_init__(self) -> None:
        """Check that there is an end.

        Raises:
            SettingsError: neither is given, or one is not above 0.
        """
        given = [value for value in (self.minutes, self.steps) if value is not None]
        if not given or min(given) <= 0:
            raise SettingsError("training needs an end: give --minutes or --steps above 0")

    def share(self, seconds: float, steps: int) -> float:
        """How much of the run is over, 0 to 1 and above."""
        parts = [0.0]
        if self.minutes is not None:
            parts.append(seconds / (60 * self.minutes))
        if self.steps is not None:
            parts.append(steps / self.steps)
        return max(parts)


@dataclass(frozen=True)
class Pauses:
    """How often something is done beside training."""

    progress_s: float = 15.0
    """Seconds between two progress lines."""
    checkpoint_s: float = 120.0
    """Seconds between two checkpoints, each with a look at the held-out text."""


def rate(settings: TrainSettings, step: int, share: float) -> float:
    """Learning rate at a step as a share of the highest: warm-up, plateau, straight fall to 0."""
    warm = min((step + 1) / settings.warm_up_steps, 1.0)
    return warm * min(max((1.0 - share) / settings.decay_share, 0.0), 1.0)


def pretrain(
    learner: Learner,
    held_out: Rows,
    budget: Budget,
    folder: Path,
    *,
    resume: bool = False,
    stop: Callable[[], bool] = lambda: False,
    tell: Callable[[str], None] = print,
    pauses: Pauses | None = None,
) -> dict[str, float] | None:
    """Train until the budget is used, saving checkpoints in `folder`.

    Args:
        learner: The model, fresh.
        held_out: Rows to measure on, never learnt from.
        budget: When to end.
        folder: Where the checkpoint lies.
        resume: Go on from the checkpoint, if there is one.
        stop: Asked after each step; when true, a checkpoint is saved and training ends early.
        tell: Called with each progress line.
        pauses: How often to report and to save.

    Returns:
        Notes of the run (seconds, loss, held_out_child, held_out_caregiver), or None when stopped early.

    Raises:
        SettingsError: the checkpoint does not belong to this run.
    """
    pauses = pauses or Pauses()
    path = folder / CHECKPOINT
    before = learner.load(path) if resume and path.is_file() else {"seconds": 0.0}
    notes = dict(before)
    began = told = saved = time.monotonic()
    told_step = learner.step
    smooth = before.get("loss")
    while (share := budget.share(before["seconds"] + time.monotonic() - began, learner.step)) < 1.0:
        loss = learner.learn(rate(learner.settings, learner.step, share)).item()
        smooth = loss if smooth is None else 0.98 * smooth + 0.02 * loss
        now = time.monotonic()
        notes |= {"seconds": before["seconds"] + now - began, "loss": smooth}
        stopping = stop()
        if stopping or now - saved >= pauses.checkpoint_s:
            notes |= _measure(learner, held_out)
            learner.save(path, notes)
            tell(f"checkpoint at step {learner.step}: held-out loss {_losses(notes)}")
            saved = time.monotonic()
        if stopping:
            return None
        if now - told >= pauses.progress_s:
            speed = (learner.step - told_step) * learner.tokens_seen / learner.step / (now - told)
            tell(_progress(learner.step, speed, smooth, notes["seconds"], share))
            told, told_step = now, learner.step
    notes |= _measure(learner, held_out)
    learner.save(path, notes)
    tell(f"trained {learner.step} steps: held-out loss {_losses(notes)}")
    return notes


def _measure(learner: Learner, held_out: Rows) -> dict[str, float]:
    return {f"held_out_{kind}": value for kind, value in learner.held_out(held_out).items()}


def _losses(notes: dict[str, float]) -> str:
    return f"{notes['held_out_child']:.4f} (child) {notes['held_out_caregiver']:.4f} (caregiver)"


def _progress(step: int, speed: float, loss: float, seconds: float, share: float) -> str:
    left = f", {seconds * (1 - share) / share / 60:.1f} min left" if share > 0.001 else ""  # else nobody knows yet
    return f"step {step}  {speed:.0f} tokens/s  loss {loss:.4f}  {seconds / 60:.1f} min{left}"

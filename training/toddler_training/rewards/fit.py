"""Training one classifier on soft labels: cross-entropy, early stopping on held-out children, exact resumption."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F

from robot_runtime.errors import TrainingStopped
from toddler_training.rewards.reward import BATCH, forward

CHECKPOINT = "checkpoint.pt"
"""In the folder of a training that is not finished."""

WINDOW = 16
"""Batches within which texts are sorted by length, so that a batch has little filling."""

CLIP = 1.0
"""Longest gradient; BERT's own."""

Loss = Callable[[Any, Sequence[Any], Sequence[float]], torch.Tensor]
"""Mean loss of a model on inputs and their labels."""


def cross_entropy(model: Any, inputs: Sequence[Any], labels: Sequence[float]) -> torch.Tensor:
    """Of a classifier's outputs, by soft labels."""
    logits = forward(model, inputs)
    return F.binary_cross_entropy_with_logits(logits, torch.tensor(labels, device=logits.device))


@dataclass(frozen=True)
class Encodings:
    """Texts as a model reads them, with their labels."""

    inputs: Sequence[Any]
    """One a text, as the loss takes it: for a classifier `Encoded`."""
    labels: list[float]
    """In [0, 1], one a text."""


@dataclass(frozen=True)
class Budget:
    """How long and how fast a classifier learns; see `RewardsSettings`."""

    epochs: int
    """Passes over the data."""
    batch: int
    """Texts of a step."""
    max_steps: int
    """0 is no such end."""
    learning_rate: float
    """Highest."""
    warm_up: float
    """Share of the steps."""
    weight_decay: float
    """Of matrices."""
    evaluate_every: int
    """Steps."""
    patience: int
    """Looks without a better held-out loss."""
    precision: str
    """`bf16` or `fp32`."""
    seed: int
    """Of the order of the texts and of the dropout."""

    def steps(self, texts: int) -> int:
        """Steps of a whole training."""
        steps = self.epochs * math.ceil(texts / self.batch)
        return min(steps, self.max_steps) if self.max_steps else steps


class Training:
    """A classifier being trained."""

    def __init__(
        self, model: Any, train: Encodings, held_out: Encodings, budget: Budget, loss: Loss = cross_entropy
    ) -> None:
        """Prepare; the model is changed in place."""
        self.model, self._loss = model, loss
        self._train, self._held_out, self._budget = train, held_out, budget
        self._steps = budget.steps(len(train.labels))
        decayed = [parameter for parameter in model.parameters() if parameter.ndim >= 2]
        others = [parameter for parameter in model.parameters() if parameter.ndim < 2]
        groups = [{"params": decayed, "weight_decay": budget.weight_decay}, {"params": others, "weight_decay": 0.0}]
        self._optimizer = torch.optim.AdamW(groups, lr=budget.learning_rate)
        self.step = 0
        """Steps done."""
        self.history: list[dict[str, float]] = []
        """Of each look: step, train_loss (mean since the last look), held_out_loss."""
        self._best: dict[str, Any] = {}
        self._order: list[list[int]] = []
        self._losses: list[float] = []

    def run(self, folder: Path, stop: Callable[[], bool], bar: Callable[[range], Any]) -> None:
        """Train to the end, or until the held-out loss has not fallen for a while; the best model is what remains.

        Args:
            folder: where a checkpoint is found and written.
            stop: whether the user wants an end.
            bar: shows progress; yields the numbers of the steps that are left.

        Raises:
            TrainingStopped: `stop` said so, a checkpoint is saved.
        """
        path = folder / CHECKPOINT
        if path.is_file():
            self._load(path)
        else:
            torch.manual_seed(self._budget.seed)
        if not self._finished():
            for _ in bar(range(self.step, self._steps)):
                self._losses.append(self._learn())
                if self.step % self._budget.evaluate_every == 0 or self.step == self._steps:
                    self._look()
                    self._save(path)
                    if self._finished():
                        break
                if stop():
                    self._save(path)
                    raise TrainingStopped(f"stopped at step {self.step}; the same command goes on from {folder}")
        self.model.load_state_dict(self._best)
        self.model.eval()

    @property
    def best_step(self) -> int:
        """The look with the least held-out loss."""
        return int(min(self.history, key=lambda look: look["held_out_loss"])["step"])

    def _finished(self) -> bool:
        looks_since = sum(look["step"] > self.best_step for look in self.history) if self.history else 0
        return self.step >= self._steps or looks_since >= self._budget.patience

    def _learn(self) -> float:
        for group in self._optimizer.param_groups:
            group["lr"] = self._rate() * self._budget.learning_rate
        self.model.train()
        places = self._batch()
        with self._autocast():
            loss = self._loss(
                self.model, [self._train.inputs[at] for at in places], [self._train.labels[at] for at in places]
            )
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), CLIP)
        self._optimizer.step()
        self._optimizer.zero_grad()
        self.step += 1
        return float(loss.detach())

    def _rate(self) -> float:
        """Share of the highest learning rate: up in a line, then down to 0 in a line."""
        warm = max(1, round(self._budget.warm_up * self._steps))
        return min((self.step + 1) / warm, (self._steps - self.step) / max(1, self._steps - warm))

    def _batch(self) -> list[int]:
        """Numbers of the next texts: each epoch has an order of its own, known from the seed alone."""
        size = self._budget.batch
        epoch, place = divmod(self.step, math.ceil(len(self._train.labels) / size))
        if place == 0 or not self._order:  # or resumed within an epoch
            lot = random.Random(self._budget.seed + epoch)
            mixed = lot.sample(range(len(self._train.labels)), len(self._train.labels))
            ordered: list[int] = []
            for start in range(0, len(mixed), size * WINDOW):
                ordered += sorted(mixed[start : start + size * WINDOW], key=lambda at: len(self._train.inputs[at][0]))
            self._order = [ordered[start : start + size] for start in range(0, len(ordered), size)]
            lot.shuffle(self._order)
        return self._order[place]

    def _autocast(self) -> Any:
        return torch.autocast(self.model.device.type, torch.bfloat16, enabled=self._budget.precision == "bf16")

    def _look(self) -> None:
        look = {
            "step": self.step,
            "train_loss": sum(self._losses) / len(self._losses),
            "held_out_loss": self._held_out_loss(),
        }
        if not self.history or look["held_out_loss"] < min(each["held_out_loss"] for each in self.history):
            self._best = {name: value.detach().clone() for name, value in self.model.state_dict().items()}
        self.history.append(look)
        self._losses = []

    @torch.no_grad()
    def _held_out_loss(self) -> float:
        self.model.eval()
        order = sorted(range(len(self._held_out.labels)), key=lambda at: len(self._held_out.inputs[at][0]))
        total = 0.0
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            with self._autocast():
                inputs, labels = self._held_out.inputs, self._held_out.labels
                loss = self._loss(self.model, [inputs[at] for at in places], [labels[at] for at in places])
            total += float(loss) * len(places)
        return total / len(order)

    def _save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        state = {
            "step": self.step,
            "history": self.history,
            "losses": self._losses,
            "model": self.model.state_dict(),
            "best": self._best,
            "optimizer": self._optimizer.state_dict(),
            "random": torch.get_rng_state(),
        }
        torch.save(state, path.with_suffix(".new"))
        path.with_suffix(".new").replace(path)

    def _load(self, path: Path) -> None:
        state = torch.load(path, weights_only=True, map_location="cpu")
        self.step, self.history, self._losses = state["step"], state["history"], state["losses"]
        self._best = state["best"]
        self.model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["random"])

"""One model being trained: its optimisers, one step, its loss on unseen text, and its checkpoint."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from robot_runtime.errors import SettingsError
from toddler_training.bundled.muon import Muon
from toddler_training.bundled.packing import CAREGIVER, CHILD_SPEECH, Rows
from toddler_training.bundled.settings import TrainSettings
from toddler_training.bundled.shape import ModelShape, grow, new_model


class Learner:
    """A model and everything that changes it."""

    def __init__(self, shape: ModelShape, settings: TrainSettings, rows: Rows, start: Any = None) -> None:
        """Make a model.

        Args:
            shape: Its dimensions.
            settings: How to train it.
            rows: What it learns from.
            start: A model to grow from, of the same widths; None for random weights.

        Raises:
            SettingsError: `start` does not fit.
        """
        torch.manual_seed(settings.seed)
        self.shape = shape
        self.settings = settings
        self.step = 0
        """Steps done."""
        self.model = new_model(shape)
        """The `LlamaForCausalLM`."""
        if start is not None:
            grow(self.model, start)
        self._rows = rows
        inner = [p for name, p in self.model.named_parameters() if p.ndim == 2 and "embed" not in name]
        taken = {id(parameter) for parameter in inner}
        others = [p for p in self.model.parameters() if id(p) not in taken]
        self._optimizers: list[torch.optim.Optimizer] = [
            Muon(inner, settings.learning_rate, weight_decay=settings.weight_decay),
            torch.optim.AdamW(others, settings.learning_rate, betas=(0.9, 0.95), weight_decay=0.0, fused=True),
        ]
        self._trunk = torch.compile(self.model.model) if settings.compile else self.model.model

    @property
    def tokens_seen(self) -> int:
        """Tokens trained on, filling included."""
        return self.step * self.settings.batch_rows * self.settings.row_length

    def learn(self, rate: float) -> Tensor:
        """Do one step.

        Args:
            rate: Learning rate as a share of the highest, 0 to 1.

        Returns:
            The weighted loss in nats before the step.
        """
        for optimizer in self._optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate * self.settings.learning_rate
        losses, kinds = self._losses(self._trunk, self._rows, self._batch())
        weights = torch.where(kinds == CHILD_SPEECH, 1.0, self.settings.caregiver_weight)
        loss = (losses * weights).sum() / weights.sum()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip)
        for optimizer in self._optimizers:
            optimizer.step()
            optimizer.zero_grad()
        self.step += 1
        return loss.detach()

    def _batch(self) -> Tensor:
        """Numbers of the next rows: every epoch has an order of its own, known from the seed alone."""
        count, size = len(self._rows.tokens), self.settings.batch_rows
        per_epoch = max(count // size, 1)
        epoch, place = divmod(self.step, per_epoch)
        generator = torch.Generator().manual_seed(self.settings.seed + epoch)
        return torch.randperm(count, generator=generator)[place * size : (place + 1) * size]

    def _losses(self, trunk: Any, rows: Rows, batch: Tensor) -> tuple[Tensor, Tensor]:
        """Loss of every token that is to be learnt, and its kind."""
        at = batch.numpy()
        tokens = torch.from_numpy(rows.tokens[at].astype("int64"))
        kinds = torch.from_numpy(rows.kinds[at])[:, 1:].reshape(-1)
        talks = torch.from_numpy(rows.talks[at])
        length = tokens.shape[1]
        same = talks[:, :, None] == talks[:, None, :]
        mask = (same & torch.ones(length, length, dtype=torch.bool).tril())[:, None]
        hidden = trunk(input_ids=tokens, attention_mask=mask, use_cache=False).last_hidden_state
        learnt = (kinds >= CAREGIVER).nonzero().squeeze(1)
        chosen = hidden[:, :-1].reshape(-1, hidden.shape[-1])[learnt]
        logits = F.linear(chosen, self.model.get_input_embeddings().weight)
        return F.cross_entropy(logits, tokens[:, 1:].reshape(-1)[learnt], reduction="none"), kinds[learnt]

    @torch.no_grad()
    def held_out(self, rows: Rows) -> dict[str, float]:
        """Mean loss in nats a token on unseen rows, of the child's and of the caregiver's tokens."""
        sums, counts = torch.zeros(3), torch.zeros(3)
        size = self.settings.batch_rows
        for at in range(0, len(rows.tokens), size):
            batch = torch.arange(at, min(at + size, len(rows.tokens)))
            losses, kinds = self._losses(self.model.model, rows, batch)
            sums.index_add_(0, kinds.int(), losses)
            counts.index_add_(0, kinds.int(), torch.ones_like(losses))
        means = (sums / counts.clamp(min=1)).tolist()
        return {"child": means[CHILD_SPEECH], "caregiver": means[CAREGIVER]}

    def save(self, path: Path, notes: dict[str, float]) -> None:
        """Write a checkpoint; an old one is replaced only when the new one is complete."""
        path.parent.mkdir(parents=True, exist_ok=True)
        state = {
            "about": self._about(),
            "step": self.step,
            "notes": notes,
            "model": self.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self._optimizers],
        }
        new = path.with_suffix(".new")
        torch.save(state, new)
        os.replace(new, path)

    def load(self, path: Path) -> dict[str, float]:
        """Go on from a checkpoint; returns its notes.

        Raises:
            SettingsError: it was made with other settings, another shape or other rows.
        """
        state = torch.load(path, weights_only=True)
        if state["about"] != self._about():
            raise SettingsError(
                f"{path} belongs to a run with other settings or another corpus; start afresh without --resume"
            )
        self.step = state["step"]
        self.model.load_state_dict(state["model"])
        for optimizer, saved in zip(self._optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        notes: dict[str, float] = state["notes"]
        return notes

    def _about(self) -> dict[str, Any]:
        rows = {"rows": len(self._rows.tokens), "sum": int(self._rows.tokens.sum(dtype="int64"))}
        return {"shape": asdict(self.shape), "settings": asdict(self.settings), **rows}

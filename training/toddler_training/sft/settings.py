"""Settings of the step `sft`."""

from __future__ import annotations

from dataclasses import dataclass

from robot_runtime.errors import SettingsError


@dataclass(frozen=True)
class SftSettings:
    """`[sft]`. The published model was trained without this step; all values are our choice."""

    enabled: bool = False
    """Whether the model first learns to write the children's replies of the training pairs."""
    steps: int = 500
    """Optimiser steps, 1 or more."""
    batch: int = 32
    """Pairs a step, over all processes, 1 or more."""
    learning_rate: float = 2e-4
    """Highest learning rate: it rises over the first twentieth of the steps, then falls as a cosine. Usual for LoRA; a
    tenth of it suits a training of all weights."""
    lora_rank: int = 64
    """Rank of the adapter, its scale being 1; 0 trains all weights."""
    longest: int = 192
    """Prompt and reply in tokens; longer pairs are left out and counted."""
    save_every: int = 100
    """Steps between two checkpoints, each with the loss on validation pairs."""
    held_out_pairs: int = 500
    """Validation pairs for that loss."""

    def __post_init__(self) -> None:
        """Refuse what cannot be trained."""
        if min(self.steps, self.batch, self.save_every, self.held_out_pairs) < 1 or self.lora_rank < 0:
            raise SettingsError("steps, batch, save_every and held_out_pairs must be 1 or more, lora_rank 0 or more")

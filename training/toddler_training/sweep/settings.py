"""Settings of the step `sweep`."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from robot_runtime.errors import SettingsError


@dataclass(frozen=True)
class SweepSettings:
    """`[sweep]`: every combination of the weights below is trained with what `[grpo]` says, but for the budget."""

    childish: str = "1"
    """Weights of RM-1, with commas between them, each 0 or more."""
    coherence: str = "0,0.2,1,4"
    """Weights of RM-2. 0.2 is the model card's; 0 is RM-1 alone where RM-3's weight is 0, too; the largest should be so
    large that RM-2 outweighs RM-1."""
    length: str = "0,0.5"
    """Weights of RM-3. 0.5 is the model card's."""
    steps: int = 200
    """Optimiser steps of each cell; our choice: a tenth of the card's."""
    completions: int = 64
    """Replies sampled in a step; a multiple of `grpo.generations`. Our choice."""
    prompts: int = 200
    """Held-out prompts that each cell answers in the end, 1 or more."""
    draws: int = 2000
    """Bootstrap samples of these prompts, 100 or more."""

    def __post_init__(self) -> None:
        """Refuse what is no grid."""
        if min(self.steps, self.completions, self.prompts) < 1 or self.draws < 100:
            raise SettingsError("steps, completions and prompts must be 1 or more, draws 100 or more")
        if not self.cells():
            raise SettingsError("childish, coherence and length hold no combination of weights that is not all 0")

    def cells(self) -> list[tuple[float, float, float]]:
        """The combinations (RM-1, RM-2, RM-3), without the one of nothing.

        Raises:
            SettingsError: something is no weight.
        """
        childish = _weights("childish", self.childish)
        coherence = _weights("coherence", self.coherence)
        length = _weights("length", self.length)
        return [cell for cell in product(childish, coherence, length) if any(cell)]


def _weights(name: str, text: str) -> list[float]:
    try:
        weights = [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        weights = [-1.0]
    if not all(0 <= weight < 1e6 for weight in weights):
        raise SettingsError(f"{name} = {text!r} should be numbers of 0 or more with commas between them")
    return list(dict.fromkeys(weights))

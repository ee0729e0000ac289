"""Settings of the step `sweep`."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from robot_runtime.errors import SettingsError

Weights = tuple[float, float, float]
"""Of RM-1, RM-2 and RM-3."""


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
    cells: str = ""
    """The combinations themselves, each as `RM-1/RM-2/RM-3`, with commas between them; then the three above do not
    count. What the model card observed needs `1/0/0, 1/0.2/0.5` and one with more of RM-2, such as `1/4/0.5`."""
    steps: int = 200
    """Optimiser steps of each cell; our choice: a tenth of the card's."""
    completions: int = 64
    """Replies sampled in a step; a multiple of `grpo.generations`. Our choice."""
    prompts: int = 200
    """Held-out prompts that each cell answers in the end, 1 or more."""
    draws: int = 2000
    """Bootstrap samples of these prompts, 100 or more."""

    def __post_init__(self) -> None:
        """Refuse what is no sweep."""
        if min(self.steps, self.completions, self.prompts) < 1 or self.draws < 100:
            raise SettingsError("steps, completions and prompts must be 1 or more, draws 100 or more")
        if not self.combinations():
            raise SettingsError("the sweep has no combination of weights that is not all 0")

    def combinations(self) -> list[Weights]:
        """Weights of RM-1, RM-2 and RM-3 for each cell, without the one of nothing.

        Raises:
            SettingsError: something is no weight.
        """
        if self.cells:
            found = [_cell(part) for part in self.cells.split(",")]
        else:
            childish = _weights("childish", self.childish, ",")
            coherence = _weights("coherence", self.coherence, ",")
            found = list(product(childish, coherence, _weights("length", self.length, ",")))
        return [cell for cell in dict.fromkeys(found) if any(cell)]


def _cell(text: str) -> Weights:
    weights = _weights("cells", text, "/")
    if len(weights) != 3:
        raise SettingsError(f"cells: {text.strip()!r} should be three weights, such as 1/0.2/0.5")
    return weights[0], weights[1], weights[2]


def _weights(name: str, text: str, between: str) -> list[float]:
    try:
        weights = [float(part) for part in text.split(between) if part.strip()]
    except ValueError:
        weights = [-1.0]
    if not all(0 <= weight < 1e6 for weight in weights):
        raise SettingsError(f"{name}: {text.strip()!r} should be numbers of 0 or more with '{between}' between them")
    return weights

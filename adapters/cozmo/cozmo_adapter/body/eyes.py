"""What eyes do by themselves: blinks and small glances, at random times that a seed settles.

Both run on the caller's clock from the first moment they are asked about, whatever else is asked in between, so the
same seed gives the same life at any frame rate.
"""

from __future__ import annotations

import math

import numpy as np

BLINK_EVERY_S = (3.0, 5.0)
"""Shortest and longest time from blink to blink; people at rest blink every 3 to 5 s."""

BLINK_S = 0.15
"""Length of a blink: a third each for closing, shut, and opening."""

GLANCE_EVERY_S = (0.8, 2.8)
"""Shortest and longest time that the eyes stay where they are."""

GLANCE = (0.4, 0.25)
"""How far a glance goes at most, to a side and up or down; 1 is as far as the eyes can go."""


class Blinks:
    """When the eyes are shut."""

    def __init__(self, seed: int) -> None:
        """Draw the times from `seed`."""
        self._random = np.random.default_rng([seed, 0])
        self._next = math.nan

    def shut(self, now: float) -> float:
        """How far, 0 to 1, at a time of the caller's clock that never goes back."""
        if math.isnan(self._next):
            self._next = now + self._random.uniform(*BLINK_EVERY_S)
        while now >= self._next + BLINK_S:
            self._next += self._random.uniform(*BLINK_EVERY_S)
        done = (now - self._next) / BLINK_S
        return min(max(3 * min(done, 1 - done), 0.0), 1.0)


class Glances:
    """Where the eyes wander."""

    def __init__(self, seed: int) -> None:
        """Draw times and places from `seed`."""
        self._random = np.random.default_rng([seed, 1])
        self._next = math.nan
        self._place = (0.0, 0.0)

    def place(self, now: float) -> tuple[float, float]:
        """To the right and up, at a time of the caller's clock that never goes back."""
        if math.isnan(self._next):
            self._next = now + self._random.uniform(*GLANCE_EVERY_S)
        while now >= self._next:
            x, y = self._random.uniform(-1, 1, 2)
            self._place = (x * GLANCE[0], y * GLANCE[1])
            self._next += self._random.uniform(*GLANCE_EVERY_S)
        return self._place

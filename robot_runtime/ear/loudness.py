"""How far sound stands out from the noise of the room."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from robot_runtime.ear.blocks import BLOCK_S

_MEMORY_S = 4.0
"""The noise of the room is the quietest moment of this time: longer than people speak without any pause, short enough
that a fan that was switched on counts as noise soon."""
_PIECES = 8
_PIECE_BLOCKS = round(_MEMORY_S / _PIECES / BLOCK_S)
_SMOOTHING = 0.3
"""Weight of a new block in the level whose minimum is taken; one quiet block of 20 ms is no pause."""
_FIRST_DBFS = -50.0
"""What the noise is taken for at first, unless it is less: a room that is not quiet."""
_LOWEST_DBFS = -65.0
"""Lower noise counts as this, so that a breath in a studio is no speech."""
_RISE_DB = 9.0
"""From the first doubt to certainty."""


class Loudness:
    """Follows the noise of the room and judges each block against it."""

    def __init__(self, above_noise_db: float) -> None:
        """Sound less than `above_noise_db` dB above the noise does not count."""
        self._above_noise_db = above_noise_db
        self._smooth: float | None = None
        self._quietest = deque([_FIRST_DBFS], _PIECES)
        self._blocks = 0

    @property
    def noise_dbfs(self) -> float:
        """Level of the noise, in dB of full scale."""
        return max(_LOWEST_DBFS, min(self._quietest))

    def feed(self, pcm: NDArray[np.int16]) -> float:
        """Take the next block; 0 when it is no louder than the noise, 1 when it stands out clearly."""
        level = level_dbfs(pcm)
        self._smooth = level if self._smooth is None else self._smooth + _SMOOTHING * (level - self._smooth)
        if self._blocks == _PIECE_BLOCKS:
            self._quietest.append(self._smooth)
            self._blocks = 0
        self._quietest[-1] = min(self._quietest[-1], self._smooth)
        self._blocks += 1
        return float(np.clip((level - self.noise_dbfs - self._above_noise_db) / _RISE_DB, 0, 1))


def level_dbfs(pcm: NDArray[np.int16]) -> float:
    """Return the level of the samples in dB of full scale, -100 for digital silence."""
    power = float(np.mean(np.square(pcm.astype(np.float64)))) / 32768**2
    return 10 * float(np.log10(max(power, 1e-10)))

"""Sound on the time axis of a room."""

from __future__ import annotations

import math
from collections import deque

import numpy as np
from numpy.typing import NDArray

AUDIBLE = 300
"""From here on a sample is heard, of 32767: 41 dB below full scale."""

BREATH_S = 0.5
"""A shorter silence is a pause within what is said; between two words of the robot pass up to 0.3 s."""


class Track:
    """Mono sound; silence where nothing was put."""

    def __init__(self, rate: int, memory_s: float = math.inf) -> None:
        """Nothing yet.

        Args:
            rate: Hz.
            memory_s: what ended so many seconds before the latest sound is forgotten.
        """
        self.rate = rate
        """Hz."""
        self.spoken: list[tuple[float, float]] = []
        """When something audible began and ended, in seconds; `BREATH_S` of silence lies between two of them."""
        self._memory = memory_s * rate
        self._pieces: deque[tuple[int, NDArray[np.int16]]] = deque()
        self._end = 0

    @property
    def end_s(self) -> float:
        """When the latest sound ends, in seconds."""
        return self._end / self.rate

    def put(self, pcm: NDArray[np.int16], at_s: float | None = None) -> None:
        """Add samples, shape (n,), at a time in seconds that lies after all others, or where the track ends."""
        first = self._end if at_s is None else max(self._end, round(at_s * self.rate))
        self._end = first + len(pcm)
        self._pieces.append((first, pcm))
        while first - self._pieces[0][0] - len(self._pieces[0][1]) > self._memory:
            self._pieces.popleft()
        audible = np.flatnonzero(np.abs(pcm.astype(np.int32)) > AUDIBLE)
        for sample in audible[[0, -1]] if len(audible) else ():
            seconds = (first + int(sample)) / self.rate
            if self.spoken and seconds - self.spoken[-1][1] < BREATH_S:
                self.spoken[-1] = (self.spoken[-1][0], seconds)
            else:
                self.spoken.append((seconds, seconds))

    def read(self, first: int, count: int) -> NDArray[np.int16]:
        """Return `count` samples from number `first` (0 or more) on."""
        sound = np.zeros(count, np.int16)
        for begin, pcm in reversed(self._pieces):
            if begin + len(pcm) <= first:
                break
            low, high = max(first, begin), min(first + count, begin + len(pcm))
            if low < high:
                sound[low - first : high - first] = pcm[low - begin : high - begin]
        return sound

"""The unit in which sound travels through the ear: 20 ms at 16 kHz, numbered by sample.

Time in the ear is counted in samples, so that it is the same for a microphone and for a file read at full speed. Where
sound is missing, because a device was gone or a queue was full, the numbers skip.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robot_runtime.ear.recogniser import RATE

BLOCK_SAMPLES = 320
"""Samples in a block."""
BLOCK_S = BLOCK_SAMPLES / RATE
"""Seconds in a block: 20 ms, short beside the 200 ms after which a pause is noticed."""


@dataclass(frozen=True)
class Block:
    """20 ms of sound."""

    pcm: NDArray[np.int16]
    """Mono samples at `RATE`, shape (`BLOCK_SAMPLES`,)."""
    first: int
    """Number of its first sample, counted from the beginning of the source."""

    @property
    def end(self) -> int:
        """Number of the sample after its last."""
        return self.first + len(self.pcm)

    @property
    def end_s(self) -> float:
        """When it ends, in seconds from the beginning of the source."""
        return self.end / RATE


class BlockCutter:
    """Cuts a stream of samples into blocks."""

    def __init__(self) -> None:
        """Begin at sample 0."""
        self._first = 0
        self._rest = np.zeros(0, np.int16)

    def cut(self, pcm: NDArray[np.int16]) -> Iterator[Block]:
        """Take any number of mono samples at `RATE`, and yield the blocks that they complete."""
        self._rest = np.concatenate([self._rest, pcm])
        while len(self._rest) >= BLOCK_SAMPLES:
            block = Block(self._rest[:BLOCK_SAMPLES], self._first)
            self._rest = self._rest[BLOCK_SAMPLES:]
            self._first = block.end
            yield block

    def skip(self, samples: int) -> None:
        """Let `samples` pass unheard, together with the samples that do not fill a block yet."""
        self._first += len(self._rest) + samples
        self._rest = self._rest[:0]

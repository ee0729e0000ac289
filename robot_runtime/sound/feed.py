"""Hands the samples of one utterance to a sound device, which asks for them from its own thread."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt


class Feed:
    """Samples, then silence for as long as the device holds samples back, then the end."""

    def __init__(self, pcm: npt.NDArray[np.int16], *, on_first: Callable[[], None], on_end: Callable[[], None]) -> None:
        """Prepare mono `pcm`. Both callbacks run in the device's thread, at most once each.

        Args:
            pcm: mono samples.
            on_first: called when the device takes the first sample.
            on_end: called when the device has played the last one.
        """
        self.tail = 0
        """Samples between the device's taking one and playing it; set by the output when it knows."""
        self.taken = 0
        """Samples asked for so far; stands still when the device does."""
        self._data = pcm.tobytes()
        self._on_first = on_first
        self._on_end = on_end
        self._ended = False

    @property
    def samples(self) -> int:
        """Length of the utterance in samples."""
        return len(self._data) // 2

    def take(self, count: int) -> bytes:
        """Return the next `count` samples (2 bytes each), silence after the last."""
        if self.taken == 0:
            self._on_first()
        chunk = self._data[2 * self.taken : 2 * (self.taken + count)]
        # The end is due when everything taken BEFORE this call has had time to be heard.
        if self.taken >= self.samples + self.tail and not self._ended:
            self._ended = True
            self._on_end()
        self.taken += count
        return chunk.ljust(2 * count, b"\0")

    def mute(self) -> None:
        """Give silence from now on; the quickest way to stop a device that is slow to close."""
        self._data = self._data[: 2 * self.taken]

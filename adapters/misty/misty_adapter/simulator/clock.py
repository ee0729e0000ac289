"""The simulator's time, which may run faster than ours."""

from __future__ import annotations

import asyncio
import time


class Clock:
    """Seconds that pass `factor` times as fast as those on the wall."""

    def __init__(self, factor: float = 1.0) -> None:
        """Start at zero.

        Args:
            factor: 1 is real time, 100 lets a hundred simulated seconds pass in each.
        """
        self.factor = factor
        self._started = time.monotonic()

    def now(self) -> float:
        """Simulated seconds since the clock was made."""
        return (time.monotonic() - self._started) * self.factor

    async def sleep(self, seconds: float) -> None:
        """Wait for simulated seconds; none or less only lets others run."""
        await asyncio.sleep(max(seconds, 0.0) / self.factor)

"""What a bad Wi-Fi does to datagrams: loses, delays, doubles and reorders them, the same way for the same seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

OVERTAKEN_S = 0.05
"""How much later a reordered datagram comes: more than a robot's tick of 33 ms, so that the next one overtakes it."""

APART_S = 1e-6
"""Least time between two delayed datagrams, so that they keep their order."""


@dataclass(frozen=True)
class Faults:
    """Probabilities 0..1 for each datagram; "up" is from the client to the robot, "down" the other way."""

    loss_up: float = 0.0
    """It never arrives."""
    loss_down: float = 0.0
    """It never arrives."""
    duplicate_up: float = 0.0
    """It arrives twice."""
    duplicate_down: float = 0.0
    """It arrives twice."""
    reorder_up: float = 0.0
    """It arrives after those that were sent up to 50 ms later."""
    reorder_down: float = 0.0
    """It arrives after those that were sent up to 50 ms later."""
    delay_ms: float = 0.0
    """Every datagram is on its way so long, each way."""
    jitter_ms: float = 0.0
    """Up to so much longer, evenly distributed, each way; none overtakes another by that, as in a radio's queue."""
    seed: int = 0
    """The same seed gives the same fates to the same sequence of datagrams."""

    def __post_init__(self) -> None:
        """Refuse what is no probability or no time."""
        for name in ("loss", "duplicate", "reorder"):
            for way in ("up", "down"):
                value = getattr(self, f"{name}_{way}")
                if not 0 <= value <= 1:
                    raise ValueError(f"{name}_{way} is a probability from 0 to 1, not {value}")
        for name in ("delay_ms", "jitter_ms"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} is a time of 0 ms or more, not {getattr(self, name)}")


class Channel:
    """One way of the link."""

    def __init__(self, faults: Faults, *, up: bool) -> None:
        """Prepare the fates of the datagrams that go this way."""
        self._loss = faults.loss_up if up else faults.loss_down
        self._duplicate = faults.duplicate_up if up else faults.duplicate_down
        self._reorder = faults.reorder_up if up else faults.reorder_down
        self._delay_s = faults.delay_ms / 1e3
        self._jitter_s = faults.jitter_ms / 1e3
        self._last = 0.0
        self._random = random.Random(f"{faults.seed} {'up' if up else 'down'}")

    def fate(self, now: float) -> list[float]:
        """What becomes of the next datagram: when every copy of it arrives that does; empty if it is lost.

        Args:
            now: when it is sent, in seconds of any steady clock.
        """
        # Always as many draws, so that one fault more leaves the others where they were.
        lost, doubled, overtaken, first, second = (self._random.random() for _ in range(5))
        if lost < self._loss:
            return []
        copies = (first, second) if doubled < self._duplicate else (first,)
        arrivals = [max(now + self._delay_s + late * self._jitter_s, self._last) for late in copies]
        if overtaken < self._reorder:
            return [arrival + OVERTAKEN_S for arrival in arrivals]
        if max(arrivals) > now:
            self._last = max(arrivals) + APART_S
        return arrivals

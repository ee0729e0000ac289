"""When Cozmo's motors have to be off."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from cozmo_adapter.body.orientation import LYING, orientation
from cozmo_adapter.connection.telemetry import Status, Telemetry

STALE_S = 1.5
"""Age of telemetry that says nothing of the robot any more; it comes thirty times a second."""

BACK_S = 1.0
"""How long a reason has to be gone before the motors are on again."""


class Off(StrEnum):
    """Why the motors are off."""

    DISABLED = "disabled"
    STOPPED = "stopped"
    CLOSED = "closed"
    NO_TELEMETRY = "no_telemetry"
    CHARGER = "charger"
    CLIFF = "cliff"
    PICKED_UP = "picked_up"
    FALLING = "falling"
    FALLEN = "fallen"


FLAGS = {
    Status.ON_CHARGER: Off.CHARGER,
    Status.CLIFF: Off.CLIFF,
    Status.PICKED_UP: Off.PICKED_UP,
    Status.FALLING: Off.FALLING,
}
"""Flags of a RobotState with which nothing may move."""


class Safety:
    """The reasons against moving: some hold until they are let go, others as long as telemetry shows them."""

    def __init__(self, *, anywhere: bool = False) -> None:
        """Know nothing of the robot, which is a reason; `anywhere` leaves charger and edge out."""
        self._passed_over = frozenset({Off.CHARGER, Off.CLIFF} if anywhere else ())
        self._held: set[Off] = set()
        self._seen: dict[Off, float] = {}
        self._now: float | None = None

    def hold(self, off: Off) -> None:
        """Have a reason until `let_go`."""
        self._held.add(off)

    def let_go(self, off: Off) -> None:
        """End a `hold`; the reason still lasts its second."""
        if off in self._held and self._now is not None:
            self._seen[off] = self._now
        self._held.discard(off)

    def look(self, now: float, telemetry: Telemetry | None) -> None:
        """Take in the latest telemetry, at `now` seconds of the clock of `telemetry.at`."""
        if self._now is None:
            self._seen[Off.NO_TELEMETRY] = now
        self._now = now
        for off in {*self._held, *_shown(telemetry, now)} - self._passed_over:
            self._seen[off] = now

    def reasons(self) -> frozenset[Off]:
        """All reasons as of the last `look`, and those that were gone for less than a second then."""
        if self._now is None:
            return frozenset({*self._held, Off.NO_TELEMETRY})
        return frozenset({*self._held, *(off for off, at in self._seen.items() if self._now - at < BACK_S)})

    def clear_s(self) -> float:
        """For how long there has been no reason, in seconds before the last `look`."""
        return 0.0 if self._now is None or self._held else self._now - max(self._seen.values())


def _shown(telemetry: Telemetry | None, now: float) -> Iterator[Off]:
    if telemetry is None or not now - telemetry.at <= STALE_S:
        yield Off.NO_TELEMETRY
        return
    yield from (off for flag, off in FLAGS.items() if flag in telemetry.status)
    if orientation(telemetry.accel_mm_s2) in LYING:
        yield Off.FALLEN

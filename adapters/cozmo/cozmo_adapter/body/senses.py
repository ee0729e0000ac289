"""From what Cozmo reports of its body to what happened to it."""

from __future__ import annotations

import math

from cozmo_adapter.body.battery import Battery, Gauge
from cozmo_adapter.body.orientation import LYING, Orientation, orientation
from cozmo_adapter.connection.telemetry import Status, Telemetry
from robot_runtime.robot import RobotEvent

STEADY_S = 0.3
"""How long a change has to last before it counts: treads lose the ground for a moment on every doorstep."""

APART_S = 0.6
"""Least time between two changes of one thing, so that the same change does not come twice in a second."""

LYING_S = 1.0
"""How long a body lies, or stands again, before that counts."""

STILL_RAD_S = 0.05
"""A body that turns slower than this is held by nobody (assumed: hands tremble more)."""

FALL_S = 0.5
"""A fall that is not reported any more this long after it began is over: 1.2 m, more than a table's height."""

TAP_MM_S2 = 3000.0
"""Deviation of the accelerometer's magnitude that is a tap (assumed, not measured: a third of gravity)."""

TAP_BASELINE_S = 2.0
"""Time constant of the baseline that a tap deviates from."""

TAP_CONFIRMED_S = 0.2
"""How long nothing else may follow a tap: to be picked up begins with a jolt too."""

ONCE_S = 1.0
"""Least time between two events of one kind."""

IMPLAUSIBLE = 1e6
"""No volt, mm/s^2 or rad/s that a Cozmo measures is as large; a damaged RobotState may hold anything."""

PACKETS = {"ButtonPressed": "button", "RobotPoked": "tapped", "ObjectTapped": "cube_tapped"}
"""Packets that are an event each, and its kind."""


class Steady:
    """Something that is or is not, and that flickers."""

    def __init__(self) -> None:
        """Know nothing; the first reading is how things are."""
        self.value: bool | None = None
        self._since: float | None = None
        self._changed = -math.inf

    def settle(self, value: bool, at: float, lasting_s: float = STEADY_S) -> bool:
        """Take a reading; true if the value has changed, which takes `lasting_s` seconds of the same reading."""
        if self.value is None:
            self.value = value
        if value == self.value:
            self._since = None
            return False
        if self._since is None:
            self._since = at
        if at - self._since < lasting_s or at - self._changed < APART_S:
            return False
        self.know(value, at)
        return True

    def know(self, value: bool, at: float) -> None:
        """Be told by somebody who knows."""
        self.value, self._since, self._changed = value, None, at

    def wait(self) -> None:
        """No reading can be taken now: a change that has begun has to begin again."""
        self._since = None


class Senses:
    """What a Cozmo feels.

    The first RobotState is how things are and raises nothing; the battery is judged after a second. Then there are
    `picked_up` and `put_down`, `cliff` and `cliff_gone`, `fallen` and `upright_again`, `charger_on` and `charger_off`,
    `battery_low` and `battery_critical`, `tapped`, `cube_tapped` and `button`, none of them twice in a second. A fall
    ends a picking up without a `put_down`; `fallen` is not repeated before `upright_again`.
    """

    def __init__(self) -> None:
        """Feel nothing yet."""
        self._gauge = Gauge()
        self._held, self._lying, self._cliff, self._charger = Steady(), Steady(), Steady(), Steady()
        self._falling_since: float | None = None
        self._baseline: tuple[float, float] | None = None
        self._tap_at: float | None = None
        self._raised: dict[str, float] = {}

    @property
    def battery(self) -> Battery:
        """What the battery needs."""
        return self._gauge.level

    def feel(self, state: Telemetry, moving: bool) -> list[RobotEvent]:
        """What has happened, now that `state` has arrived; one with impossible numbers is passed over.

        Args:
            state: the latest; `state.at` is the clock.
            moving: the robot's own motors run, or have run in the last 0.3 s: what they shake is no tap.
        """
        if not all(abs(value) < IMPLAUSIBLE for value in (*state.accel_mm_s2, *state.gyro_rad_s, state.battery_v)):
            return []
        parts = self._fall(state), self._hold(state), self._tap(state, moving), self._place(state), self._power(state)
        return [event for part in parts for event in part]

    def packet(self, name: str, at: float) -> list[RobotEvent]:
        """What a packet of that name tells, arrived at `at` seconds; any name is welcome.

        A ButtonPressed whose `pressed` is false tells that the button was let go: that one is not for here.
        """
        if name == "FallingStarted" and self._falling_since is None:
            self._falling_since = at
        if name == "FallingStopped":
            return self._landed(at)
        return self._once(PACKETS[name], at) if name in PACKETS else []

    def _fall(self, state: Telemetry) -> list[RobotEvent]:
        if Status.FALLING in state.status:
            if self._falling_since is None:
                self._falling_since = state.at
        elif self._falling_since is not None and state.at - self._falling_since >= FALL_S:
            return self._landed(state.at)
        lies = orientation(state.accel_mm_s2)
        if self._falling_since is not None or lies is Orientation.UNKNOWN or _in_hands(state):
            self._lying.wait()
        elif self._lying.settle(lies in LYING, state.at, LYING_S):
            return self._fallen(state.at) if self._lying.value else self._once("upright_again", state.at)
        return []

    def _landed(self, at: float) -> list[RobotEvent]:
        """A fall is over; the body counts as lying until it has stood for a while, however it landed."""
        self._falling_since = None
        already = self._lying.value
        self._lying.know(True, at)
        return [] if already else self._fallen(at)

    def _fallen(self, at: float) -> list[RobotEvent]:
        self._held.know(False, at)
        return self._once("fallen", at)

    def _hold(self, state: Telemetry) -> list[RobotEvent]:
        if self._falling_since is not None:
            self._held.wait()
        elif self._held.settle(_in_hands(state), state.at):
            return self._once("picked_up" if self._held.value else "put_down", state.at)
        return []

    def _tap(self, state: Telemetry, moving: bool) -> list[RobotEvent]:
        deviation = self._deviation(math.hypot(*state.accel_mm_s2), state.at)
        handled = Status.PICKED_UP in state.status or self._held.value or self._lying.value
        if moving or handled or self._falling_since is not None:
            self._tap_at = None
        elif self._tap_at is None:
            self._tap_at = state.at if deviation > TAP_MM_S2 else None
        elif state.at - self._tap_at >= TAP_CONFIRMED_S:
            self._tap_at = None
            return self._once("tapped", state.at)
        return []

    def _deviation(self, magnitude: float, at: float) -> float:
        """How far a magnitude, in mm/s^2, is from the slow baseline, which it moves."""
        mean, mean_at = self._baseline or (magnitude, at)
        weight = 1.0 - math.exp(-max(0.0, at - mean_at) / TAP_BASELINE_S)
        self._baseline = mean + weight * (magnitude - mean), at
        return abs(magnitude - mean)

    def _place(self, state: Telemetry) -> list[RobotEvent]:
        events: list[RobotEvent] = []
        # A robot that somebody lifts has no ground below it either.
        lifted = state.status & (Status.PICKED_UP | Status.FALLING)
        if self._cliff.settle(Status.CLIFF in state.status and not lifted, state.at):
            events += self._once("cliff" if self._cliff.value else "cliff_gone", state.at)
        if self._charger.settle(Status.ON_CHARGER in state.status, state.at):
            events += self._once("charger_on" if self._charger.value else "charger_off", state.at)
        return events

    def _power(self, state: Telemetry) -> list[RobotEvent]:
        before = self._gauge.level
        level = self._gauge.measure(state.battery_v, state.at, on_charger=bool(self._charger.value))
        if level is before or level is Battery.OK or before is Battery.CRITICAL:
            return []
        return self._once(f"battery_{level}", state.at)

    def _once(self, kind: str, at: float) -> list[RobotEvent]:
        if at - self._raised.get(kind, -math.inf) < ONCE_S:
            return []
        self._raised[kind] = at
        return [RobotEvent(kind)]


def _in_hands(state: Telemetry) -> bool:
    """Picked up, unless it lies quite still: without the ground under its treads, but with nobody."""
    still = math.hypot(*state.gyro_rad_s) < STILL_RAD_S and orientation(state.accel_mm_s2) in LYING
    return Status.PICKED_UP in state.status and not still

"""What happens to the robot: battery, charger, cliff, hands, falls, taps, and which way up it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

GRAVITY = 9810.0
"""mm/s^2: what the accelerometer feels at rest."""

TAP = 2.5 * GRAVITY
"""mm/s^2: height of a tap's spike. An estimate; clients look for anything well above gravity."""

FULL_V, EMPTY_V = 4.1, 3.4
"""Volts of a charged battery, and of one that no longer carries the robot. Estimates for a lithium cell."""

_DISCHARGE_V_S = (FULL_V - EMPTY_V) / 3600
"""Volts per second off the charger: about an hour of use. An estimate."""

_CHARGE_V_S = (FULL_V - EMPTY_V) / 1800
"""Volts per second on the charger: about half an hour. An estimate."""

_GROUND, _EDGE = 1000, 100
"""Readings of a cliff sensor over a table, and over nothing. Estimates."""


class Orientation(Enum):
    """Which way up: the unit vector away from the ground, in axes x forward, y left, z up of the body."""

    ON_THREADS = (0.0, 0.0, 1.0)
    ON_BACK = (1.0, 0.0, 0.0)
    ON_FACE = (-1.0, 0.0, 0.0)
    ON_LEFT_SIDE = (0.0, -1.0, 0.0)
    ON_RIGHT_SIDE = (0.0, 1.0, 0.0)


@dataclass
class Senses:
    """The robot's situation; it outlasts a reboot."""

    battery_v: float = 4.0
    """Volts."""
    on_charger: bool = False
    """It stands on its charger."""
    cliff: bool = False
    """It stands at an edge."""
    picked_up: bool = False
    """Somebody holds it."""
    falling_s: float | None = None
    """Seconds that it has been falling, None when it does not."""
    orientation: Orientation = Orientation.ON_THREADS
    """Which way up it is."""
    tapped: bool = False
    """The accelerometer shows a spike; the robot reports it once."""

    @property
    def charging(self) -> bool:
        """The battery takes current."""
        return self.on_charger and self.battery_v < FULL_V

    @property
    def pitch(self) -> float:
        """Radians, positive with the nose up."""
        return math.asin(self.orientation.value[0])

    @property
    def acceleration(self) -> tuple[float, float, float]:
        """What the accelerometer feels, mm/s^2: away from the ground at rest, nothing in a fall."""
        if self.falling_s is not None:
            return (0.0, 0.0, 0.0)
        x, y, z = (GRAVITY * part for part in self.orientation.value)
        return (x, y, z + TAP) if self.tapped else (x, y, z)

    @property
    def cliff_readings(self) -> tuple[int, int, int, int]:
        """Raw values; Cozmo has one sensor, the others read nothing."""
        return (_EDGE if self.cliff or self.picked_up else _GROUND, 0, 0, 0)

    def advance(self, dt: float) -> None:
        """Let `dt` seconds pass."""
        if self.on_charger:
            self.battery_v = max(self.battery_v, min(self.battery_v + _CHARGE_V_S * dt, FULL_V))
        else:
            self.battery_v = max(self.battery_v - _DISCHARGE_V_S * dt, 0.0)
        if self.falling_s is not None:
            self.falling_s += dt

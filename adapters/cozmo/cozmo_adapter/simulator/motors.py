"""Head, lift and wheels: where they are and how they get where they are sent, in simulated time."""

from __future__ import annotations

import math

HEAD_DEG = (-25.0, 44.5)
"""Range of the head (pycozmo, `robot.py`)."""

LIFT_MM = (32.0, 92.0)
"""Range of the lift's height (pycozmo, `robot.py`)."""

ARM_MM, PIVOT_MM = 66.0, 45.0
"""Length of the lift's arm, and height of its pivot (pycozmo, `robot.py`)."""

WHEEL_TOP, WHEEL_STALL = 200.0, 20.0
"""mm/s: the most that a wheel does (pycozmo, `robot.py`), and what it does not start below (reported: Kurtisone)."""

TRACK_MM = 45.0
"""Distance between the treads (pycozmo, `robot.py`)."""

_WHEEL_ACCELERATION = 500.0
"""mm/s^2 where the command gives none: an estimate."""

_STEP_S = 0.002
"""Motion is advanced in steps of this length."""


def lift_angle(height_mm: float) -> float:
    """Angle of the lift's arm in radians, 0 when it is level, for the nearest height within its range."""
    return math.asin((min(max(height_mm, LIFT_MM[0]), LIFT_MM[1]) - PIVOT_MM) / ARM_MM)


def lift_height(angle: float) -> float:
    """Height of the lift in mm for an angle of its arm."""
    return PIVOT_MM + ARM_MM * math.sin(angle)


class Joint:
    """One motor with a range, a speed and an acceleration."""

    def __init__(self, low: float, high: float, speed: float, acceleration: float) -> None:
        """At rest at the low end, where calibration leaves it.

        Args:
            low: end of the range in radians.
            high: the other end.
            speed: radians/s where a command gives none.
            acceleration: radians/s^2 where a command gives none.
        """
        self.position = low
        """Radians."""
        self.speed = 0.0
        """Radians/s."""
        self._low, self._high = low, high
        self._usual = speed, acceleration
        self._target = low
        self._top, self._acceleration = self._usual

    @property
    def moving(self) -> bool:
        """Whether it turns."""
        return self.speed != 0.0

    @property
    def in_position(self) -> bool:
        """Whether it rests where it was sent."""
        return not self.moving and self.position == self._target

    def go(self, target: float, speed: float = 0.0, acceleration: float = 0.0, duration: float = 0.0) -> None:
        """Move to an angle, or to the end of the range if it lies beyond.

        Args:
            target: radians.
            speed: radians/s at most; 0 for the usual.
            acceleration: radians/s^2; 0 for the usual.
            duration: seconds that it should take, if it can: then `speed` does not count; 0 for as fast as allowed.
        """
        self._target = min(max(target, self._low), self._high)
        self._top = speed if speed > 0 else self._usual[0]
        self._acceleration = acceleration if acceleration > 0 else self._usual[1]
        way = abs(self._target - self.position)
        # Speeding up, cruising and braking take way / top + top / acceleration.
        room = duration * duration - 4 * way / self._acceleration
        if duration > 0 and room > 0 and way > 0:
            self._top = (duration - math.sqrt(room)) * self._acceleration / 2

    def run(self, speed: float) -> None:
        """Turn at a speed until the end of the range; 0 stops."""
        if speed:
            self.go(self._high if speed > 0 else self._low, abs(speed))
        else:
            self.halt()

    def halt(self) -> None:
        """Stop where it is."""
        self.speed = 0.0
        self._target = self.position

    def advance(self, dt: float) -> None:
        """Let `dt` seconds pass."""
        for _ in range(max(round(dt / _STEP_S), 1)):
            if self.in_position:
                return
            way = self._target - self.position
            wanted = math.copysign(min(self._top, math.sqrt(2 * self._acceleration * abs(way))), way)
            change = self._acceleration * _STEP_S
            self.speed += min(max(wanted - self.speed, -change), change)
            step = self.speed * _STEP_S
            if (way - step) * way <= 0:  # reached or passed
                self.position, self.speed = self._target, 0.0
            else:
                self.position += step
                if not self._low <= self.position <= self._high:  # against the end stop
                    self.position, self.speed = min(max(self.position, self._low), self._high), 0.0


class Wheels:
    """Two treads, and where they have carried the robot."""

    def __init__(self) -> None:
        """At rest at the origin."""
        self.speeds = [0.0, 0.0]
        """Left and right, mm/s."""
        self.x = self.y = self.heading = 0.0
        """mm, mm, radians counter-clockwise."""
        self._targets = [0.0, 0.0]
        self._accelerations = [_WHEEL_ACCELERATION] * 2

    @property
    def moving(self) -> bool:
        """Whether one of them turns."""
        return any(self.speeds)

    @property
    def turning(self) -> float:
        """Radians per second, counter-clockwise."""
        return (self.speeds[1] - self.speeds[0]) / TRACK_MM

    def place(self, x: float, y: float) -> None:
        """Call the place where the robot is (x, y), in mm, and its heading 0."""
        self.x, self.y, self.heading = x, y, 0.0

    def drive(self, left: float, right: float, left_acceleration: float = 0.0, right_acceleration: float = 0.0) -> None:
        """Turn at these speeds (mm/s) from now on; accelerations (mm/s^2) of 0 mean the usual."""
        for side, (speed, acceleration) in enumerate(((left, left_acceleration), (right, right_acceleration))):
            starts = abs(speed) >= WHEEL_STALL or abs(self.speeds[side]) >= WHEEL_STALL
            self._targets[side] = min(max(speed, -WHEEL_TOP), WHEEL_TOP) if starts else 0.0
            self._accelerations[side] = acceleration if acceleration > 0 else _WHEEL_ACCELERATION

    def halt(self) -> None:
        """Stop at once."""
        self.speeds = [0.0, 0.0]
        self._targets = [0.0, 0.0]

    def advance(self, dt: float) -> None:
        """Let `dt` seconds pass."""
        for side in (0, 1):
            change = self._accelerations[side] * dt
            self.speeds[side] += min(max(self._targets[side] - self.speeds[side], -change), change)
        left, right = self.speeds
        self.heading = math.remainder(self.heading + self.turning * dt, math.tau)
        self.x += (left + right) / 2 * math.cos(self.heading) * dt
        self.y += (left + right) / 2 * math.sin(self.heading) * dt


class Motors:
    """All of them."""

    def __init__(self) -> None:
        """At rest, head and lift down."""
        self.head = Joint(math.radians(HEAD_DEG[0]), math.radians(HEAD_DEG[1]), speed=15.0, acceleration=20.0)
        self.lift = Joint(lift_angle(LIFT_MM[0]), lift_angle(LIFT_MM[1]), speed=3.0, acceleration=20.0)
        self.wheels = Wheels()

    @property
    def moving(self) -> bool:
        """Flag IS_MOVING."""
        return self.head.moving or self.lift.moving or self.wheels.moving

    @property
    def head_deg(self) -> float:
        """Angle of the head in degrees."""
        return math.degrees(self.head.position)

    def halt(self) -> None:
        """StopAllMotors."""
        self.head.halt()
        self.lift.halt()
        self.wheels.halt()

    def advance(self, dt: float) -> None:
        """Let `dt` seconds pass."""
        self.head.advance(dt)
        self.lift.advance(dt)
        self.wheels.advance(dt)

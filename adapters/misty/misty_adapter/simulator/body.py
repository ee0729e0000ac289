"""Head, arms and wheels: joints move in time, wheels are only recorded."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from typing import Any

from misty_adapter.simulator.api.errors import ApiError, BadArgument
from misty_adapter.simulator.world import World

FULL_SPEED = 100.0
"""Degrees a second of a joint at velocity 100 (assumed)."""

DRIVE_MM_S = 500.0
"""Millimetres a second of a wheel at velocity 100 (assumed)."""

UNITS = ("degrees", "position", "radians")
"""How positions may be given."""


@dataclass(eq=False)
class Joint:
    """One motor that turns at constant speed from where it was to where it shall be."""

    sensor: str
    """`sensorId` in ActuatorPosition."""
    low: float
    """Degrees."""
    high: float
    """Degrees."""
    origin: float = 0.0
    target: float = 0.0
    began: float = 0.0
    seconds: float = 0.0

    def at(self, now: float) -> float:
        """Where it is, in degrees."""
        if now >= self.began + self.seconds:
            return self.target
        return self.origin + (self.target - self.origin) * (now - self.began) / self.seconds

    def move(self, target: float, now: float, *, velocity: float | None, seconds: float | None) -> None:
        """Begin to turn, at a velocity of 0 to 100 or in so many seconds."""
        self.origin, self.began = self.at(now), now
        if seconds is None:
            speed = FULL_SPEED * (velocity or 0.0) / 100
            if not speed:
                target = self.origin
            seconds = abs(target - self.origin) / speed if speed else 0.0
        self.target, self.seconds = target, max(seconds, abs(target - self.origin) / FULL_SPEED)

    def degrees(self, value: float, units: str) -> float:
        """A position in degrees, from `units`: "position" is -5 to 5 over the whole range.

        Raises:
            BadArgument: it is out of range.
        """
        if units == "radians":
            value = math.degrees(value)
        elif units == "position":
            value = value / 5 * (self.high if value >= 0 else -self.low)
        if not self.low - 0.5 <= value <= self.high + 0.5:
            raise BadArgument(f"{value:.1f} degrees are out of {self.low:.0f} to {self.high:.0f}.")
        return value


class Body:
    """See the module's docstring."""

    def __init__(self, world: World) -> None:
        """Look straight ahead, arms down, wheels still."""
        self._world = world
        self.pitch = Joint("ahp", -40, 26)
        self.roll = Joint("ahr", -40, 40)
        self.yaw = Joint("ahy", -81, 81)
        self.left_arm = Joint("ala", -29, 90, origin=90, target=90)
        self.right_arm = Joint("ara", -29, 90, origin=90, target=90)
        self.joints = (self.pitch, self.roll, self.yaw, self.left_arm, self.right_arm)
        self._wheels = (0.0, 0.0)
        self._travelled = [0.0, 0.0]
        self._since = world.clock.now()
        self._drive_end: asyncio.Task[None] | None = None

    def move_head(self, values: dict[str, Any]) -> None:
        """Turn the head: Pitch, Roll and Yaw that are not None, by Velocity or in Duration seconds, but not both.

        Raises:
            ApiError: both are given, or neither.
            BadArgument: a position is out of range.
        """
        if (values["Velocity"] is None) == (values["Duration"] is None):
            raise ApiError("Exactly one of Velocity and Duration is required.")
        joints = {"Pitch": self.pitch, "Roll": self.roll, "Yaw": self.yaw}
        self._move(
            {joint: values[name] for name, joint in joints.items() if values[name] is not None},
            values["Units"],
            [values["Velocity"]] * 3,
            values["Duration"],
        )

    def move_arms(
        self, left: float | None, right: float | None, velocities: tuple[float | None, float | None],
        seconds: float | None, units: str,
    ) -> None:  # fmt: skip
        """Turn the arms that have a position.

        Raises:
            BadArgument: a position is out of range.
        """
        given = ((self.left_arm, left, velocities[0]), (self.right_arm, right, velocities[1]))
        wanted = {joint: position for joint, position, _ in given if position is not None}
        self._move(wanted, units, [velocity for _, position, velocity in given if position is not None], seconds)

    def drive(self, left: float, right: float, seconds: float | None = None) -> None:
        """Turn the wheels at -100 to 100 percent, until told otherwise or for so many seconds."""
        self._travel()
        if self._drive_end is not None:
            self._drive_end.cancel()
            self._drive_end = None
        self._wheels = left, right
        self._world.recording.event("drives", left=left, right=right, seconds=seconds)
        if seconds is not None:
            self._drive_end = self._world.spawn(self._stop_after(seconds))

    def halt(self) -> None:
        """Stop all motors where they are."""
        now = self._world.clock.now()
        for joint in self.joints:
            joint.move(joint.at(now), now, velocity=100, seconds=None)
        self.drive(0, 0)

    def positions(self) -> dict[str, float]:
        """Degrees of each joint by sensor."""
        now = self._world.clock.now()
        return {joint.sensor: round(joint.at(now), 2) for joint in self.joints}

    def encoders(self) -> dict[str, float]:
        """What the wheels have done: millimetres, and millimetres a second."""
        self._travel()
        left, right = (DRIVE_MM_S * percent / 100 for percent in self._wheels)
        distances = {"leftDistance": round(self._travelled[0], 2), "rightDistance": round(self._travelled[1], 2)}
        return {**distances, "leftVelocity": left, "rightVelocity": right}

    def _move(
        self, wanted: dict[Joint, float], units: str, velocities: list[float | None], seconds: float | None
    ) -> None:
        now = self._world.clock.now()
        targets = [(joint, joint.degrees(value, units)) for joint, value in wanted.items()]
        for (joint, target), velocity in zip(targets, velocities, strict=False):
            joint.move(target, now, velocity=velocity, seconds=seconds)
            self._world.recording.event(
                "moves", joint=joint.sensor, to=round(target, 2), seconds=round(joint.seconds, 3)
            )

    def _travel(self) -> None:
        now = self._world.clock.now()
        for wheel, percent in enumerate(self._wheels):
            self._travelled[wheel] += DRIVE_MM_S * percent / 100 * (now - self._since)
        self._since = now

    async def _stop_after(self, seconds: float) -> None:
        await self._world.clock.sleep(seconds)
        self._drive_end = None
        self.drive(0, 0)

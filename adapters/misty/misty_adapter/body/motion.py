"""The one owner of Misty's motors: the pose of what it shows, gestures, gaze and idle movements, as head and arms.

`Motion.due` says which command is due, at most four in a second. The wheels are never driven.
"""

from __future__ import annotations

import math
from collections import deque
from random import Random
from typing import Any

from misty_adapter.body.gestures import CALM, ON_ENTERING, POSES, STROKES, Gesture, Head, Pose
from robot_runtime.robot import Expression

GAP_S = 0.26
"""Least time between two commands: not more than four in a second."""

STEP_DEG = 1.0
"""A smaller change of the head is not sent."""

SMALL_S = 0.7
"""How long an idle movement or a turn towards a face takes."""

ARM_VELOCITY = 40
"""Percent of full speed: unhurried."""

IDLE_AFTER_S = 1.0
"""From reaching a pose to the first idle movement."""

BREATH_S, BREATH_DEG = 5.0, 1.6
"""From breath to breath, and how far the head follows."""

GLANCE_S, GLANCE_DEG = 8.0, 7.0
"""From glance to glance, and how far one goes, at most."""

GAZE_GAIN = 0.6
"""Share of the way to a face that one turn goes: what the robot tells is old by the time it has turned."""

GAZE_DEG = (12.0, 40.0)
"""How far the head follows a face, up or down and sideways."""

GAZE_S = 4.0
"""How long it looks to where a face was last."""

GAZE_STEP_DEG = 3.0
"""A face that is no farther from the middle is looked at."""

Command = tuple[str, dict[str, Any]]
"""Path and fields."""


class Motion:
    """See the module's docstring. The same seed, times and calls give the same commands."""

    def __init__(self, seed: int, *, head: bool = True, arms: bool = True) -> None:
        """Take over those motors that there are and that may move; `seed` is of the idle movements."""
        self._seed = seed
        self._head, self._arms = head, arms
        self.stopped = False
        """No command is due."""
        self._expression = Expression.NEUTRAL
        self._expressions = 0
        self._settled_at = 0.0
        self._asked: Gesture | None = None
        self._strokes: deque[tuple[Head, float]] = deque()
        self._offset = Head()
        self._gaze = Head()
        self._seen_at = -math.inf
        self._sent: Head | None = None
        self._sent_arms: tuple[float, float] | None = None
        self._entered = True
        self._free_at = -math.inf

    @property
    def pose(self) -> Pose:
        """The pose that belongs to what the face shows."""
        return POSES[self._expression]

    def express(self, expression: Expression) -> None:
        """Take the pose of an expression; a gesture that runs ends here."""
        if expression is not self._expression:
            self._expression = expression
            self._expressions += 1
            self._entered = True
            self._strokes.clear()
            self._offset = Head()
            self._asked = ON_ENTERING.get(expression)

    def gesture(self, gesture: Gesture) -> None:
        """Make a gesture as soon as the pose is reached, in place of one that runs."""
        self._asked = gesture

    def look(self, bearing: float, elevation: float, now: float) -> None:
        """Turn towards a face.

        Args:
            bearing: degrees to the left of where the head points.
            elevation: degrees above it.
            now: seconds.
        """
        self._seen_at = now
        if max(abs(bearing), abs(elevation)) > GAZE_STEP_DEG:
            up, aside = GAZE_DEG
            pitch = self._gaze.pitch - GAZE_GAIN * elevation
            yaw = self._gaze.yaw + GAZE_GAIN * bearing
            self._gaze = Head(max(-up, min(up, pitch)), 0.0, max(-aside, min(aside, yaw)))

    def stop(self) -> None:
        """No command is due until `release`."""
        self.stopped = True
        self.forget()

    def release(self) -> None:
        """End a `stop`."""
        self.stopped = False

    def forget(self) -> None:
        """Nobody knows how the body stands: it restarted, or somebody else moved it."""
        self._sent = self._sent_arms = self._asked = None
        self._strokes.clear()
        self._offset = Head()
        self._entered = True

    def due(self, now: float) -> Command | None:
        """The command to send at this moment, if there is one; it counts as sent."""
        if self.stopped or now < self._free_at:
            return None
        command = self._arms_due() or self._head_due(now)
        if command:
            self._free_at = max(self._free_at, now + GAP_S)
        return command

    def _arms_due(self) -> Command | None:
        wanted = (self.pose.left_arm, self.pose.right_arm)
        if not self._arms or wanted == self._sent_arms:
            return None
        self._sent_arms = wanted
        return arms(*wanted)

    def _head_due(self, now: float) -> Command | None:
        if not self._head:
            return None
        if self._asked and not self._entered:
            self._strokes, self._asked = deque(STROKES[self._asked]), None
        seconds = SMALL_S
        if self._entered or self._strokes:
            self._offset, seconds = (Head(), self.pose.takes_s) if self._entered else self._strokes.popleft()
            self._entered = False
            self._settled_at = now + seconds
        target = self._target(now)
        if self._sent and target.far_from(self._sent) < STEP_DEG:
            return None
        self._sent = target
        self._free_at = now + max(GAP_S, seconds)
        return head(target, seconds)

    def _target(self, now: float) -> Head:
        if now - self._seen_at > GAZE_S:
            self._gaze = Head()
        return self.pose.head.plus(self._offset).plus(self._gaze).plus(self._idle(now))

    def _idle(self, now: float) -> Head:
        """Small movements; none while it listens, for the microphones hear motors too, nor while it looks at a face."""
        seconds = now - self._settled_at - IDLE_AFTER_S
        if seconds < 0 or self._strokes or self._expression is Expression.LISTENING:
            return Head()
        breath = BREATH_DEG if seconds % BREATH_S < BREATH_S / 2 else 0.0
        number = int(seconds / GLANCE_S)
        chance = Random(f"{self._seed}/{self._expressions}/{number}")
        yaw = chance.uniform(-GLANCE_DEG, GLANCE_DEG) if number and now - self._seen_at > GAZE_S else 0.0
        return Head(-breath, 0.0, yaw)


def head(target: Head, seconds: float) -> Command:
    """The command that turns the head in that time; Misty takes a time or a velocity, never both."""
    return "head", {
        "Pitch": round(target.pitch, 1), "Roll": round(target.roll, 1), "Yaw": round(target.yaw, 1),
        "Duration": seconds, "Units": "degrees",
    }  # fmt: skip


def arms(left: float, right: float) -> Command:
    """The command that turns the arms."""
    return "arms/set", {
        "LeftArmPosition": left, "RightArmPosition": right,
        "LeftArmVelocity": ARM_VELOCITY, "RightArmVelocity": ARM_VELOCITY, "Units": "degrees",
    }  # fmt: skip


def calm() -> tuple[Command, Command]:
    """The commands that leave the body calm."""
    return head(CALM.head, CALM.takes_s), arms(CALM.left_arm, CALM.right_arm)

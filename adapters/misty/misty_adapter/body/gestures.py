"""What Misty's head and arms can say: a pose for every expression, and gestures on top of it.

Degrees. Pitch is positive downwards, yaw to the robot's left, roll towards its right shoulder (assumed); arms are 90
hanging down and -29 raised.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from robot_runtime.check.words import NO, YES, words_of
from robot_runtime.robot import Expression


@dataclass(frozen=True)
class Head:
    """Where the head points."""

    pitch: float = 0.0
    roll: float = 0.0
    yaw: float = 0.0

    def plus(self, other: Head) -> Head:
        """Both turns together, within what the head is asked for."""
        return Head(*(_clip(getattr(self, name) + getattr(other, name), *LIMITS[name]) for name in LIMITS))

    def far_from(self, other: Head) -> float:
        """The largest difference of the three angles."""
        return float(max(abs(getattr(self, name) - getattr(other, name)) for name in LIMITS))


LIMITS: Mapping[str, tuple[float, float]] = {"pitch": (-38, 24), "roll": (-38, 38), "yaw": (-78, 78)}
"""What the head is asked for: its limits, -40 to 26, 40 and 81 (documented), less 2 so that it never pushes against
them."""


@dataclass(frozen=True)
class Pose:
    """How the body holds itself."""

    head: Head
    takes_s: float
    """How long the head takes to get there."""
    left_arm: float = 88.0
    right_arm: float = 88.0


CALM = Pose(Head(), 0.8)
"""Where the body is left."""

POSES: Mapping[Expression, Pose] = {
    Expression.NEUTRAL: Pose(Head(-6), 0.8),
    Expression.LISTENING: Pose(Head(-14, 5), 0.5),
    Expression.THINKING: Pose(Head(-20, -6, 16), 0.6),
    Expression.HAPPY: Pose(Head(-14, 4), 0.4, 20, 20),
    Expression.SAD: Pose(Head(16, -4), 1.2),
    Expression.SURPRISED: Pose(Head(-20), 0.3, -10, -10),
    Expression.SLEEPY: Pose(Head(20, 8), 2.0),
    Expression.CONFUSED: Pose(Head(-4, 18, -6), 0.6, 88, 40),
}
"""Listening looks up at a grown-up's face, thinking past it. Not tried on a robot."""


class Gesture(StrEnum):
    """Something said with the head."""

    NOD = "nod"
    """Yes."""
    SHAKE = "shake"
    """No."""
    TILT = "tilt"
    """What is that?"""


ON_ENTERING: Mapping[Expression, Gesture] = {Expression.HAPPY: Gesture.NOD, Expression.CONFUSED: Gesture.TILT}
"""Gestures that come with an expression."""


def gesture_for(text: str) -> Gesture | None:
    """The gesture that goes with words: a nod with yes, a shake with no, at their beginning."""
    first = words_of(text)[:1]
    if not first:
        return None
    return Gesture.NOD if first[0] in YES else Gesture.SHAKE if first[0] in NO else None


STROKES: Mapping[Gesture, tuple[tuple[Head, float], ...]] = {
    Gesture.NOD: ((Head(10), 0.3), (Head(-3), 0.3), (Head(7), 0.3), (Head(), 0.3)),
    Gesture.SHAKE: ((Head(yaw=14), 0.3), (Head(yaw=-14), 0.35), (Head(yaw=10), 0.35), (Head(), 0.3)),
    Gesture.TILT: ((Head(roll=12), 0.4), (Head(roll=12), 0.6), (Head(), 0.5)),
}
"""Turns away from the pose, and how long each takes: slow enough for four commands a second."""


def _clip(value: float, lowest: float, highest: float) -> float:
    return min(highest, max(lowest, value))

"""What Cozmo's head can say: a pose for every expression, and gestures on top of it. Degrees, up is positive."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from robot_runtime.check.words import NO, YES, words_of
from robot_runtime.robot import Expression


@dataclass(frozen=True)
class Pose:
    """Where the head rests."""

    head_deg: float
    """0 looks straight ahead."""
    takes_s: float
    """How long it takes to get there."""


POSES: Mapping[Expression, Pose] = {
    Expression.NEUTRAL: Pose(10.0, 0.8),
    Expression.LISTENING: Pose(28.0, 0.5),
    Expression.THINKING: Pose(36.0, 0.6),
    Expression.HAPPY: Pose(24.0, 0.4),
    Expression.SAD: Pose(-16.0, 1.2),
    Expression.SURPRISED: Pose(34.0, 0.25),
    Expression.SLEEPY: Pose(-20.0, 2.5),
    Expression.CONFUSED: Pose(16.0, 0.6),
}
"""Listening looks up at a grown-up's face, thinking past it, to nowhere. Chosen within what the head reaches; not tried
on a robot."""


class Gesture(StrEnum):
    """Something said with the head."""

    NOD = "nod"
    """Yes."""
    SHAKE = "shake"
    """No. The head only pitches: the whole body turns a little to and fro if it may drive, else the head dips twice."""
    TILT_UP = "tilt_up"
    """What is that? Up, a moment's stay, and down again."""


ON_ENTERING: Mapping[Expression, Gesture] = {Expression.HAPPY: Gesture.NOD, Expression.CONFUSED: Gesture.TILT_UP}
"""Gestures that come with an expression."""


def gesture_for(text: str) -> Gesture | None:
    """The gesture that goes with words: a nod with yes, a shake with no, at their beginning."""
    first = words_of(text)[:1]
    if not first:
        return None
    return Gesture.NOD if first[0] in YES else Gesture.SHAKE if first[0] in NO else None


Keyframes = tuple[tuple[float, float], ...]
"""(seconds, degrees from the pose), in order; the first is (0, 0), and the last is at 0 degrees."""

KEYFRAMES: Mapping[Gesture, Keyframes] = {
    Gesture.NOD: ((0.0, 0.0), (0.3, -9.0), (0.6, 2.0), (0.9, -6.0), (1.2, 0.0)),
    Gesture.SHAKE: ((0.0, 0.0), (0.2, -7.0), (0.4, 0.0), (0.6, -7.0), (0.8, 0.0)),
    Gesture.TILT_UP: ((0.0, 0.0), (0.4, 12.0), (1.2, 12.0), (1.7, 0.0)),
}
"""Slow enough for seven commands a second; a nod is as quick as a person's, one to two a second."""

WIGGLE: tuple[tuple[float, float, float], ...] = ((-30.0, 30.0, 0.13), (30.0, -30.0, 0.22), (-30.0, 30.0, 0.13))
"""A SHAKE by the treads: left and right in mm/s, and for how long in s. Below 20 mm/s they do not start (reported,
Kurtisone)."""


def gesture_deg(gesture: Gesture, seconds: float) -> float:
    """How far a gesture moves the head from its pose, `seconds` after it began; not at all when it is over."""
    frames = KEYFRAMES[gesture]
    for (start, before), (end, after) in pairwise(frames):
        if seconds < end:
            return before + (after - before) * eased((seconds - start) / (end - start))
    return 0.0


def eased(part: float) -> float:
    """From 0 to 1 without a jerk at either end; less than 0 is 0, more than 1 is 1."""
    return 0.5 - 0.5 * math.cos(math.pi * min(1.0, max(0.0, part)))

"""The faces of Cozmo as a toddler: what eyes and mouth do for each expression."""

from __future__ import annotations

from typing import NamedTuple

from cozmo_adapter.body.features import Eye, Mouth
from robot_runtime.robot import Expression


class Pose(NamedTuple):
    """A face at rest."""

    left: Eye
    """On the left of the display."""
    right: Eye
    """On its right."""
    mouth: Mouth
    """Its mouth while it does not speak."""


def both(eye: Eye, mouth: Mouth) -> Pose:
    """A face with two eyes alike."""
    return Pose(eye, eye, mouth)


POSES: dict[Expression, Pose] = {
    Expression.NEUTRAL: both(Eye(), Mouth()),
    Expression.LISTENING: both(Eye(width=19, height=22.5, pupil=0.8), Mouth(width=6, curve=0, open=0.3)),
    Expression.THINKING: Pose(
        Eye(lid=0.1, pupil=0.55), Eye(height=18, lid=0.2, pupil=0.55), Mouth(width=7, curve=-2, aside=9)
    ),
    Expression.HAPPY: both(Eye(width=18, height=19, cheek=0.75, pupil=0), Mouth(width=15, curve=9, open=0.6)),
    Expression.SAD: both(Eye(width=16, height=18, lid=0.2, slant=8), Mouth(width=10, curve=-6)),
    Expression.SURPRISED: both(Eye(width=18, height=23, pupil=0.4), Mouth(width=8.5, curve=0, open=0.9)),
    Expression.SLEEPY: both(Eye(height=17, lid=0.62, pupil=0), Mouth(width=6, curve=2)),
    Expression.CONFUSED: Pose(
        Eye(width=18, height=22), Eye(width=16, height=15, lid=0.25, slant=-5, pupil=0.55), Mouth(curve=0, wave=2.5)
    ),
}
"""Found by eye, on pictures of the display in its true proportions."""

LOOKS: dict[Expression, tuple[float, float]] = {
    Expression.THINKING: (0.8, 0.7),
    Expression.SAD: (0.0, -0.6),
    Expression.SLEEPY: (0.0, -0.7),
}
"""Where the eyes turn by themselves, to the right and up; elsewhere they look ahead. Who thinks looks away."""


def blend(start: Pose, end: Pose, share: float) -> Pose:
    """The face on the way from one to another; `share` is 0 at the start and 1 at the end."""
    between = [[a + (b - a) * share for a, b in zip(*parts, strict=True)] for parts in zip(start, end, strict=True)]
    return Pose(Eye(*between[0]), Eye(*between[1]), Mouth(*between[2]))

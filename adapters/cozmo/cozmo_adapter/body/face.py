"""The face that Cozmo shows: expressions that flow into each other, blinks, glances, a mouth that speaks.

It knows no clock and no robot: the caller says what time it is and gets the pixels of that moment.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from cozmo_adapter.body.expressions import LOOKS, POSES, Pose, blend
from cozmo_adapter.body.eyes import Blinks, Glances
from cozmo_adapter.body.features import Mouth, draw_eye, draw_mouth
from robot_runtime.robot import Expression

CHANGE_S = 0.2
"""How long one expression takes to become another."""

SACCADE_S = 0.07
"""How long the eyes take to look elsewhere; people need 30 to 80 ms."""

GAZE_HELD = 0.35
"""Share of a glance that remains while the eyes look somewhere on purpose."""

SQUASH = 0.08
"""How much lower the eyes get while the mouth is wide open."""

SPEAKING_WIDTH = 0.8
"""Width of the wide open mouth, as a share of the closed one: vowels round the lips."""

NARROWEST = 9.0
"""Half the width of the mouth that speaks is at least this; a smaller one could not be seen to move."""


class Face:
    """See the module's docstring."""

    def __init__(self, seed: int = 0) -> None:
        """A neutral face; the seed settles when it blinks and where it glances."""
        self._blinks = Blinks(seed)
        self._glances = Glances(seed)
        self._expression = Expression.NEUTRAL
        self._leaving = POSES[Expression.NEUTRAL]
        self._changed = -math.inf
        self._gaze_from = self._gaze_to = (0.0, 0.0)
        self._gaze_moved = -math.inf

    @property
    def expression(self) -> Expression:
        """What it shows, or is about to."""
        return self._expression

    def express(self, expression: Expression, now: float) -> None:
        """Begin to change the expression; `now` is in seconds of the clock of `frame`."""
        if expression is not self._expression:
            self._leaving, self._changed = self._pose(now), now
            self._expression = expression

    def frame(self, now: float, mouth: float | None = None) -> NDArray[np.bool_]:
        """The face at a moment.

        Args:
            now: seconds of any clock that never goes back.
            mouth: how far the speaking mouth is open, 0 to 1; None while it does not speak.

        Returns:
            Pixels of shape (32, 128), True is lit. The same seed, calls and times give the same pixels.
        """
        left, right, resting = self._pose(now)
        gaze = self._gaze(now)
        blink = self._blinks.shut(now)
        shut = 0.0 if self._expression is Expression.SURPRISED else blink
        if mouth is not None:
            resting = _speaking(resting, mouth)
            shut = max(shut, SQUASH * mouth)
        return draw_eye(left, -1, gaze, shut) | draw_eye(right, 1, gaze, shut) | draw_mouth(resting)

    def _pose(self, now: float) -> Pose:
        return blend(self._leaving, POSES[self._expression], _eased((now - self._changed) / CHANGE_S))

    def _gaze(self, now: float) -> tuple[float, float]:
        target = self._target(now)
        share = _eased((now - self._gaze_moved) / SACCADE_S)
        (x0, y0), (x1, y1) = self._gaze_from, self._gaze_to
        gaze = (x0 + (x1 - x0) * share, y0 + (y1 - y0) * share)
        if target != self._gaze_to:
            self._gaze_from, self._gaze_to, self._gaze_moved = gaze, target, now
        return gaze

    def _target(self, now: float) -> tuple[float, float]:
        glance = self._glances.place(now)
        aim = LOOKS.get(self._expression)
        if aim is None:
            return glance
        x, y = (aim_on + GAZE_HELD * off for aim_on, off in zip(aim, glance, strict=True))
        return (min(max(x, -1.0), 1.0), min(max(y, -1.0), 1.0))


def _speaking(mouth: Mouth, opening: float) -> Mouth:
    """A resting mouth that opens for speech; the curve of its expression stays."""
    width = max(mouth.width, NARROWEST) * (1 - (1 - SPEAKING_WIDTH) * opening)
    return mouth._replace(width=width, open=opening, wave=mouth.wave * (1 - opening))


def _eased(share: float) -> float:
    """Slow at both ends."""
    share = min(max(share, 0.0), 1.0)
    return share * share * (3 - 2 * share)

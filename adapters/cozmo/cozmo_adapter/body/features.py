"""Eyes and a mouth for Cozmo's display, as numbers that can be blended, and as pixels.

Lengths are in lines of the display, which is 128 wide and 64 high; each of its 32 rows of pixels is two lines high.
The middle of the face is (0, 0), x grows to the right as one sees it, y downwards.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

X: NDArray[np.float64] = np.linspace(-63.5, 63.5, 128)
"""Middles of the columns."""

Y: NDArray[np.float64] = np.linspace(-31.0, 31.0, 32)[:, None]
"""Middles of the rows."""

EYE_X, EYE_Y = 33.0, -6.0
"""Where the right one of the eyes is when it looks straight ahead; wide apart and low, as in a small child's face."""

MOUTH_Y = 21.5
"""Where the middle of the closed mouth is."""

ROLL = (5.0, 4.0)
"""How far the eyes move on the face when they look as far as they can, to the side and up."""

SHUT = 2.6
"""Half the height of a shut eye: a line."""

LIP = 1.9
"""Half the thickness of the lips, and of the rim of a lid."""

SMALLEST_PUPIL = 5.0
"""Half its width; a smaller one is a speck at this resolution and is left out."""

Pixels = NDArray[np.bool_]


class Eye(NamedTuple):
    """One eye; the other one is its mirror image if both have the same numbers."""

    width: float = 17.0
    """Half of it."""
    height: float = 20.0
    """Half of it."""
    lid: float = 0.0
    """How far the upper lid is down, 0 to 1."""
    slant: float = 0.0
    """How many lines deeper the lid is at the outer end than at the inner one: sad above 0, cross below."""
    cheek: float = 0.0
    """How far the cheek pushes up from below, 0 to 1: a laughing eye."""
    pupil: float = 0.6
    """Its size, as a share of the eye."""


class Mouth(NamedTuple):
    """The mouth."""

    width: float = 11.0
    """Half of it."""
    curve: float = 5.0
    """How many lines deeper its middle is than its corners: a smile above 0."""
    open: float = 0.0
    """How far it is open, 0 to 1."""
    aside: float = 0.0
    """How far it is drawn to the right."""
    wave: float = 0.0
    """How many lines it goes up and down like a wave: unsure."""


def draw_eye(eye: Eye, side: int, gaze: tuple[float, float], shut: float) -> Pixels:
    """One eye.

    Args:
        eye: its shape.
        side: -1 is the eye on the left of the display, 1 the one on the right.
        gaze: where it looks, as far as the right and as far up as 1 each.
        shut: how far a blink has shut it, 0 to 1.
    """
    height = max(eye.height * (1 - shut), SHUT)
    x = X - side * EYE_X - gaze[0] * ROLL[0]
    y = Y - EYE_Y + gaze[1] * ROLL[1] - 0.4 * (eye.height - height)  # a blink comes down from above
    u, v = x / eye.width, y / height
    below_lid = y - height * (2 * eye.lid - 1) - eye.slant * side * u
    cheek = (u / 1.15) ** 2 + ((v - 1.3 + 0.3 * eye.cheek) / (0.3 + eye.cheek)) ** 2
    white: Pixels = (np.abs(u) ** 3 + np.abs(v) ** 3 <= 1) & (below_lid >= 0) & (cheek >= 1)
    size = eye.pupil * min(eye.width, height)
    if size < SMALLEST_PUPIL:
        return white
    x = (x - gaze[0] * 0.6 * (eye.width - size)) / size
    y = (y + gaze[1] * 0.6 * (height - size) - 0.3 * height * eye.lid) / size
    pupil: Pixels = (np.abs(x) ** 3 + np.abs(y / 1.1) ** 3 < 1) & (below_lid >= 2 * LIP)
    spark: Pixels = (np.abs(x + 0.3) < 0.32) & (np.abs(y + 0.38) < 0.32)
    return white & ~pupil | pupil & spark


def draw_mouth(mouth: Mouth) -> Pixels:
    """The mouth: one line while it is shut, all that lies between the lips when it opens."""
    x = (X - mouth.aside) / mouth.width
    arch = np.sqrt(np.clip(1 - x**2, 0, None)) * mouth.open
    curve = mouth.curve * (1 - 0.5 * mouth.open)  # room for what opens
    middle = MOUTH_Y + curve * (0.5 - x**2) + mouth.wave * np.sin(4.5 * x)
    pixels: Pixels = (np.abs(x) <= 1) & (middle - 5 * arch - LIP <= Y) & (middle + 5 * arch + LIP >= Y)
    return pixels

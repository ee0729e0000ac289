"""How the body lies, from where its accelerometer feels gravity."""

from __future__ import annotations

import math
from enum import StrEnum

GRAVITY_MM_S2 = 9810.0
"""Standard gravity: what a body at rest feels, upwards."""

REST_MM_S2 = 2500.0
"""A reading farther than this from gravity is a body that is being accelerated (assumed: a quarter of gravity)."""

ON_SIDE_DEG = 55.0
"""Roll beyond which a body lies on its side (assumed: a Cozmo rolls over at about 45 degrees)."""

ON_TREADS_DEG = 50.0
"""Pitch up to which a body stands on its treads: more than its charger's slope and the 44.5 degrees of its head."""

TIPPED_DEG = 65.0
"""Pitch beyond which it does not; between the two nothing is certain."""


class Orientation(StrEnum):
    """Which way the body lies."""

    ON_THREADS = "on_threads"
    ON_BACK = "on_back"
    ON_FACE = "on_face"
    ON_LEFT_SIDE = "on_left_side"
    ON_RIGHT_SIDE = "on_right_side"
    UNKNOWN = "unknown"


LYING = frozenset(Orientation) - {Orientation.ON_THREADS, Orientation.UNKNOWN}
"""The ways in which a body lies that cannot get up."""


def orientation(accel: tuple[float, float, float]) -> Orientation:
    """How a body lies that feels `accel`, (x forward, y left, z up) in mm/s^2.

    Known: the unit, and that pycozmo's own orientation is of no use, for it is computed from the heading. Assumed, as
    in other robots with such axes: a body at rest feels gravity upwards, (0, 0, 9810) on its treads, so that x is
    positive with the nose up (on the back) and y with the left side up (on the right side). Not known: whether the
    reading is turned into the body's frame, for the sensor sits in the head. The bounds on pitch are such that a raised
    head alone, in either frame, is never taken for a body on its back. Upside down counts as on the back.

    Returns:
        UNKNOWN while the body is accelerated, or tipped so far that it may yet fall either way.
    """
    x, y, z = accel
    magnitude = math.hypot(x, y, z)
    if not abs(magnitude - GRAVITY_MM_S2) <= REST_MM_S2:
        return Orientation.UNKNOWN
    roll = math.degrees(math.asin(y / magnitude))
    if abs(roll) > ON_SIDE_DEG:
        return Orientation.ON_RIGHT_SIDE if roll > 0 else Orientation.ON_LEFT_SIDE
    pitch = math.degrees(math.atan2(x, z))
    if abs(pitch) <= ON_TREADS_DEG:
        return Orientation.ON_THREADS
    if abs(pitch) < TIPPED_DEG:
        return Orientation.UNKNOWN
    return Orientation.ON_FACE if -180 + TIPPED_DEG < pitch < 0 else Orientation.ON_BACK

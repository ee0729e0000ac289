"""How a simulated Cozmo looks at one moment, for those who show it to people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Colour = tuple[int, int, int]
"""Red, green and blue, 0..255."""


@dataclass(frozen=True)
class Look:
    """What a person sees, and what only the simulator knows."""

    face: npt.NDArray[np.bool_] | None
    """Pixels of shape (32, 128), True is lit; None when the display is dark."""
    message: str
    """What the robot's own software shows in place of a face: "COZMO 01", "(off)", "(starting)" or nothing."""
    head_deg: float
    """-25 (down) to 44.5 (up)."""
    lift_mm: float
    """32 (down) to 92 (up)."""
    backpack: tuple[Colour, Colour, Colour, Colour, Colour]
    """The lamps left, front, center, rear and right, as they shine at this moment."""
    cubes: Mapping[int, tuple[Colour, Colour, Colour, Colour]]
    """The lamps of each connected cube by its object id."""
    battery_v: float
    """Volts."""
    on_charger: bool
    """It stands on its charger."""
    picked_up: bool
    """Somebody holds it."""
    cliff: bool
    """It stands at an edge."""
    speaking: bool
    """Sound is being played."""
    volume: float
    """0..1."""
    client: str
    """HOST:PORT of the client, empty without one."""
    firmware: str
    """Version."""
    counters: Mapping[str, int]
    """Frames in and out, duplicates, dropped audio frames, malformed datagrams, ..."""

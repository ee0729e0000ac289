"""The LED in Misty's chest, and her flashlight."""

from __future__ import annotations

import math
from dataclasses import dataclass

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

TRANSITIONS = ("Blink", "Breathe", "TransitOnce")
"""Spelled exactly so (documented)."""

RECORDING: Colour = (0, 0, 255)
"""What the robot shows by itself while it records (documented: blue)."""

CHARGING: Colour = (255, 140, 0)
"""What the robot shows by itself while it charges (documented: orange)."""


@dataclass
class Lights:
    """See the module's docstring."""

    first: Colour = (0, 255, 0)
    """Of a transition, the colour it starts from; without one, the colour."""
    second: Colour = (0, 255, 0)
    transition: str | None = None
    seconds: float = 0.0
    """Length of one way of a transition."""
    began: float = 0.0
    flashlight: bool = False
    own_cues: bool = True
    """The robot may show what it does, over what it was told to show."""

    def steady(self, colour: Colour) -> None:
        """Shine in one colour."""
        self.first = self.second = colour
        self.transition = None

    def change(self, first: Colour, second: Colour, transition: str, seconds: float, now: float) -> None:
        """Go from one colour to the other, once or again and again."""
        self.first, self.second, self.transition = first, second, transition
        self.seconds, self.began = seconds, now

    def shining(self, now: float, recording: bool, charging: bool) -> Colour:
        """What the LED shows at this moment."""
        if self.own_cues and (recording or charging):
            return RECORDING if recording else CHARGING
        if self.transition is None:
            return self.first
        ways = (now - self.began) / self.seconds
        match self.transition:
            case "Blink":
                share = float(int(ways) % 2)
            case "Breathe":
                share = (1 - math.cos(math.pi * ways)) / 2
            case _:
                share = min(ways, 1.0)
        red, green, blue = (round(a + (b - a) * share) for a, b in zip(self.first, self.second, strict=True))
        return red, green, blue

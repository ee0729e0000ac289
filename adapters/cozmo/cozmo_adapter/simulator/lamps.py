"""Lamps of the backpack and of cubes: which colour they have at a moment, blinking and fading included."""

from __future__ import annotations

from collections.abc import Sequence

from cozmo_adapter.simulator.look import Colour
from cozmo_adapter.simulator.packets import Light

FRAMES_PER_S = 30.0
"""The periods of a lamp are counted in frames of this rate (pycozmo, `robot.FRAME_RATE`)."""

DARK = Light()
"""A lamp that is off."""


def colour(code: int) -> Colour:
    """Red, green and blue, 0..255, of a colour of 15 bits; the sixteenth, infrared, is not seen."""
    red, green, blue = code >> 10 & 31, code >> 5 & 31, code & 31
    return (red * 255 // 31, green * 255 // 31, blue * 255 // 31)


def shine(light: Light, seconds: float) -> Colour:
    """The colour of a lamp so many seconds after it was set: on, fading out, off, fading in, and again."""
    lit, unlit = colour(light.on_color), colour(light.off_color)
    parts = (light.on_frames, light.transition_off_frames, light.off_frames, light.transition_on_frames)
    if not sum(parts):
        return lit
    frame = (seconds * FRAMES_PER_S + light.offset) % sum(parts)
    shares = (1.0, None, 0.0, None)
    for number, (length, share) in enumerate(zip(parts, shares, strict=True)):
        if frame < length:
            passed = frame / length
            return _mix(lit, unlit, share if share is not None else 1 - passed if number == 1 else passed)
        frame -= length
    return lit


def _mix(lit: Colour, unlit: Colour, share: float) -> Colour:
    red, green, blue = (round(on * share + off * (1 - share)) for on, off in zip(lit, unlit, strict=True))
    return (red, green, blue)


class Lamps:
    """A row of lamps that are set together or in part."""

    def __init__(self, count: int) -> None:
        """All off."""
        self._lights = [(DARK, 0.0)] * count

    def set(self, first: int, lights: Sequence[Light], now: float) -> None:
        """Set the lamps from number `first` on, at `now` seconds of any steady clock."""
        self._lights[first : first + len(lights)] = [(light, now) for light in lights]

    def shine(self, now: float) -> list[Colour]:
        """The colour of every lamp."""
        return [shine(light, now - since) for light, since in self._lights]


class Backpack:
    """Five lamps: left, front, center, rear, right. The outer two have only red in them."""

    def __init__(self) -> None:
        """All off."""
        self._lamps = Lamps(5)

    def center(self, lights: Sequence[Light], now: float) -> None:
        """LightStateCenter: front, center, rear."""
        self._lamps.set(1, lights, now)

    def side(self, lights: Sequence[Light], now: float) -> None:
        """LightStateSide: left, right."""
        self._lamps.set(0, lights[:1], now)
        self._lamps.set(4, lights[1:], now)

    def shine(self, now: float) -> tuple[Colour, Colour, Colour, Colour, Colour]:
        """The colours at this moment."""
        left, front, center, rear, right = self._lamps.shine(now)
        return ((left[0], 0, 0), front, center, rear, (right[0], 0, 0))

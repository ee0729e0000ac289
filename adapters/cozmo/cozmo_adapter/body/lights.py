"""The five lights on Cozmo's back, which say what it is doing to those who do not see its face."""

from __future__ import annotations

from dataclasses import dataclass

from cozmo_adapter.body.battery import Battery
from robot_runtime.robot import Expression

Colour = tuple[int, int, int]
"""Red, green, blue, 0 to 255 each."""

FRAME_S = 1 / 30
"""Unit of time of a light (pycozmo, as of everything that is animated)."""

LONGEST_S = 255 * FRAME_S
"""Longest time that a light's byte holds: 8.5 s."""

OFF: Colour = (0, 0, 0)
"""Dark."""


@dataclass(frozen=True)
class Light:
    """A light that goes back and forth between two colours; without any times it shows the first for good."""

    on: Colour = OFF
    """The first colour."""
    off: Colour = OFF
    """The second colour."""
    on_s: float = 0.0
    """How long the first is shown, 0 to 8.5 s, as all of these times."""
    off_s: float = 0.0
    """How long the second is shown."""
    fade_on_s: float = 0.0
    """How long it takes from the second to the first."""
    fade_off_s: float = 0.0
    """How long it takes from the first to the second."""


@dataclass(frozen=True)
class BackpackLights:
    """All five; those at the sides have red LEDs only."""

    left: Light
    """Its green and blue are nothing."""
    front: Light
    """Of the three in the middle, the one at the head."""
    center: Light
    """The one behind it."""
    rear: Light
    """The last one."""
    right: Light
    """Its green and blue are nothing."""


def steady(colour: Colour) -> Light:
    """A light that stays as it is."""
    return Light(colour, colour)


def breathing(colour: Colour, seconds: float) -> Light:
    """A light that comes and goes in `seconds`, never quite dark."""
    red, green, blue = colour
    return Light(colour, (red // 4, green // 4, blue // 4), fade_on_s=seconds / 2, fade_off_s=seconds / 2)


def blinking(colour: Colour, seconds: float) -> Light:
    """A light that is half of `seconds` on and half off."""
    return Light(colour, OFF, on_s=seconds / 2, off_s=seconds / 2)


SPEAKING = steady((0, 255, 0))
"""While it speaks, whatever its face shows."""

EXPRESSIONS = {
    Expression.NEUTRAL: steady((32, 32, 32)),
    Expression.LISTENING: steady((0, 64, 255)),
    Expression.THINKING: breathing((128, 255, 255), 1.6),
    Expression.HAPPY: steady((255, 180, 0)),
    Expression.SAD: steady((0, 0, 96)),
    Expression.SURPRISED: steady((255, 0, 255)),
    Expression.SLEEPY: breathing((64, 0, 96), 4.0),
    Expression.CONFUSED: breathing((160, 0, 255), 1.0),
}
"""The three lights in the middle."""

DEGRADED = blinking((255, 96, 0), 1.0)
"""The rear light while the link is bad."""

SIDES = {
    Battery.OK: Light(),
    Battery.LOW: breathing((160, 0, 0), 3.0),
    Battery.CRITICAL: blinking((255, 0, 0), 0.6),
}
"""The lights at the sides, which are the battery's."""


def lights_for(expression: Expression, speaking: bool, degraded: bool, battery: str) -> BackpackLights:
    """What the backpack shows.

    Args:
        expression: what the face shows.
        speaking: an utterance is being played.
        degraded: the link is bad.
        battery: a `Battery`: "ok", "low" or "critical".
    """
    middle = SPEAKING if speaking else EXPRESSIONS[expression]
    side = SIDES[Battery(battery)]
    return BackpackLights(side, middle, middle, DEGRADED if degraded else middle, side)


def to_fields(light: Light) -> dict[str, int]:
    """The fields of a LightState on the wire: colours of 15 bits, times in frames of a thirtieth of a second."""
    return {
        "on_color": _colour_bits(light.on),
        "off_color": _colour_bits(light.off),
        "on_frames": _frames(light.on_s),
        "off_frames": _frames(light.off_s),
        "transition_on_frames": _frames(light.fade_on_s),
        "transition_off_frames": _frames(light.fade_off_s),
        "offset": 0,
    }


def _colour_bits(colour: Colour) -> int:
    red, green, blue = (round(value * 31 / 255) for value in colour)
    return red << 10 | green << 5 | blue


def _frames(seconds: float) -> int:
    return round(min(seconds, LONGEST_S) / FRAME_S)

"""The LED in Misty's chest, which says what it is doing to those who do not see its face."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from robot_runtime.robot import Expression

Colour = tuple[int, int, int]
"""Red, green, blue, 0 to 255 each."""

DIM_SHARE = 8
"""A breathing light goes down to an eighth of its colour."""


@dataclass(frozen=True)
class Light:
    """What the LED does."""

    colour: Colour
    """Steady, or the brighter end of breathing."""
    breath_s: float = 0.0
    """Seconds from dark to bright; 0 is steady."""


DIM = Light((12, 12, 12))
"""Left behind when the conversation is over."""

SPEAKING = Light((0, 255, 60))
"""While it speaks, whatever its face shows."""

DEGRADED = Light((255, 96, 0), 0.5)
"""While the link is bad."""

EXPRESSIONS: Mapping[Expression, Light] = {
    Expression.NEUTRAL: Light((40, 40, 40)),
    Expression.LISTENING: Light((0, 64, 255)),
    Expression.THINKING: Light((128, 255, 255), 0.8),
    Expression.HAPPY: Light((255, 180, 0)),
    Expression.SAD: Light((0, 0, 96)),
    Expression.SURPRISED: Light((255, 0, 255)),
    Expression.SLEEPY: Light((64, 0, 96), 2.0),
    Expression.CONFUSED: Light((160, 0, 255), 0.6),
}
"""The same colours as Cozmo's."""


def light_for(expression: Expression, speaking: bool, degraded: bool) -> Light:
    """What the LED shows."""
    if degraded:
        return DEGRADED
    return SPEAKING if speaking else EXPRESSIONS[expression]


def command(light: Light, transitions: bool) -> tuple[str, dict[str, Any]]:
    """Path and fields of the command for a light, steady where the firmware knows no transitions."""
    red, green, blue = light.colour
    if not (light.breath_s and transitions):
        return "led", {"red": red, "green": green, "blue": blue}
    dark = [value // DIM_SHARE for value in light.colour]
    fields = {"Red": dark[0], "Green": dark[1], "Blue": dark[2], "Red2": red, "Green2": green, "Blue2": blue}
    return "led/transition", {**fields, "TransitionType": "Breathe", "TimeMs": round(light.breath_s * 1e3)}

"""The simulated Cozmo in a terminal: its face in its true proportions, and below it what else can be seen or known."""

from __future__ import annotations

import re
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from cozmo_adapter.simulator.look import Colour, Look
from cozmo_adapter.simulator.motors import HEAD_DEG, LIFT_MM

QUADRANTS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
"""Four pixels in one character; bit 0 is the upper left one, then upper right, lower left, lower right.

A pixel of the display is twice as high as wide, and so is a quarter of a character.
"""

FACE_WIDTH, FACE_HEIGHT = 64, 16
"""In characters."""

FACE_COLOUR = "38;2;130;215;255"
DIM = "2"
WARNING = "1;33"

GAUGE = 14
"""Characters of a gauge."""

LOW_BATTERY_V = 3.7
"""Below this the battery is shown as low (reported: sun4git/SmartCozmo)."""

ESCAPE = re.compile(r"(\033\[[0-9;]*m)")


def draw(look: Look, width: int = 80) -> str:
    """The robot as 21 lines of text with ANSI colours, none wider than `width` characters."""
    head = f"head {_gauge(look.head_deg, *HEAD_DEG)} {look.head_deg:+5.1f}°"
    lift = f"lift {_gauge(look.lift_mm, *LIFT_MM)} {look.lift_mm:4.1f} mm"
    cubes = [f"cube {number} {''.join(map(_dot, lamps))}" for number, lamps in look.cubes.items()]
    known = [look.client or "no client", f"firmware {look.firmware}"]
    known += [f"{name.replace('_', ' ')} {count}" for name, count in look.counters.items()]
    lines = [
        "╭" + "─" * FACE_WIDTH + "╮",
        *(f"│{_styled(FACE_COLOUR, row)}│" for row in _face(look)),
        "╰" + "─" * FACE_WIDTH + "╯",
        f" {head}   {lift}   back {''.join(map(_dot, look.backpack))}",
        " " + "   ".join([_battery(look), f"volume {look.volume:.0%}", *_states(look), *cubes]),
        _styled(DIM, " " + " · ".join(known)),
    ]
    return "\n".join(_cut(line, width) for line in lines)


def _face(look: Look) -> list[str]:
    """The display's rows of characters; a message of the robot stands in the middle."""
    if look.message:
        rows = [" " * FACE_WIDTH] * FACE_HEIGHT
        rows[FACE_HEIGHT // 2] = look.message.center(FACE_WIDTH)
        return rows
    return _quadrants(np.zeros((2 * FACE_HEIGHT, 2 * FACE_WIDTH), np.bool_) if look.face is None else look.face)


def _quadrants(pixels: npt.NDArray[np.bool_]) -> list[str]:
    corners = (pixels[row::2, column::2].astype(np.uint8) for row in (0, 1) for column in (0, 1))
    numbers = sum(corner << bit for bit, corner in enumerate(corners))
    return ["".join(QUADRANTS[number] for number in row) for row in np.asarray(numbers)]


def _gauge(value: float, lowest: float, highest: float) -> str:
    place = round((value - lowest) / (highest - lowest) * (GAUGE - 1))
    place = min(max(place, 0), GAUGE - 1)
    return _styled(DIM, "─" * place) + "●" + _styled(DIM, "─" * (GAUGE - 1 - place))


def _dot(colour: Colour) -> str:
    red, green, blue = colour
    return _styled(f"38;2;{red};{green};{blue}", "●") if any(colour) else _styled(DIM, "○")


def _battery(look: Look) -> str:
    text = f"battery {look.battery_v:.2f} V"
    return _styled(WARNING, text + " low") if look.battery_v < LOW_BATTERY_V else text


def _states(look: Look) -> list[str]:
    states = {
        "speaking": look.speaking,
        "on its charger": look.on_charger,
        "picked up": look.picked_up,
        "at an edge": look.cliff,
    }
    return [_styled(WARNING, name) for name, holds in states.items() if holds]


def _styled(style: str, text: str) -> str:
    return f"\033[{style}m{text}\033[0m"


def _cut(line: str, width: int) -> str:
    """The line without what is too far right; its escape sequences take no room and stay."""
    parts = ESCAPE.split(line)
    ends = accumulate(0 if ESCAPE.match(part) else len(part) for part in parts)
    return "".join(
        part if ESCAPE.match(part) else part[: max(0, width - (end - len(part)))]
        for part, end in zip(parts, ends, strict=True)
    )

"""What people and the world do to the robot, by name."""

from __future__ import annotations

import math
from collections.abc import Callable

from cozmo_adapter.simulator.body import Body
from cozmo_adapter.simulator.senses import Orientation


def _put(**changes: object) -> Callable[[Body], None]:
    def happen(body: Body) -> None:
        for name, value in changes.items():
            setattr(body.senses, name, value)

    return happen


def _fall(body: Body) -> None:
    if body.senses.falling_s is None:
        body.senses.falling_s = 0.0
        body.send("FallingStarted", unknown=0)


def _land(body: Body) -> None:
    seconds = body.senses.falling_s
    if seconds is not None:
        body.senses.falling_s = None
        body.send("FallingStopped", unknown=0, duration_ms=round(seconds * 1e3), impact_intensity=1000.0)


def _tap(body: Body) -> None:
    body.senses.tapped = True
    body.send("RobotPoked")


def set_battery(body: Body, value: str) -> None:
    """Let the battery have so many volts, 0..5.

    Raises:
        ValueError: that is no voltage.
    """
    try:
        volts = float(value)
    except ValueError:
        volts = math.nan
    if not 0 <= volts <= 5:
        raise ValueError(f"battery={value}: say volts from 0 to 5, such as battery=3.6")
    body.senses.battery_v = volts


HAPPENINGS: dict[str, Callable[[Body], None]] = {
    "picked_up": _put(picked_up=True, on_charger=False),
    "put_down": _put(picked_up=False),
    "cliff_on": Body.reach_cliff,
    "cliff_off": _put(cliff=False),
    "fall": _fall,
    "landed": _land,
    "tap": _tap,
    "button": Body.press_button,
    "charger_on": _put(on_charger=True),
    "charger_off": _put(on_charger=False),
    "on_threads": _put(orientation=Orientation.ON_THREADS),
    "on_back": _put(orientation=Orientation.ON_BACK),
    "on_face": _put(orientation=Orientation.ON_FACE),
    "on_left_side": _put(orientation=Orientation.ON_LEFT_SIDE),
    "on_right_side": _put(orientation=Orientation.ON_RIGHT_SIDE),
    "cube_tap": Body.tap_cube,
}
"""What can happen to a robot that is on."""

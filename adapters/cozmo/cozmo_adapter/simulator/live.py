"""The simulated Cozmo live in a terminal, with single keys that make things happen to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from prompt_toolkit.application import Application, get_app
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.layout import FormattedTextControl, Layout, Window

from cozmo_adapter.simulator.look import Look
from cozmo_adapter.simulator.view import draw

if TYPE_CHECKING:
    from cozmo_adapter.simulator.robot import SimulatedCozmo

REFRESH_S = 0.1
"""Seconds between two pictures."""

BATTERY_STEP_V = 0.1
"""What one key press adds to the battery or takes from it."""

BATTERY_V = (3.0, 4.2)
"""Empty and full, beyond which the keys do not go."""


def battery(volts: float) -> str:
    """The event that sets the battery."""
    return f"battery={min(max(volts, BATTERY_V[0]), BATTERY_V[1]):.2f}"


KEYS: dict[str, tuple[str, Callable[[Look], str]]] = {
    "p": ("pick up", lambda look: "put_down" if look.picked_up else "picked_up"),
    "t": ("tap", lambda look: "tap"),
    "c": ("cliff", lambda look: "cliff_off" if look.cliff else "cliff_on"),
    "g": ("charger", lambda look: "charger_off" if look.on_charger else "charger_on"),
    "b": ("button", lambda look: "button"),
    "f": ("fall", lambda look: "fall"),
    "l": ("land", lambda look: "landed"),
    "k": ("cube", lambda look: "cube_tap"),
    "r": ("reboot", lambda look: "reboot"),
    "o": ("off/on", lambda look: "power_on" if look.message == "(off)" else "power_off"),
    "-": ("and", lambda look: battery(look.battery_v - BATTERY_STEP_V)),
    "+": ("battery", lambda look: battery(look.battery_v + BATTERY_STEP_V)),
}
"""What a key is called in the line of help, and the event it stands for."""

_LABELS = [f"{key} {name}" for key, (name, _) in KEYS.items()] + ["q quit"]

HELP = "\n".join("  ".join([""] + _LABELS[part]) for part in (slice(None, 7), slice(7, None)))
"""The keys, in two lines."""


def text(robot: SimulatedCozmo, address: str, width: int) -> ANSI:
    """How to talk with the robot, how it looks, and the keys: 24 lines."""
    return ANSI(f"  {address}\n{draw(robot.look(), width)}\n\033[2m{HELP}\033[0m")


def key_bindings(robot: SimulatedCozmo, quit: Callable[[], None]) -> KeyBindings:
    """The keys of `KEYS`, and those that quit."""
    bindings = KeyBindings()
    for key, (_, event) in KEYS.items():
        bindings.add(key)(lambda _, event=event: robot.inject(event(robot.look())))
    for key in ("q", "c-c", "c-d"):
        bindings.add(key)(lambda _: quit())
    return bindings


async def show(robot: SimulatedCozmo, address: str, stopped: asyncio.Event) -> None:
    """Show it until `stopped`, which `q` and Ctrl-C set; the terminal is then as it was before."""
    control = FormattedTextControl(lambda: text(robot, address, get_app().output.get_size().columns))
    app: Application[None] = Application(
        layout=Layout(Window(control, always_hide_cursor=True)),
        key_bindings=key_bindings(robot, stopped.set),
        full_screen=True,
        refresh_interval=REFRESH_S,
    )
    showing = asyncio.create_task(app.run_async(handle_sigint=False))
    stopping = asyncio.create_task(stopped.wait())
    await asyncio.wait([showing, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not showing.done():
        app.exit()
    await showing

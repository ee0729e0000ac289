"""What changed about the simulated Cozmo, in lines of text, for those who do not see it."""

from __future__ import annotations

from collections.abc import Iterator

from cozmo_adapter.simulator.look import Look
from cozmo_adapter.simulator.view import LOW_BATTERY_V


def changes(before: Look, after: Look) -> Iterator[str]:
    """One line for each thing that a person beside the robot would mention."""
    if after.client != before.client:
        yield f"client {after.client} connected" if after.client else f"client {before.client} is gone"
    if after.message != before.message:
        yield f"display: {after.message}" if after.message else "display: ready"
    if (after.face is None) is not (before.face is None) and not after.message:
        yield "the display is dark" if after.face is None else "a face appears"
    if after.volume != before.volume:
        yield f"volume {after.volume:.0%}"
    if after.speaking is not before.speaking:
        yield "speaks" if after.speaking else "is silent"
    if after.picked_up is not before.picked_up:
        yield "picked up" if after.picked_up else "put down"
    if after.cliff is not before.cliff:
        yield "at an edge" if after.cliff else "away from the edge"
    if after.on_charger is not before.on_charger:
        yield "on its charger" if after.on_charger else "off its charger"
    if (after.battery_v < LOW_BATTERY_V) is not (before.battery_v < LOW_BATTERY_V):
        yield f"battery {after.battery_v:.2f} V" + (", low" if after.battery_v < LOW_BATTERY_V else "")

"""The commands of a Misty, by her firmware."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from misty_adapter.simulator.api import display, hearing, motion, sound, system
from misty_adapter.simulator.api.endpoint import Endpoint, Table, Values, text
from misty_adapter.simulator.event_types import describe
from misty_adapter.simulator.firmware import Firmware

if TYPE_CHECKING:
    from misty_adapter.simulator.misty import Misty

FAMILIES = (sound, hearing, display, motion, system)
"""Modules that have commands."""


def commands(firmware: Firmware) -> Table:
    """All commands that a firmware has, with those that describe them."""

    async def help(misty: Misty, values: Values) -> Any:
        return table.help(values["Command"])

    async def websockets(misty: Misty, values: Values) -> Any:
        return describe(values["WebsocketClass"])

    about = (
        Endpoint("get", "help", "GetHelp", help, (text("Command"),)),
        Endpoint("get", "websockets", "GetWebsocketNames", websockets, (text("WebsocketClass"),)),
    )
    every = [endpoint for family in FAMILIES for endpoint in family.ENDPOINTS]
    table = Table(endpoint for endpoint in (*every, *about) if endpoint.name not in firmware.lacks)
    return table

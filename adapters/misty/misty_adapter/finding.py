"""Finding a Misty: from the address that the user gave to a robot whose commands are known."""

from __future__ import annotations

import asyncio
import socket
import time

from misty_adapter.connection.capabilities import Firmware, firmware
from misty_adapter.connection.client import CallError, Client
from robot_runtime.errors import RobotError

HELP_S = 5.0
"""How long the list of commands may take, which is long."""

AGAIN_S = 0.5
"""Pause between attempts."""


async def resolve(host: str, port: int) -> tuple[str, int]:
    """The IPv4 address of a host, and the port; raises `RobotError` when there is no such host."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, family=socket.AF_INET)
    except OSError as error:
        raise RobotError(f"no robot at {host}: {error.strerror or error}; check --ip") from error
    address: tuple[str, int] = found[0][4][:2]  # type: ignore[assignment]
    return address


async def find(client: Client, where: str, seconds: float) -> Firmware:
    """The firmware of the robot, as soon as it answers.

    Args:
        client: gives commands.
        where: its address, for messages.
        seconds: how long to try.

    Raises:
        RobotError: it does not answer, or it is no Misty.
    """
    ends = time.monotonic() + seconds
    while True:
        try:
            return firmware(await client.get("help", limit_s=HELP_S))
        except CallError as error:
            strange = error.status is not None and error.status != 503
            if strange or time.monotonic() + AGAIN_S > ends:
                raise RobotError(f"cannot talk to Misty at {where}: {error}") from error
        await asyncio.sleep(AGAIN_S)

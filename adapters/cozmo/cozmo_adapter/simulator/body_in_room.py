"""A simulated Cozmo in the room of the acoustic stand."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from cozmo_adapter.simulator.robot import SimulatedCozmo
from robot_runtime.stand.body import Body, Overheard
from robot_runtime.stand.room import Room

BOOT_S = 1.0
"""A reboot is not what the stand is about."""


@contextlib.asynccontextmanager
async def body(room: Room) -> AsyncIterator[Body]:
    """On the wire for the time of the context."""
    simulated = SimulatedCozmo(recording=Overheard(room), boot_s=BOOT_S)
    await simulated.start()
    try:
        yield Body("{}:{}".format(*simulated.address), inject=simulated.inject)
    finally:
        await simulated.stop()

"""A simulated Misty in the room of the acoustic stand."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from misty_adapter.simulator.simulated_misty import SimulatedMisty
from robot_runtime.stand.body import Body, Overheard
from robot_runtime.stand.room import Room

BOOT_S = 1.0
"""A reboot is not what the stand is about."""


@contextlib.asynccontextmanager
async def body(room: Room) -> AsyncIterator[Body]:
    """On the wire for the time of the context; she does not look for faces, since there is none."""
    simulated = SimulatedMisty(recording=Overheard(room), boot_s=BOOT_S)
    room.before_each_block = lambda: simulated.misty.loudspeaker.mix()
    await simulated.start()
    try:
        yield Body(simulated.address, settings={"gaze": False}, inject=simulated.inject)
    finally:
        await simulated.stop()

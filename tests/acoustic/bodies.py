"""The robots that can stand in the room: their far ends, heard as they play."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from acoustic.room import Room
from cozmo_adapter.simulator.robot import SimulatedCozmo
from misty_adapter.simulator.simulated_misty import SimulatedMisty
from robot_runtime.simulation.recording import Recording
from robot_runtime.sound.feed import Feed

RATE = 22_050
"""Sampling rate of all three loudspeakers, and of espeak-ng, in Hz."""


@dataclass(frozen=True)
class Body:
    """A robot in the room."""

    address: str | None = None
    """HOST:PORT of its simulator."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Its `[robot]` table."""
    inject: Callable[[str], None] = lambda event: None
    """Lets something happen to it."""


class Overheard(Recording):
    """What a simulator plays, put into the room."""

    def __init__(self, room: Room) -> None:
        super().__init__(None, RATE)
        self._room = room
        self._zero = room.now() - self.now()

    def sound(self, pcm: NDArray[np.int16], at: float | None = None) -> None:
        self._room.robot.put(pcm, None if at is None else self._zero + at)


class Loudspeaker:
    """The computer's own: takes samples when they are due, without a device."""

    name = "loudspeaker of the room"

    def __init__(self, room: Room) -> None:
        self._room = room
        self._feed: Feed | None = None
        self._began = 0.0

    def start(self, feed: Feed, rate: int) -> None:
        assert rate == RATE
        self._began = self._room.now()
        self._feed = feed

    def stop(self) -> None:
        self._feed = None

    def play(self) -> None:
        """Take what was due since the last time."""
        if feed := self._feed:
            taken = feed.taken
            due = round((self._room.now() - self._began) * RATE) - taken
            if due > 0:
                self._room.robot.put(np.frombuffer(feed.take(due), np.int16), self._began + taken / RATE)


@contextlib.asynccontextmanager
async def virtual(room: Room) -> AsyncIterator[Body]:
    """The computer, with a loudspeaker in place of the first that would be tried."""
    loudspeaker = Loudspeaker(room)
    room.before_each_block = loudspeaker.play
    with patch("robot_runtime.sound.choose.SounddeviceOutput", lambda device, rate: loudspeaker):
        yield Body()


@contextlib.asynccontextmanager
async def cozmo(room: Room) -> AsyncIterator[Body]:
    """A Cozmo on the wire."""
    simulated = SimulatedCozmo(recording=Overheard(room), boot_s=1.0)
    await simulated.start()
    try:
        yield Body("{}:{}".format(*simulated.address), inject=simulated.inject)
    finally:
        await simulated.stop()


@contextlib.asynccontextmanager
async def misty(room: Room) -> AsyncIterator[Body]:
    """A Misty on the wire."""
    simulated = SimulatedMisty(recording=Overheard(room), boot_s=1.0)
    room.before_each_block = lambda: simulated.misty.loudspeaker.mix()
    await simulated.start()
    try:
        yield Body(simulated.address, {"gaze": False}, simulated.inject)
    finally:
        await simulated.stop()


BODIES = {"virtual": virtual, "cozmo": cozmo, "misty": misty}
"""By platform."""

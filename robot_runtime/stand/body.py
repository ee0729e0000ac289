"""The robots that can stand in a room: their far ends, heard as they play.

The computer's own loudspeaker is here. Any other robot is its simulator: the entry point in the group
`robot_runtime.simulators` gives its parser the default `body`, a function from a `Room` to a context of a `Body`.
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robot_runtime.cli.simulate_command import GROUP
from robot_runtime.errors import MissingExtraError, SettingsError
from robot_runtime.simulation.recording import Recording
from robot_runtime.sound.choose import OTHERS
from robot_runtime.sound.feed import Feed
from robot_runtime.sound.outputs import OutputFailed
from robot_runtime.stand.room import ROBOT_RATE, Room

VIRTUAL = "virtual"
"""The platform that needs no simulator."""

LOUDSPEAKER = "loudspeaker of the room"
"""Its sound device."""


@dataclass(frozen=True)
class Body:
    """A robot in a room."""

    address: str | None = None
    """HOST:PORT of its simulator."""
    sound_device: str | None = None
    """What it plays on, of the computer's."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What its `[robot]` table has to hold."""
    inject: Callable[[str], None] = lambda event: None
    """Lets something happen to it; raises ValueError for what cannot."""


class Overheard(Recording):
    """What a simulator plays, put into a room."""

    def __init__(self, room: Room) -> None:
        """Keeps nothing else."""
        super().__init__(None, ROBOT_RATE)
        self._room = room
        self._zero = room.now() - self.now()

    def sound(self, pcm: NDArray[np.int16], at: float | None = None) -> None:
        """See `Recording.sound`."""
        self._room.robot.put(pcm, None if at is None else self._zero + at)


class Loudspeaker:
    """An `Output` that takes samples when they are due, without a device."""

    name = LOUDSPEAKER

    def __init__(self, room: Room) -> None:
        """Play into `room`."""
        self._room = room
        self._feed: Feed | None = None
        self._began = 0.0

    def start(self, feed: Feed, rate: int) -> None:
        """See `Output.start`."""
        if rate != ROBOT_RATE:
            raise OutputFailed(f"it has {ROBOT_RATE} Hz, not {rate}")
        self._began = self._room.now()
        self._feed = feed

    def stop(self) -> None:
        """See `Output.stop`."""
        self._feed = None

    def play(self) -> None:
        """Take what was due since the last time."""
        if feed := self._feed:
            taken = feed.taken
            due = round((self._room.now() - self._began) * ROBOT_RATE) - taken
            if due > 0:
                self._room.robot.put(np.frombuffer(feed.take(due), np.int16), self._began + taken / ROBOT_RATE)


@contextlib.asynccontextmanager
async def _computer(room: Room) -> AsyncIterator[Body]:
    loudspeaker = Loudspeaker(room)
    room.before_each_block = loudspeaker.play
    OTHERS[LOUDSPEAKER] = lambda: loudspeaker
    try:
        yield Body(sound_device=LOUDSPEAKER)
    finally:
        del OTHERS[LOUDSPEAKER]


def body_in(room: Room, platform: str) -> AbstractAsyncContextManager[Body]:
    """The robot of that platform in the room, for the time of the context.

    Raises:
        SettingsError: it has no simulator that can stand in a room, or the room is too quick for it.
        MissingExtraError: a library that its simulator needs is not installed.
    """
    if platform == VIRTUAL:
        return _computer(room)
    if room.quick:
        raise SettingsError(f"{platform} is simulated in real time: a quick room has the {VIRTUAL} robot only")
    for entry in entry_points(group=GROUP, name=platform):
        parser = argparse.ArgumentParser()
        try:
            entry.load()(parser)
            if body := parser.get_default("body"):
                made: AbstractAsyncContextManager[Body] = body(room)
                return made
        except ModuleNotFoundError as error:
            raise MissingExtraError(f"the simulator of '{platform}' ({error})", platform) from error
    known = ", ".join(sorted(entry.name for entry in entry_points(group=GROUP)))
    raise SettingsError(f"'{platform}' has no simulator for the room; there are {VIRTUAL}, {known}")

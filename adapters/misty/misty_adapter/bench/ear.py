"""A robot that talks to a simulator in the same process, and what is heard of it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from misty_adapter.robot import MistyRobot
from misty_adapter.settings import MistySettings
from misty_adapter.simulator.clock import Clock
from misty_adapter.simulator.loudspeaker import RATE
from misty_adapter.simulator.simulated_misty import SimulatedMisty
from robot_runtime.simulation.recording import Recording
from robot_runtime.voice.speech import Speech


@dataclass
class Heard:
    """A sound that began to play."""

    at: float
    """When, by the monotonic clock."""
    seconds: float
    """How long it is, to a thousandth."""
    complete: bool | None = None
    """Whether it was played to its end, None while it plays."""


class Ear(Recording):
    """Hears the loudspeaker of a simulator, whose sounds play one after the other."""

    def __init__(self, remembers: bool = True, clock: Clock | None = None) -> None:
        """Hear nothing yet; `remembers` keeps what is heard in `heard`."""
        super().__init__(None, RATE, clock.now if clock else time.monotonic)
        self._remembers = remembers
        self.heard: list[Heard] = []
        """In order."""
        self.faults: list[float] = []
        """When a fault befell, in order."""

    def event(self, type: str, **fields: Any) -> None:
        """Note when a sound begins and ends, and when a fault befalls."""
        if type == "sound_started" and self._remembers:
            self.heard.append(Heard(time.monotonic(), fields["seconds"]))
        elif type == "fault" and self._remembers:
            self.faults.append(time.monotonic())
        elif type == "sound_ended" and self._remembers:
            playing = next(sound for sound in reversed(self.heard) if sound.complete is None)
            playing.complete = fields["complete"]

    def of(self, seconds: float, since: float) -> list[Heard]:
        """Sounds of that length that began at `since` or later."""
        return [sound for sound in self.heard if sound.at >= since and sound.seconds == round(seconds, 3)]


def babble(seconds: float, seed: int) -> Speech:
    """Something with the length of an utterance; its length and seed make it what it is."""
    chance = np.random.default_rng(seed)
    t = np.arange(round(seconds * RATE)) / RATE
    pitch = 280 + 40 * chance.random()
    sound = np.sin(2 * np.pi * pitch * t) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * t))
    return Speech("babble", np.round(sound * 16000).astype(np.int16), RATE)


@contextlib.asynccontextmanager
async def talking(
    ear: Ear, settings: MistySettings | None = None, clock: Clock | None = None, **about: Any
) -> AsyncIterator[tuple[MistyRobot, SimulatedMisty]]:
    """A robot and a simulator that are connected; `about` goes to the simulator."""
    simulated = SimulatedMisty(recording=ear, clock=clock, **about)
    await simulated.start()
    host, port = simulated.address.split(":")
    robot = MistyRobot((host, int(port)), settings or MistySettings(), lambda text: None, clock)
    try:
        await robot.connect()
        yield robot, simulated
    finally:
        await robot.close()
        await simulated.stop()

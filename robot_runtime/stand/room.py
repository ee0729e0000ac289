"""A simulated room: what is said in it and what the robot's loudspeaker plays reach the microphone.

One time axis for everything: seconds since the room was made. In a live room they are real, and the microphone is an
`Input` for the runtime's `Microphone`. In a quick room the microphone is a `Source`: time passes as fast as the ear
listens, and as slowly as in life while an answer is being thought of. So nothing that is measured in a quick room is
shorter than in life, and early thinking has less time than there.
"""

from __future__ import annotations

import asyncio
import math
import time
import wave
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robot_runtime.ear.blocks import BLOCK_S, BLOCK_SAMPLES, Block
from robot_runtime.ear.inputs import InputFailed, Take
from robot_runtime.ear.recogniser import RATE
from robot_runtime.errors import SettingsError
from robot_runtime.stand.track import Track

ROBOT_RATE = 22_050
"""Sampling rate of the robot's loudspeaker in Hz: that of espeak-ng, and of the simulators of robots."""

DULL = np.ones(3) / 3
"""Low pass on the way from the loudspeaker to the microphone: 3 dB less at 3.4 kHz, for 22,050 Hz."""


@dataclass(frozen=True)
class RoomSettings:
    """What the microphone hears beside the caregiver."""

    delay_ms: float = 60.0
    """From the robot's loudspeaker to the microphone, 0 to 500: sound takes 3 ms for a metre, the devices' buffers the
    rest. A quick room needs 60 or more: it does not wait for the loudspeaker to tell that it has begun."""
    echo_db: float = -24.0
    """How loud the robot is at the microphone, beside what it plays, -120 to 0."""
    noise_db: float = -65.0
    """Loudness of the noise, of full scale, -120 to -20."""

    def __post_init__(self) -> None:
        """Refuse values outside the ranges named above; raises `SettingsError`."""
        for name, (low, high) in {"delay_ms": (0, 500), "echo_db": (-120, 0), "noise_db": (-120, -20)}.items():
            if not low <= getattr(self, name) <= high:
                raise SettingsError(f"{name} = {getattr(self, name):g} is outside {low} to {high}")


class Room:
    """A room with a caregiver, a robot and a microphone."""

    name = "microphone of the room"
    waiting = 0

    def __init__(
        self, settings: RoomSettings, *, quick: bool = False, memory_s: float = math.inf, seed: int = 0
    ) -> None:
        """Furnish it.

        Args:
            settings: how it sounds.
            quick: see the module's docstring.
            memory_s: how long sound is kept; `save` needs all of it.
            seed: of the noise.
        """
        self.robot = Track(ROBOT_RATE, memory_s)
        """What the robot's loudspeaker has played."""
        self.caregiver = Track(RATE, memory_s)
        """What the caregiver has said."""
        self.microphone = Track(RATE, memory_s)
        """What has arrived at the microphone, plugged in or not."""
        self.plugged = True
        """A live microphone gives nothing while it is not."""
        self.before_each_block: Callable[[], None] = lambda: None
        """Brings the robot's loudspeaker up to date."""
        self.quick = quick
        """Which kind it is."""
        self._settings = settings
        self._chance = np.random.default_rng(seed)
        self._take: Take | None = None
        self._began = time.monotonic()
        self._blocks = 0
        self._passed = asyncio.Event()
        self._held = False
        self._closed = False

    def now(self) -> float:
        """Seconds since the room was made."""
        return self._blocks * BLOCK_S if self.quick else time.monotonic() - self._began

    async def until(self, moment: float) -> None:
        """Wait for a time of the room."""
        while self.now() < moment:
            await self._passed.wait()

    def say(self, pcm: NDArray[np.int16]) -> tuple[float, float]:
        """Let the caregiver say something at 16 kHz from now on; returns when it begins and ends."""
        begin = self.now() + BLOCK_S
        self.caregiver.put(pcm, begin)
        return begin, begin + len(pcm) / RATE

    async def run(self) -> None:
        """Let time pass in a live room; endless."""
        self._blocks = round(self.now() / BLOCK_S)
        while True:
            await asyncio.sleep(max(0.0, (self._blocks + 1) * BLOCK_S - self.now()))
            block = self._next_block()
            if self._take and self.plugged:
                self._take(block.pcm[:, np.newaxis])

    def start(self, take: Take) -> int:
        """See `Input.start`."""
        if not self.plugged:
            raise InputFailed("unplugged")
        self._take = take
        return RATE

    def stop(self) -> None:
        """See `Input.stop`."""
        self._take = None

    async def blocks(self) -> AsyncGenerator[Block, None]:
        """See `Source.blocks`; time passes in a quick room with each of them."""
        while not self._closed:
            thinking = self._held and self.robot.end_s < self.now() - 2 * BLOCK_S
            await asyncio.sleep(BLOCK_S if thinking else 0)
            yield self._next_block()

    def hold(self, held: bool) -> None:
        """See `Source.hold`."""
        self._held = held

    async def close(self) -> None:
        """See `Source.close`."""
        self._closed = True

    def save(self, path: Path) -> None:
        """Write what was heard as a WAV file, the microphone on the left and the robot on the right."""
        import soxr

        seconds = self._blocks * BLOCK_S
        microphone = self.microphone.read(0, round(seconds * RATE))
        robot = soxr.resample(self.robot.read(0, round(seconds * ROBOT_RATE)), ROBOT_RATE, RATE)
        both = np.zeros((len(microphone), 2), "<i2")
        both[:, 0] = microphone
        both[: len(robot), 1] = robot[: len(microphone)]
        with wave.open(str(path), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(both.tobytes())

    def _next_block(self) -> Block:
        """Let 20 ms pass."""
        self.before_each_block()
        first = self._blocks * BLOCK_SAMPLES
        block = Block(self._arriving(first), first)
        self.microphone.put(block.pcm, first / RATE)
        self._blocks += 1
        passed, self._passed = self._passed, asyncio.Event()
        passed.set()
        return block

    def _arriving(self, first: int) -> NDArray[np.int16]:
        """The block that begins with that sample."""
        settings = self._settings
        times = np.arange(first, first + BLOCK_SAMPLES) / RATE - settings.delay_ms / 1e3
        places = times * ROBOT_RATE
        low = max(0, int(places[0]) - len(DULL))
        played = self.robot.read(low, max(len(DULL), int(places[-1]) + len(DULL) - low))
        dull = np.convolve(played, DULL, "same")
        echo = np.interp(places, low + np.arange(len(dull)), dull) * 10 ** (settings.echo_db / 20)
        noise = self._chance.standard_normal(BLOCK_SAMPLES) * 32767 * 10 ** (settings.noise_db / 20)
        heard = self.caregiver.read(first, BLOCK_SAMPLES) + echo + noise
        whole: NDArray[np.int16] = np.rint(np.clip(heard, -32768, 32767)).astype(np.int16)
        return whole

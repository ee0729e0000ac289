"""A simulated room in real time: what is said in it and what the robot's loudspeaker plays reach the microphone.

One time axis for everything: seconds since the room was made.
"""

from __future__ import annotations

import asyncio
import time
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from acoustic.scenario import RoomSettings
from robot_runtime.ear.blocks import BLOCK_S, BLOCK_SAMPLES
from robot_runtime.ear.inputs import InputFailed, Take
from robot_runtime.ear.recogniser import RATE

LONGEST_S = 900
"""How long a room lasts."""

AUDIBLE = 300
"""From here on a sample of the robot's is heard, of 32767: 41 dB below full scale."""

BREATH_S = 0.5
"""A shorter silence of the robot's is a pause within what it says; between two words of it pass up to 0.3 s."""

DULL = np.ones(3) / 3
"""Low pass on the way from the loudspeaker to the microphone: 3 dB less at 3.4 kHz, for 22,050 Hz."""


class Track:
    """Sound on the room's time axis."""

    def __init__(self, rate: int) -> None:
        """Silence; `rate` in Hz."""
        self.rate = rate
        self.pcm = np.zeros(LONGEST_S * rate, np.int16)
        self.spoken: list[tuple[float, float]] = []
        """When something audible began and ended, in seconds; `BREATH_S` of silence lies between two of them."""
        self._end = 0

    def put(self, pcm: NDArray[np.int16], at: float | None = None) -> None:
        """Add mono samples at a time in seconds, or where the track ends."""
        first = self._end if at is None else max(self._end, round(at * self.rate))
        self._end = first + len(pcm)
        self.pcm[first : self._end] = pcm
        audible = np.flatnonzero(np.abs(pcm.astype(np.int32)) > AUDIBLE)
        for sample in audible[[0, -1]] if len(audible) else ():
            seconds = (first + int(sample)) / self.rate
            if self.spoken and seconds - self.spoken[-1][1] < BREATH_S:
                self.spoken[-1] = (self.spoken[-1][0], seconds)
            else:
                self.spoken.append((seconds, seconds))


class Room:
    """A room with a user, a robot and a microphone, which is an `Input` for the runtime's `Microphone`."""

    name = "microphone of the room"

    def __init__(self, settings: RoomSettings, robot_rate: int, seed: int = 0) -> None:
        """Furnish it; `robot_rate` is that of the loudspeaker in Hz."""
        self.robot = Track(robot_rate)
        """What the robot's loudspeaker has played."""
        self.user = Track(RATE)
        """What the user has said."""
        self.microphone = Track(RATE)
        """What has arrived at the microphone, plugged in or not."""
        self.plugged = True
        self.before_each_block: Callable[[], None] = lambda: None
        """Brings the robot's loudspeaker up to date."""
        self._settings = settings
        self._chance = np.random.default_rng(seed)
        self._take: Take | None = None
        self._began = time.monotonic()

    def now(self) -> float:
        """Seconds since the room was made."""
        return time.monotonic() - self._began

    def say(self, pcm: NDArray[np.int16]) -> tuple[float, float]:
        """Let the user say something at 16 kHz from now on; returns when it begins and ends."""
        begin = self.now() + BLOCK_S
        self.user.put(pcm, begin)
        return begin, begin + len(pcm) / RATE

    def start(self, take: Take) -> int:
        """See `Input.start`."""
        if not self.plugged:
            raise InputFailed("unplugged")
        self._take = take
        return RATE

    def stop(self) -> None:
        """See `Input.stop`."""
        self._take = None

    async def run(self) -> None:
        """Let time pass, and the microphone hear from now on."""
        for number in range(round(self.now() / BLOCK_S), LONGEST_S * RATE // BLOCK_SAMPLES):
            await asyncio.sleep(max(0.0, (number + 1) * BLOCK_S - self.now()))
            self.before_each_block()
            block = self._arriving(number * BLOCK_SAMPLES)
            self.microphone.put(block, number * BLOCK_S)
            if self._take and self.plugged:
                self._take(block[:, np.newaxis])

    def save(self, path: Path) -> None:
        """Write what was heard as a WAV file, the microphone on the left and the robot on the right."""
        seconds = round(self.now())
        robot = soxr.resample(self.robot.pcm[: seconds * self.robot.rate], self.robot.rate, RATE)
        both = np.stack([self.microphone.pcm[: seconds * RATE], robot[: seconds * RATE]], axis=1)
        with wave.open(str(path), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(both.astype("<i2").tobytes())

    def _arriving(self, first: int) -> NDArray[np.int16]:
        """The block that begins with that sample."""
        settings = self._settings
        times = np.arange(first, first + BLOCK_SAMPLES) / RATE - settings.delay_ms / 1e3
        places = times * self.robot.rate
        low = max(0, int(places[0]) - len(DULL))
        dull = np.convolve(self.robot.pcm[low : max(0, int(places[-1])) + len(DULL)], DULL, "same")
        echo = np.interp(places, low + np.arange(len(dull)), dull) * 10 ** (settings.echo_db / 20)
        noise = self._chance.standard_normal(BLOCK_SAMPLES) * 32767 * 10 ** (settings.noise_db / 20)
        heard = self.user.pcm[first : first + BLOCK_SAMPLES] + echo + noise
        whole: NDArray[np.int16] = np.rint(np.clip(heard, -32768, 32767)).astype(np.int16)
        return whole

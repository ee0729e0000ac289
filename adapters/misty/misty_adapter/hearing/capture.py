"""Listening through Misty: she captures an utterance into a file, and the file is fetched. Half duplex."""

from __future__ import annotations

import asyncio
import base64
import io
import wave
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from misty_adapter.clock import Clock
from misty_adapter.connection import messages
from misty_adapter.connection.client import CallError, Client
from robot_runtime.errors import RobotError

CAPTURE = "audio/speech/capture"
"""The command that captures."""

EVENT = "VoiceRecord"
"""Type of the event that tells the end of a capture."""

LONGEST_S = (0.5, 20.0)
"""Limits of the length of an utterance (documented)."""

SILENCE_S = (0.5, 10.0)
"""Limits of the silence that ends it (documented)."""

SLACK_S = 3.0
"""How late the end of a capture may be told."""

FETCH_S = 10.0
"""How long fetching the file may take: 20 s of sound are about 900 kB in base64."""


@dataclass(frozen=True)
class Sound:
    """What was heard."""

    pcm: npt.NDArray[np.int16]
    """Mono samples, shape (n,)."""
    rate: int
    """In Hz."""


class Ears:
    """See the module's docstring."""

    def __init__(self, client: Client, clock: Clock, ended: Callable[[], None] = lambda: None) -> None:
        """Listen to nothing yet.

        Args:
            client: gives commands.
            clock: the robot's time.
            ended: called after each capture; the robot no longer listens for its key phrase then.
        """
        self._client = client
        self._clock = clock
        self._ended = ended
        self._gated = False
        self._busy = False
        self._told: Any = None
        self._why = ""
        self._over = asyncio.Event()
        """Something was told of the capture, or it is given up for some reason."""

    async def open(self) -> None:
        """Nothing to do: each utterance is captured when it is asked for."""

    def happened(self, type: str, data: Any) -> None:
        """An event came in."""
        if type == EVENT and self._busy:
            self._told = data
            self._over.set()

    def gate(self, closed: bool) -> None:
        """Listen to nothing while it is closed, because the robot speaks; a capture that is under way is given up."""
        self._gated = closed
        if closed:
            self._give_up("Misty began to speak, and heard itself")

    async def close(self) -> None:
        """Wait for no utterance any more. Never raises."""
        self._give_up("Misty no longer listens: the conversation is over")

    async def utterance(self, longest_s: float = 7.5, silence_s: float = 2.0) -> Sound | None:
        """What somebody says now, None if nobody says anything.

        Args:
            longest_s: when to stop listening, 0.5 to 20 s.
            silence_s: silence before or after speech that ends it, 0.5 to 10 s.

        Raises:
            RobotError: it speaks or listens already, it does not capture anything, or its file cannot be read.
        """
        if self._gated:
            raise RobotError("Misty does not listen while it speaks")
        if self._busy:
            raise RobotError("Misty listens already: one utterance at a time")
        self._busy, self._why = True, ""
        try:
            return await self._capture(_within(longest_s, LONGEST_S), _within(silence_s, SILENCE_S))
        finally:
            self._busy = False
            self._ended()

    async def _capture(self, longest_s: float, silence_s: float) -> Sound | None:
        await self._client.post(
            CAPTURE, sent=self._sent, RequireKeyPhrase=False, OverwriteExisting=True,
            MaxSpeechLength=round(longest_s * 1e3), SilenceTimeout=round(silence_s * 1e3),
        )  # fmt: skip
        late = asyncio.create_task(self._clock.sleep(longest_s + silence_s + SLACK_S))
        over = asyncio.create_task(self._over.wait())
        try:
            await asyncio.wait([over, late], return_when=asyncio.FIRST_COMPLETED)
        finally:
            late.cancel()
            over.cancel()
        if self._why:
            raise RobotError(self._why)
        if not self._over.is_set():
            raise RobotError("Misty listened and never said what became of it; its recordings fail at times, try again")
        told = self._told
        name = messages.text(told, "filename")
        if messages.field(told, "success") is not True or not name:
            return None
        return _sound(await self._file(name))

    def _sent(self) -> None:
        """What was told until now was about an earlier capture, because of which this one was refused at first."""
        self._told = None
        if not self._why:
            self._over.clear()

    def _give_up(self, why: str) -> None:
        if self._busy:
            self._why = why
            self._over.set()

    async def _file(self, name: str) -> bytes:
        # Some firmware tells the whole path.
        file = name.replace("\\", "/").rpartition("/")[2]
        answer = await self._client.get("audio", limit_s=FETCH_S, FileName=file, Base64="true")
        try:
            return base64.b64decode(messages.text(answer, "base64").partition("base64,")[2] or
                                    messages.text(answer, "base64"), validate=True)  # fmt: skip
        except ValueError as error:
            raise CallError(f"what Misty says is in {file} is no base64") from error


def _sound(data: bytes) -> Sound:
    try:
        with wave.open(io.BytesIO(data)) as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            frames = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise RobotError(f"what Misty recorded is no WAV file: {error}") from error
    if width != 2 or rate <= 0:
        raise RobotError(f"what Misty recorded has samples of {8 * width} bits at {rate} Hz; 16 bits are understood")
    pcm = np.frombuffer(frames[: len(frames) - len(frames) % (2 * channels)], "<i2")
    return Sound(np.ascontiguousarray(pcm.reshape(-1, channels)[:, 0], np.int16), rate)


def _within(value: float, limits: tuple[float, float]) -> float:
    return min(limits[1], max(limits[0], value))

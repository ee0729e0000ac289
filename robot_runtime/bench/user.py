"""A caregiver who speaks from a script, in real time, and waits for each answer: the far end of the microphone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robot_runtime.ear.blocks import Block, BlockCutter
from robot_runtime.ear.conversion import Conversion
from robot_runtime.ear.recogniser import RATE
from robot_runtime.errors import SettingsError
from robot_runtime.voice.choose import open_voice
from robot_runtime.voice.settings import VoiceSettings
from robot_runtime.voice.speech import levelled

CAREGIVER_VOICE = Path(__file__).parents[1] / "voice" / "voices" / "caregiver"
"""The espeak-ng voice file of a grown woman."""

BETWEEN_S = 0.5
"""Pause of the caregiver after an answer; people need some 0.2 s, and the ear stays shut for a moment."""

PATIENCE_S = 3.0
"""How long the caregiver waits for an answer before the next line."""

NOISE = 12
"""Standard deviation of the noise of the room, of 32767: a quiet one, some 70 dB below full scale."""

VOICED = 0.01
"""A sample below this share of an utterance's peak is not speech any more."""


async def spoken(lines: list[str]) -> list[NDArray[np.int16]]:
    """The lines as the caregiver says them, mono at 16 kHz.

    Raises:
        SettingsError: espeak-ng is not installed here.
    """
    voice, _ = open_voice(VoiceSettings(voice_file=CAREGIVER_VOICE, rate_wpm=150))
    if voice.name != "espeak":
        raise SettingsError("bench voice needs espeak-ng for its caregiver: pip install 'toddler-robot[espeak]'")
    try:
        sounds = []
        for line in lines:
            speech = await voice.synthesize(line)
            sounds.append(Conversion(speech.rate).convert(levelled(speech.pcm)[:, np.newaxis], last=True))
        return sounds
    finally:
        await voice.aclose()


class ScriptedUser:
    """A source of sound in real time."""

    name = "scripted caregiver"

    def __init__(
        self, sounds: list[NDArray[np.int16]], seed: int, on_line: Callable[[int], None] = lambda n: None
    ) -> None:
        """Say each of the sounds in turn.

        Args:
            sounds: utterances, mono at 16 kHz.
            seed: of the room's noise.
            on_line: told the number of each line when it begins.
        """
        self._sounds = sounds
        self._chance = np.random.default_rng(seed)
        self._on_line = on_line
        self._held = False
        self._answered = asyncio.Event()
        self.ended_at: dict[int, float] = {}
        """When the last voiced sample of each line was recorded (time.perf_counter)."""
        self.line = -1
        """The number of the latest line."""

    def hold(self, held: bool) -> None:
        """The robot speaks, or has ended to."""
        if self._held and not held:
            self._answered.set()
        self._held = held

    async def blocks(self) -> AsyncGenerator[Block, None]:
        """See `Source.blocks`."""
        cutter = BlockCutter()
        began = time.perf_counter()
        sent = 0
        for number, sound in enumerate(self._sounds):
            async for block in self._pace(began, cutter, self._noise(BETWEEN_S)):
                sent = block.end
                yield block
            self.line = number
            self._answered.clear()
            self._on_line(number)
            loud = np.abs(sound.astype(np.int32))
            voiced = int(np.flatnonzero(loud > VOICED * loud.max())[-1])
            self.ended_at[number] = began + (sent + voiced + 1) / RATE
            async for block in self._pace(began, cutter, self._mixed(sound)):
                sent = block.end
                yield block
            waited = 0.0
            while waited < PATIENCE_S and not self._answered.is_set():
                async for block in self._pace(began, cutter, self._noise(0.1)):
                    sent = block.end
                    yield block
                waited += 0.0 if self._held else 0.1

    async def close(self) -> None:
        """See `Source.close`."""

    async def _pace(self, began: float, cutter: BlockCutter, pcm: NDArray[np.int16]) -> AsyncGenerator[Block, None]:
        for block in cutter.cut(pcm):
            await asyncio.sleep(max(0.0, began + block.end_s - time.perf_counter()))
            yield block

    def _noise(self, seconds: float) -> NDArray[np.int16]:
        return np.round(self._chance.standard_normal(round(seconds * RATE)) * NOISE).astype(np.int16)

    def _mixed(self, sound: NDArray[np.int16]) -> NDArray[np.int16]:
        whole = -(-len(sound) // 320) * 320
        padded = np.zeros(whole, np.int32)
        padded[: len(sound)] = sound
        padded += np.round(self._chance.standard_normal(whole) * NOISE).astype(np.int32)
        return np.clip(padded, -32768, 32767).astype(np.int16)

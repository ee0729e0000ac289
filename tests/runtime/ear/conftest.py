"""Speech for the ear: synthesised, in a room with noise."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from robot_runtime.voice.espeak import EspeakVoice
from robot_runtime.voice.espeak_library import find_library
from robot_runtime.voice.settings import TODDLER_VOICE, VoiceSettings

Say = Callable[..., NDArray[np.int16]]
Room = Callable[..., NDArray[np.int16]]


@pytest.fixture(scope="session")
def say() -> Say:
    """Text to mono speech of a child, or of an adult, at 16 kHz, without silence around it."""

    def speak(text: str, *, adult: bool = False) -> NDArray[np.int16]:
        file = find_library().data / "lang/gmw/en-US" if adult else TODDLER_VOICE
        voice = EspeakVoice(VoiceSettings(voice_file=file, rate_wpm=150))
        with ThreadPoolExecutor(1) as thread:  # the test's own thread may have a loop running
            speech = thread.submit(asyncio.run, voice.synthesize(text)).result(30)
        pcm = soxr.resample(speech.pcm, speech.rate, 16000)
        loud = np.flatnonzero(np.abs(pcm) > 200)
        return np.asarray(pcm[loud[0] : loud[-1] + 1])

    return speak


@pytest.fixture(scope="session")
def room() -> Room:
    """Pieces of sound, and seconds of silence, one after the other in a room with noise of -60 dBFS."""

    def put(*pieces: NDArray[np.int16] | float, noise: float = 30.0) -> NDArray[np.int16]:
        quiet = [np.zeros(round(p * 16000), np.int16) if isinstance(p, int | float) else p for p in pieces]
        sound = np.concatenate(quiet).astype(np.float64)
        sound += np.random.default_rng(1).normal(0, noise, len(sound))
        return np.rint(np.clip(sound, -32768, 32767)).astype(np.int16)

    return put

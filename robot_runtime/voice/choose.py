"""Which voice speaks on this machine, and whether it works."""

from __future__ import annotations

import sys
import time
from typing import Any

from robot_runtime.errors import MissingExtraError, VoiceError
from robot_runtime.voice.espeak import EspeakVoice
from robot_runtime.voice.pitch import median_f0
from robot_runtime.voice.pyttsx3_engine import Pyttsx3Voice
from robot_runtime.voice.settings import VoiceSettings
from robot_runtime.voice.speech import Speech, Voice

_SENTENCE = "me want ball! where doggy go?"


class SilentVoice:
    """Says nothing: every utterance has zero samples, and the dialogue goes on in text."""

    name = "none"

    async def synthesize(self, text: str) -> Speech:
        """See `Voice.synthesize`."""
        return Speech.silence(text)

    def describe(self) -> dict[str, Any]:
        """See `Voice.describe`."""
        return {"engine": self.name, "voice": self.name}

    async def aclose(self) -> None:
        """See `Voice.aclose`."""


def open_voice(settings: VoiceSettings) -> tuple[Voice, str | None]:
    """Return the voice that `settings.engine` names, and one line for the user when it stays silent unasked.

    `auto` is espeak on Linux and pyttsx3 elsewhere; without its extra it is silent, and the line says why.

    Raises:
        MissingExtraError: the engine asked for by name is not installed.
        VoiceError: it is installed, and does not work.
    """
    engine = settings.engine
    if engine == "none":
        return SilentVoice(), None
    if engine == "auto":
        engine = "espeak" if sys.platform == "linux" else "pyttsx3"
    try:
        return (EspeakVoice if engine == "espeak" else Pyttsx3Voice)(settings), None
    except MissingExtraError as error:
        if settings.engine != "auto":
            raise
        return SilentVoice(), f"No voice, only text. {error}"


async def check_voice(settings: VoiceSettings) -> dict[str, Any]:
    """Speak one sentence into memory and return what `doctor` reports.

    Returns:
        What `Voice.describe` says, with `f0_hz` (median; our espeak voice gives 291), `seconds` of sound and
        `ms`, the time from text to all samples of a voice that has spoken before.

    Raises:
        MissingExtraError: the engine is not installed.
        VoiceError: it does not work, or makes no sound.
    """
    voice, notice = open_voice(settings)
    try:
        if notice:
            raise MissingExtraError("A voice", "espeak" if sys.platform == "linux" else "pyttsx3")
        await voice.synthesize("hi")
        start = time.perf_counter()
        speech = await voice.synthesize(_SENTENCE)
        elapsed_ms = 1000 * (time.perf_counter() - start)
        if not speech.pcm.any() and voice.name != SilentVoice.name:
            raise VoiceError(f"The voice {voice.name} works, but makes no sound: choose another engine or voice.")
        return {
            **voice.describe(),
            "f0_hz": round(median_f0(speech.pcm, speech.rate), 1),
            "seconds": round(speech.duration_s, 2),
            "ms": round(elapsed_ms, 2),
        }
    finally:
        await voice.aclose()

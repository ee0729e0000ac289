"""The espeak-ng voice: in this process, a few milliseconds an utterance, with the time of every speech sound."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np

from robot_runtime.errors import VoiceError
from robot_runtime.voice.espeak_library import Library, find_library, voice_name
from robot_runtime.voice.settings import VoiceSettings
from robot_runtime.voice.speech import Phoneme, Speech, levelled, speakable, word_starts

_THREAD = ThreadPoolExecutor(1, thread_name_prefix="espeak")
"""The one thread that may touch the library, shared by all voices: its state is the process's."""


class EspeakVoice:
    """Speaks through espeak-ng with our own voice file. Linux only, like the extra that brings the library."""

    name = "espeak"

    def __init__(self, settings: VoiceSettings) -> None:
        """Find the library and prove that the voice loads.

        Raises:
            MissingExtraError: the extra `espeak` is not installed.
            VoiceError: the library or the voice file does not load.
        """
        self._settings = settings
        self._library: Library = find_library()
        self._library.check(settings.voice_file)
        try:
            self._version: str = _THREAD.submit(self._library.version).result(settings.deadline_s)
            _THREAD.submit(self._speak, "a", threading.Event()).result(settings.deadline_s)
        except TimeoutError:
            raise VoiceError(f"espeak-ng hangs with the voice file {settings.voice_file}.") from None

    async def synthesize(self, text: str) -> Speech:
        """See `Voice.synthesize`. A cancelled call stops the engine within one buffer of sound."""
        cleaned = speakable(text)
        if not cleaned:
            return Speech.silence(text)
        stop = threading.Event()
        work = asyncio.wrap_future(_THREAD.submit(self._speak, cleaned, stop))
        try:
            async with asyncio.timeout(self._settings.deadline_s):
                return replace(await work, text=text)
        except TimeoutError:
            raise VoiceError(f"espeak-ng took longer than {self._settings.deadline_s:g} s for {text[:40]!r}.") from None
        finally:
            stop.set()

    def describe(self) -> dict[str, Any]:
        """See `Voice.describe`."""
        file = self._settings.voice_file
        return {
            "engine": self.name,
            "version": self._version,
            "voice": voice_name(file),
            "voice_file": str(file),
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "rate_wpm": self._settings.rate_wpm,
            "pitch": self._settings.pitch,
            "pitch_range": self._settings.pitch_range,
        }

    async def aclose(self) -> None:
        """See `Voice.aclose`: nothing is held between utterances."""

    def _speak(self, text: str, stop: threading.Event) -> Speech:
        """Synthesise cleaned text; runs in the espeak thread."""
        settings = self._settings
        sound = self._library.speak(
            text,
            settings.voice_file,
            rate_wpm=settings.rate_wpm,
            pitch=settings.pitch,
            pitch_range=settings.pitch_range,
            max_seconds=settings.max_seconds,
            cancelled=stop.is_set,
        )
        pcm = levelled(np.frombuffer(sound.pcm, np.int16))
        phonemes = (Phoneme(name.lstrip("',%="), 1000 * at / sound.rate) for name, at in sound.phonemes)
        starts = word_starts(text, [(position, 1000 * at / sound.rate) for position, at in sound.words])
        return Speech(text, pcm, sound.rate, tuple(phonemes), starts)

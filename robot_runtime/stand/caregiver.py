"""What the caregiver brings into the room: words in several voices, and coughs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robot_runtime.ear.conversion import Conversion
from robot_runtime.ear.recogniser import RATE
from robot_runtime.voice.espeak import EspeakVoice
from robot_runtime.voice.espeak_library import find_library
from robot_runtime.voice.settings import TODDLER_VOICE, VoiceSettings
from robot_runtime.voice.speech import levelled

CAREGIVER_VOICE = Path(__file__).parents[1] / "voice" / "voices" / "caregiver"
"""The espeak-ng voice file of a grown woman."""

RATE_WPM = 150
"""Words a minute: people speak more slowly to small children than the 175 that are usual."""

HESITATION_S = 0.6
"""Silence for `...`: as long as people pause for a word."""

VOICED = 0.01
"""A sample below this share of an utterance's peak is not speech any more."""

COUGH = 8000.0
"""Loudness of a noise, as a standard deviation of 32767."""

VOICES = ("caregiver", "adult", "child")
"""Who can speak."""


def noise(milliseconds: float) -> NDArray[np.int16]:
    """A noise that swells and fades, as loud as a cough, at 16 kHz."""
    count = round(milliseconds / 1e3 * RATE)
    sound = np.random.default_rng(2).standard_normal(count) * COUGH * np.hanning(count)
    return np.clip(sound, -32767, 32767).astype(np.int16)


async def spoken(words: str, voice: str = VOICES[0]) -> NDArray[np.int16]:
    """Words as sound at 16 kHz, from the first voiced sample to the last.

    Args:
        words: lower case; `...` is a hesitation.
        voice: one of `VOICES`.

    Raises:
        MissingExtraError: espeak-ng is not installed.
        VoiceError: it does not work here.
    """
    pieces = [await _phrase(phrase.strip(), voice) for phrase in words.split("...") if phrase.strip()]
    gap = np.zeros(round(HESITATION_S * RATE), np.int16)
    return np.concatenate([part for piece in pieces for part in (gap, piece)][1:])


async def _phrase(words: str, voice: str) -> NDArray[np.int16]:
    engine = EspeakVoice(VoiceSettings(voice_file=_voice_file(voice), rate_wpm=RATE_WPM))
    try:
        speech = await engine.synthesize(words)
    finally:
        await engine.aclose()
    pcm = Conversion(speech.rate).convert(levelled(speech.pcm)[:, np.newaxis], last=True)
    loudness = np.abs(pcm.astype(np.int32))
    voiced = np.flatnonzero(loudness > VOICED * loudness.max())
    return np.asarray(pcm[voiced[0] : voiced[-1] + 1])


def _voice_file(voice: str) -> Path:
    if voice == "adult":
        return find_library().data / "lang/gmw/en-US"
    return TODDLER_VOICE if voice == "child" else CAREGIVER_VOICE

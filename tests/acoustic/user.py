"""What the user brings into the room: words in several voices, and coughs."""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

from acoustic.scenario import Step
from robot_runtime.bench.user import CAREGIVER_VOICE
from robot_runtime.ear.recogniser import RATE
from robot_runtime.voice.espeak import EspeakVoice
from robot_runtime.voice.espeak_library import find_library
from robot_runtime.voice.settings import TODDLER_VOICE, VoiceSettings
from robot_runtime.voice.speech import levelled

HESITATION_S = 0.6
"""Silence for `...`: as long as people pause for a word."""

VOICED = 0.01
"""A sample below this share of an utterance's peak is not speech any more."""

COUGH = 8000.0
"""Loudness of a noise, as a standard deviation of 32767."""


async def sound_of(step: Step) -> NDArray[np.int16]:
    """A step as sound at 16 kHz, from its first voiced sample to its last; empty for an event."""
    if step.noise_ms:
        count = round(step.noise_ms / 1e3 * RATE)
        noise = np.random.default_rng(2).standard_normal(count) * COUGH * np.hanning(count)
        return np.clip(noise, -32767, 32767).astype(np.int16)
    pieces = [await _spoken(words, step.voice) for words in step.say.split("...") if words.strip()]
    gap = np.zeros(round(HESITATION_S * RATE), np.int16)
    parts = [part for piece in pieces for part in (gap, piece)]
    return np.concatenate(parts[1:]) if parts else np.zeros(0, np.int16)


async def _spoken(words: str, voice: str) -> NDArray[np.int16]:
    files = {
        "caregiver": CAREGIVER_VOICE,
        "adult": find_library().data / "lang/gmw/en-US",
        "child": TODDLER_VOICE,
    }
    engine = EspeakVoice(VoiceSettings(voice_file=files[voice], rate_wpm=150))
    try:
        speech = await engine.synthesize(words.strip())
    finally:
        await engine.aclose()
    pcm = soxr.resample(levelled(speech.pcm), speech.rate, RATE)
    loudness = np.abs(pcm.astype(np.int32))
    voiced = np.flatnonzero(loudness > VOICED * loudness.max())
    return np.asarray(pcm[voiced[0] : voiced[-1] + 1])

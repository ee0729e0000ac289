"""The mouth's opening, from phonemes and from loudness."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robot_runtime.voice.espeak import EspeakVoice
from robot_runtime.voice.mouth import BLEND_S, opening, opening_at
from robot_runtime.voice.settings import VoiceSettings
from robot_runtime.voice.speech import RMS_TARGET, Phoneme, Speech

RATE = 22050
MAMA = Speech(
    "mama", np.zeros(RATE, np.int16), RATE, (Phoneme("m", 0), Phoneme("a:", 300), Phoneme("i:", 600), Phoneme("_", 800))
)


@pytest.mark.parametrize(
    ("phoneme", "expected"), [("a:", 1.0), ("O:", 1.0), ("i:", 0.5), ("U", 0.5), ("m", 0.0), ("", 0.0)]
)
def test_vowels_open_the_mouth(phoneme: str, expected: float) -> None:
    assert opening(phoneme) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-0.1, 0.0), (0.2, 0.0), (0.29, 0.25), (0.3, 0.5), (0.31, 0.75), (0.45, 1.0), (0.6, 0.75), (0.7, 0.5), (0.9, 0)],
)
def test_it_follows_the_phonemes(seconds: float, expected: float) -> None:
    assert opening_at(MAMA, seconds) == pytest.approx(expected)


@given(st.floats(-1, 2))
def test_it_never_jumps(seconds: float) -> None:
    step = 0.001
    here, there = opening_at(MAMA, seconds), opening_at(MAMA, seconds + step)
    assert 0.0 <= here <= 1.0
    assert abs(there - here) <= step / BLEND_S + 1e-9


def test_without_phonemes_it_follows_the_loudness() -> None:
    tone = np.sin(2 * np.pi * 290 * np.arange(RATE) / RATE) * RMS_TARGET * np.sqrt(2) * 32768
    pcm = np.concatenate([np.zeros(RATE), tone, tone / 2]).astype(np.int16)
    speech = Speech("la", pcm, RATE)
    assert opening_at(speech, 0.5) == 0.0
    assert opening_at(speech, 1.5) == pytest.approx(1.0, abs=0.02)
    assert opening_at(speech, 2.5) == pytest.approx(0.5, abs=0.02)
    assert opening_at(speech, 2.9999) > 0.0
    assert opening_at(speech, 3.0) == 0.0


def test_an_utterance_without_sound_keeps_it_closed() -> None:
    assert opening_at(Speech.silence("hi"), 0.0) == 0.0


async def test_a_real_voice_opens_and_closes_it() -> None:
    pytest.importorskip("espeakng_loader")
    voice = EspeakVoice(VoiceSettings())
    try:
        speech = await voice.synthesize("mama, me want ball!")
    finally:
        await voice.aclose()
    openings = [opening_at(speech, frame / 30) for frame in range(int(speech.duration_s * 30))]
    assert max(openings) > 0.9
    assert min(openings) == 0.0
    blind = Speech(speech.text, speech.pcm, speech.rate)
    loudness = [opening_at(blind, frame / 30) for frame in range(len(openings))]
    assert max(loudness) == 1.0
    assert np.corrcoef(openings, loudness)[0, 1] > 0.3

"""How far the mouth is open at a moment of an utterance."""

from __future__ import annotations

import numpy as np

from robot_runtime.voice.speech import RMS_TARGET, Speech

OPEN_VOWELS = frozenset("aAVO0Q@E")
"""First letters of espeak-ng phoneme names that are spoken with an open mouth."""

NARROW_VOWELS = frozenset("eiIouU3")
"""Likewise with a narrow one; all other phonemes close it."""

BLEND_S = 0.04
"""Seconds that the mouth takes from one phoneme to the next, half of them before it begins. Our choice: the jaw needs
about 100 ms for a whole stroke, and a face of 25 pictures a second shows one in between."""

LOUDNESS_S = 0.03
"""Seconds of sound that loudness is taken over where there are no phonemes: some nine periods of a child's voice."""


def opening(phoneme: str) -> float:
    """How far the mouth is open for a phoneme: 1 open, 0.5 narrow, 0 closed."""
    first = phoneme[:1]
    if first in OPEN_VOWELS:
        return 1.0
    return 0.5 if first in NARROW_VOWELS else 0.0


def opening_at(speech: Speech, seconds: float) -> float:
    """How far the mouth is open, from 0 to 1.

    From the phonemes, or, where the voice does not tell them, from the loudness of the samples: 1 is the level that
    voices are set to.

    Args:
        speech: the utterance.
        seconds: since its first sample; before it and after the last one the mouth is closed.
    """
    if not 0.0 <= seconds < speech.duration_s:
        return 0.0
    return _of_phonemes(speech, seconds) if speech.phonemes else _of_loudness(speech, seconds)


def _of_phonemes(speech: Speech, seconds: float) -> float:
    """The mean of the phonemes' openings over `BLEND_S`: straight lines from each to the next."""
    first, last = (seconds - BLEND_S / 2) * 1e3, (seconds + BLEND_S / 2) * 1e3
    ends = [*(phoneme.start_ms for phoneme in speech.phonemes[1:]), speech.duration_s * 1e3]
    shares = (
        opening(phoneme.name) * max(0.0, min(end, last) - max(phoneme.start_ms, first))
        for phoneme, end in zip(speech.phonemes, ends, strict=True)
    )
    return min(1.0, sum(shares) / (last - first))


def _of_loudness(speech: Speech, seconds: float) -> float:
    first = max(0, round((seconds - LOUDNESS_S / 2) * speech.rate))
    window = speech.pcm[first : first + max(1, round(LOUDNESS_S * speech.rate))] / 32768
    return min(1.0, float(np.sqrt(np.mean(window**2))) / RMS_TARGET)

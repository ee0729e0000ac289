"""What a voice produces, and what a voice is."""

from __future__ import annotations

import re
import unicodedata
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

PEAK_LIMIT = 10 ** (-1 / 20)
"""Highest sample after levelling, of full scale: -1 dBFS, the usual headroom for a later resampler."""
RMS_TARGET = 10 ** (-18 / 20)
"""Loudness after levelling, of full scale: -18 dBFS without the pauses, about as loud as a podcast."""
SILENCE_RATE_HZ = 22050
"""Nominal rate of an utterance without samples; the one of espeak-ng."""


@dataclass(frozen=True)
class Phoneme:
    """One speech sound and when it starts."""

    name: str
    """espeak's mnemonic without stress marks, for instance `m`, `i:`, `oU`; `_` and `_:` are pauses."""
    start_ms: float
    """From the first sample of the utterance, in milliseconds."""


@dataclass(frozen=True)
class Speech:
    """One utterance as sound."""

    text: str
    """What was asked for, unchanged."""
    pcm: npt.NDArray[np.int16]
    """Mono samples, shape (n,); n = 0 when there was nothing to say."""
    rate: int
    """Sampling rate in Hz."""
    phonemes: tuple[Phoneme, ...] = ()
    """In order of time, within the duration; empty when the engine does not tell."""
    starts_ms: tuple[float, ...] = ()
    """When each word of `text` begins, from the first sample; empty when the engine does not tell."""

    @classmethod
    def silence(cls, text: str) -> Speech:
        """Return `text` with no samples: what is shown but not heard."""
        return cls(text, np.zeros(0, np.int16), SILENCE_RATE_HZ)

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.pcm) / self.rate

    @property
    def words(self) -> list[str]:
        """What stands between the spaces of `text`."""
        return self.text.split()

    def begins_s(self, word: int) -> float:
        """When a word begins, in seconds from the first sample; that after the last one begins at the end.

        Where the engine does not tell, every letter takes the same time.
        """
        words = self.words
        if word >= len(words):
            return self.duration_s
        if len(self.starts_ms) == len(words):
            return self.starts_ms[word] / 1e3
        return self.duration_s * sum(map(len, words[:word])) / sum(map(len, words))

    def rest(self, word: int) -> Speech:
        """The same without the words before `word`."""
        from_ms = self.begins_s(word) * 1e3
        first = round(from_ms * self.rate / 1e3)
        return Speech(
            " ".join(self.words[word:]),
            self.pcm[first:],
            self.rate,
            tuple(Phoneme(p.name, p.start_ms - from_ms) for p in self.phonemes if p.start_ms >= from_ms),
            tuple(start - from_ms for start in self.starts_ms[word:]),
        )

    def write_wav(self, path: Path) -> None:
        """Write the sound as a 16-bit mono WAV file; raises `OSError` when that fails."""
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(self.rate)
            file.writeframes(self.pcm.astype("<i2").tobytes())


class Voice(Protocol):
    """Turns text into speech. One utterance at a time; calls queue up."""

    @property
    def name(self) -> str:
        """The engine: `espeak`, `pyttsx3` or `none`."""

    async def synthesize(self, text: str) -> Speech:
        """Return `text` as speech; any text is allowed, and one without a letter or digit gives no samples.

        Raises:
            VoiceError: the engine failed or missed its deadline; the next call starts afresh.
        """

    def describe(self) -> dict[str, Any]:
        """Return what a session record should know: engine, version, voice file and its SHA-256, settings."""

    async def aclose(self) -> None:
        """Release the engine; harmless when repeated."""


def speakable(text: str) -> str:
    """Return `text` with only what a voice should read: letters, digits and sentence punctuation.

    Emoji, control characters, lone surrogates and mark-up (`<...>` and `[[...]]` are commands to some engines)
    become spaces. The result is empty when no letter or digit is left.
    """
    straight = text.replace("\u2019", "'")
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" or c in ".,!?;:'-" else " " for c in straight)
    return " ".join(kept.split()) if any(c.isalnum() for c in kept) else ""


def word_starts(text: str, events: Sequence[tuple[int, float]]) -> tuple[float, ...]:
    """From what an engine tells of its words, places in `text` and milliseconds, to one start for each of its words.

    An engine may take a word apart (`uh-oh`); the first part counts. Empty when a word is missing.
    """
    starts = []
    for word in re.finditer(r"\S+", text):
        at = [ms for place, ms in events if word.start() <= place < word.end()]
        if not at:
            return ()
        starts.append(min(at))
    return tuple(starts)


def levelled(pcm: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """Return the samples at `RMS_TARGET` over their louder part, or as near as `PEAK_LIMIT` allows."""
    samples = pcm.astype(np.float64) / 32768
    peak = float(np.abs(samples).max(initial=0.0))
    if peak == 0.0:
        return pcm
    # Samples below 2 % of the peak are pauses; they do not count as quiet speech.
    loudness = float(np.sqrt(np.mean(samples[np.abs(samples) > 0.02 * peak] ** 2)))
    gain = min(RMS_TARGET / loudness, PEAK_LIMIT / peak)
    return np.round(samples * gain * 32768).astype(np.int16)

"""Speech with the times of its sounds, for nothing: espeak-ng says where every word and every phoneme begins."""

from __future__ import annotations

import _ctypes
import ctypes
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robot_runtime.voice.espeak_library import find_library

SILENCE = "SIL"
RATE, PITCH, RANGE = 1, 3, 4
WORD_EVENT, END_EVENT, PHONEME_EVENT = 1, 5, 7
MERGED = {"r-": "r", "t2": "t", "@2": "@", "a#": "@"}
"""Phonemes that sound alike; the model has one class for both."""


class Event(ctypes.Structure):
    """`espeak_EVENT` of speak_lib.h."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("name", ctypes.c_char * 8),
    )


Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event))


@dataclass(frozen=True)
class Manner:
    """How something is said."""

    voice: str
    """A name such as `en-us+f2`."""
    rate_wpm: int = 150
    """Words a minute."""
    pitch: int = 50
    """0 to 99."""
    pitch_range: int = 50
    """0 to 99."""


@dataclass(frozen=True)
class Spoken:
    """One utterance."""

    pcm: NDArray[np.int16]
    """Mono samples."""
    rate: int
    """Hz."""
    phones: tuple[tuple[str, int], ...]
    """Every phone and the sample at which it begins; it lasts until the next."""
    words: tuple[tuple[str, ...], ...]
    """The phones of every word; none for a word that ran into its neighbour."""


def speak(words: Sequence[str], manner: Manner) -> Spoken:
    """Speak words; the library is loaded anew each time, since its state would go on from one utterance to the next."""
    library = find_library()
    handle = ctypes.CDLL(str(library.path))
    try:
        rate = handle.espeak_Initialize(2, 0, str(library.data).encode(), 1)  # synchronous, with phoneme events
        handle.espeak_ng_SetRandSeed(ctypes.c_long(1))
        chunks, events = _synthesise(handle, " ".join(words), manner)
        handle.espeak_Terminate()
    finally:
        _ctypes.dlclose(handle._handle)
    phones, by_word = _phones(words, events)
    return Spoken(np.frombuffer(b"".join(chunks), np.int16), rate, phones, by_word)


def resampled(pcm: NDArray[np.int16], ratio: float) -> NDArray[np.float32]:
    """Sound with `ratio` times as many samples, which is at most 1, with nothing folded over."""
    size = round(len(pcm) * ratio)
    spectrum = np.fft.rfft(pcm)[: size // 2 + 1]
    return np.asarray(np.fft.irfft(spectrum, size) * (size / len(pcm)), np.float32)


def _synthesise(handle: ctypes.CDLL, text: str, manner: Manner) -> tuple[list[bytes], list[tuple[int, int, int, str]]]:
    """The samples, and the events as (type, place in the text, sample, phoneme)."""
    chunks: list[bytes] = []
    found: list[tuple[int, int, int, str]] = []

    def receive(samples: object, count: int, events: ctypes.Array[Event]) -> int:
        if count > 0:
            chunks.append(ctypes.string_at(samples, 2 * count))  # type: ignore[arg-type]
        index = 0
        while events[index].type != 0:
            event = events[index]
            found.append((event.type, event.text_position - 1, event.sample, event.name.decode("utf-8", "replace")))
            index += 1
        return 0

    callback = Callback(receive)
    handle.espeak_SetSynthCallback(callback)
    if handle.espeak_SetVoiceByName(manner.voice.encode()) != 0:
        raise ValueError(f"espeak-ng has no voice {manner.voice}")
    for parameter, value in ((RATE, manner.rate_wpm), (PITCH, manner.pitch), (RANGE, manner.pitch_range)):
        handle.espeak_SetParameter(parameter, value, 0)
    encoded = text.encode()
    handle.espeak_Synth(encoded, ctypes.c_size_t(len(encoded) + 1), 0, 1, 0, 1, None, None)
    return chunks, found


def _phones(
    words: Sequence[str], events: Sequence[tuple[int, int, int, str]]
) -> tuple[tuple[tuple[str, int], ...], tuple[tuple[str, ...], ...]]:
    begins = np.cumsum([0] + [len(word) + 1 for word in words])
    by_word: list[list[str]] = [[] for _ in words]
    phones: list[tuple[str, int]] = []
    word = 0
    for kind, place, sample, name in events:
        if kind == WORD_EVENT:
            word = min(int(np.searchsorted(begins, place, side="right")) - 1, len(words) - 1)
        elif kind == END_EVENT:
            phones.append((SILENCE, sample))
        elif kind == PHONEME_EVENT and (phone := phone_of(name)):
            phones.append((phone, sample))
            if phone != SILENCE:
                by_word[word].append(phone)
    return tuple(phones), tuple(tuple(each) for each in by_word)


def phone_of(name: str) -> str:
    """The class of a phoneme without its stress; '' for what is no sound."""
    plain = name.strip("',%=|;")
    if plain in ("_", "_:", "_|"):
        return SILENCE
    return MERGED.get(plain, plain)

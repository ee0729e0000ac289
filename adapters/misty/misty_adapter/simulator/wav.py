"""Sound in WAV files: reading what clients upload, writing what the robot records."""

from __future__ import annotations

import io
import wave

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
"""Mono sound, shape (n,), from -1 to 1."""

BYTES_PER_SECOND = 16_000
"""Of compressed sound, which cannot be decoded here: the usual 128 kbit/s; it lasts as long as that says, silently."""


class BadWav(Exception):
    """It is no WAV file of PCM."""


def decode(data: bytes, rate: int) -> Samples:
    """The sound of a file at `rate` Hz: of a WAV file its samples, of a compressed one silence of about its length.

    Raises:
        BadWav: it begins as a WAV file, and goes on as something else.
    """
    if data[:4] != b"RIFF":
        return np.zeros(len(data) * rate // BYTES_PER_SECOND, np.float32)
    try:
        with wave.open(io.BytesIO(data)) as file:
            channels, width, own_rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            frames = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise BadWav(str(error)) from error
    frames = frames[: len(frames) - len(frames) % (channels * width)]
    samples: npt.NDArray[np.floating]
    if width == 1:
        samples = np.frombuffer(frames, np.uint8).astype(np.float32) / 128 - 1
    elif width == 3:
        high = np.frombuffer(frames, np.uint8).reshape(-1, 3)[:, 1:].copy()  # the low byte is below 16 bits
        samples = high.view("<i2")[:, 0].astype(np.float32) / 32768
    elif width in (2, 4):
        samples = np.frombuffer(frames, f"<i{width}").astype(np.float32) / float(1 << (8 * width - 1))
    else:
        raise BadWav(f"samples of {8 * width} bits")
    mono = samples.reshape(-1, channels).mean(axis=1)
    return resample(mono.astype(np.float32), own_rate, rate)


def resample(samples: Samples, own_rate: int, rate: int) -> Samples:
    """The same sound at another rate, by linear interpolation: good enough to hear and to measure loudness."""
    if own_rate == rate or not samples.size:
        return samples
    if own_rate <= 0:
        raise BadWav(f"a rate of {own_rate} Hz")
    count = round(samples.size * rate / own_rate)
    places = np.arange(count) * (own_rate / rate)
    return np.asarray(np.interp(places, np.arange(samples.size), samples), np.float32)


def encode(samples: Samples, rate: int) -> bytes:
    """A WAV file of 16 bits."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(to_int16(samples).astype("<i2").tobytes())
    return target.getvalue()


def to_int16(samples: Samples) -> npt.NDArray[np.int16]:
    """Samples of 16 bits; what is too loud is clipped."""
    limited: Samples = np.clip(samples, -1.0, 1.0)
    return (limited * 32767).astype(np.int16)

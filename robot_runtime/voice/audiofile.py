"""Reads the sound files that system voices write: WAV (Windows, Linux) and AIFF or AIFF-C (macOS)."""

from __future__ import annotations

import struct
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from robot_runtime.errors import VoiceError


def read_sound(path: Path) -> tuple[npt.NDArray[np.int16], int]:
    """Return the first channel of a 16-bit sound file, and its sampling rate in Hz.

    Raises:
        VoiceError: the file is missing, cut short, or neither 16-bit WAV nor uncompressed 16-bit AIFF.
    """
    try:
        data = path.read_bytes()
        if data[:4] == b"FORM":
            return _read_aiff(data)
        with wave.open(str(path), "rb") as file:
            if file.getsampwidth() != 2:
                raise VoiceError(f"{path} has {8 * file.getsampwidth()}-bit samples; 16 are needed.")
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
            return samples[:: file.getnchannels()].astype(np.int16), file.getframerate()
    except (OSError, EOFError, wave.Error, struct.error, KeyError, ValueError) as error:
        raise VoiceError(f"The voice left no readable sound in {path}: {error or 'it is cut short'}.") from error


def _read_aiff(data: bytes) -> tuple[npt.NDArray[np.int16], int]:
    """Read AIFF: chunks COMM (channels, width, rate as an 80-bit float, in AIFF-C a codec) and SSND."""
    chunks = dict(_chunks(data))
    common = chunks[b"COMM"]
    channels, _, width = struct.unpack(">hLh", common[:8])
    exponent, mantissa = struct.unpack(">HQ", common[8:18])
    rate = round(mantissa * 2.0 ** (exponent - 16383 - 63))
    order = {b"": ">i2", b"NONE": ">i2", b"twos": ">i2", b"sowt": "<i2"}[common[18:22]]
    if width != 16:
        raise ValueError(f"{width}-bit samples; 16 are needed")
    (offset,) = struct.unpack(">L", chunks[b"SSND"][:4])
    samples = np.frombuffer(chunks[b"SSND"][8 + offset :], order)
    return samples[::channels].astype(np.int16), rate


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name and the content of every chunk; each is padded to an even length."""
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack(">4sL", data[at : at + 8])
        yield name, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2

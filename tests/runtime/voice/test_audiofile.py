"""Reading what system voices write."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from robot_runtime.errors import VoiceError
from robot_runtime.voice.audiofile import read_sound

SAMPLES = np.array([0, 1, -1, 32767, -32768, 258], np.int16)
RATE_22050 = struct.pack(">HQ", 16383 + 14, 22050 * 2**49)  # 22050 = 1.345... * 2**14, as an 80-bit float


def aiff(form: bytes, width: int, codec: bytes, channels: int, samples: bytes) -> bytes:
    common = struct.pack(">hLh", channels, len(SAMPLES), width) + RATE_22050 + codec
    chunks = [(b"COMM", common), (b"NAME", b"odd"), (b"SSND", bytes(8) + samples)]
    body = b"".join(name + struct.pack(">L", len(data)) + data + b"\0" * (len(data) % 2) for name, data in chunks)
    return b"FORM" + struct.pack(">L", len(body) + 4) + form + body


@pytest.mark.parametrize(
    ("form", "codec", "channels", "order"),
    [
        (b"AIFF", b"", 1, ">i2"),
        (b"AIFC", b"NONE\x0enot compressed\0", 1, ">i2"),
        (b"AIFC", b"sowt\0\0", 1, "<i2"),
        (b"AIFF", b"", 2, ">i2"),
    ],
)
def test_reads_aiff(tmp_path: Path, form: bytes, codec: bytes, channels: int, order: str) -> None:
    file = tmp_path / "speech.wav"  # macOS writes AIFF whatever the name says
    file.write_bytes(aiff(form, 16, codec, channels, np.repeat(SAMPLES, channels).astype(order).tobytes()))
    pcm, rate = read_sound(file)
    assert rate == 22050 and pcm.dtype == np.int16 and np.array_equal(pcm, SAMPLES)


def test_reads_the_first_channel_of_a_wav(tmp_path: Path) -> None:
    file = tmp_path / "speech.wav"
    with wave.open(str(file), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(16000)
        out.writeframes(np.stack([SAMPLES, SAMPLES[::-1]], axis=1).tobytes())
    pcm, rate = read_sound(file)
    assert rate == 16000 and np.array_equal(pcm, SAMPLES)


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"RIFF",
        b"not a sound at all",
        b"FORM\0\0\0\x04AIFF",
        aiff(b"AIFC", 16, b"ulaw\0\0", 1, b"\0" * 12),
        aiff(b"AIFF", 8, b"", 1, b"\0" * 6),
    ],
)
def test_anything_else_is_an_error(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "speech.wav"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(VoiceError, match="no readable sound"):
        read_sound(file)

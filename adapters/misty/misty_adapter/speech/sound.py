"""From a voice's samples to a WAV file for Misty."""

from __future__ import annotations

import io
import wave

import numpy as np

from robot_runtime.voice.speech import Speech

RATE_HZ = 22_050
"""Sampling rate of what is uploaded; 3 MB hold 68 s of it."""


def wav(speech: Speech) -> bytes:
    """An utterance as a WAV file of 16 bits, mono, at `RATE_HZ`."""
    pcm = speech.pcm
    if speech.rate != RATE_HZ and len(pcm):
        import soxr

        samples = soxr.resample(pcm.astype(np.float32), speech.rate, RATE_HZ, quality="HQ")
        pcm = np.clip(np.round(samples), -32768, 32767).astype(np.int16)
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE_HZ)
        writer.writeframes(pcm.astype("<i2").tobytes())
    return file.getvalue()

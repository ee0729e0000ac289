"""From a voice's samples to samples for a small loudspeaker: its rate, louder, and never clipped."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import soxr

from cozmo_adapter.speech.ulaw import RATE_HZ
from robot_runtime.voice.speech import Speech

RMS_TARGET = 10 ** (-12 / 20)
"""Loudness without the pauses, of full scale: -12 dBFS. Cozmo's loudspeaker is quiet, others raise speech likewise
(sun4git/SmartCozmo); 6 dB above what our voices deliver."""

KNEE = 0.6
"""From this share of full scale on, the limiter bends: what is quieter passes unchanged."""

PAUSE = 0.02
"""Samples below this share of the peak are pauses and do not count as quiet speech."""


def prepared(speech: Speech, lead_in_s: float) -> npt.NDArray[np.int16]:
    """The samples to play, at the loudspeaker's rate.

    Args:
        speech: any rate, any level; silence stays silence.
        lead_in_s: silence before the first sample, in seconds: the amplifier swallows the beginning of a sound.
    """
    samples: npt.NDArray[np.float32] = speech.pcm.astype(np.float32) / np.float32(32768)
    if speech.rate != RATE_HZ and len(samples):
        samples = soxr.resample(samples, speech.rate, RATE_HZ, quality="HQ")
    lead_in = np.zeros(round(lead_in_s * RATE_HZ), np.int16)
    return np.concatenate([lead_in, np.round(limited(samples) * 32767).astype(np.int16)])


def limited(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Samples at `RMS_TARGET`, whose peaks bend towards full scale (tanh above `KNEE`) instead of being cut off."""
    peak = float(np.abs(samples).max(initial=0.0))
    if peak == 0.0:
        return samples
    loudness = float(np.sqrt(np.mean(samples[np.abs(samples) > PAUSE * peak] ** 2)))
    raised = samples * (RMS_TARGET / loudness)
    over = np.abs(raised) > KNEE
    raised[over] = np.sign(raised[over]) * (KNEE + (1 - KNEE) * np.tanh((np.abs(raised[over]) - KNEE) / (1 - KNEE)))
    return raised

"""Sound as a Cozmo takes it: u-law, uncomplemented, 744 samples a frame.

The formula is that of G.711 with the bits NOT inverted: sign, three bits of exponent, four of mantissa over a bias of
132, silence 0x00. That the robot wants it so was found by ear by others (Kurtisone's pycozmo, v0.9.21); pycozmo 0.8.0
adds one to every byte, which costs 11 dB and raises an error below -31611.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

RATE_HZ = 22050
"""Sampling rate of the loudspeaker (pycozmo, `audio`)."""

FRAME_SAMPLES = 744
"""Samples in one OutputAudio packet (pycozmo, `audio`)."""

BIAS = 132
"""Added to the magnitude, so that each exponent covers one octave (G.711)."""

LARGEST = 0x7FFF
"""Magnitude after the bias, at most."""


def encode(pcm: npt.NDArray[np.int16]) -> npt.NDArray[np.uint8]:
    """One byte a sample, same shape; every value of int16 is allowed."""
    wide = pcm.astype(np.int32)
    magnitude = np.minimum(np.abs(wide) + BIAS, LARGEST)
    exponent = np.frexp(magnitude.astype(np.float32))[1] - 8  # BIAS has its highest bit at 7: exponent 0
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    code: npt.NDArray[np.uint8] = (np.where(wide < 0, 0x80, 0) | exponent << 4 | mantissa).astype(np.uint8)
    return code


def frames(pcm: npt.NDArray[np.int16]) -> list[bytes]:
    """Samples at `RATE_HZ` as frames of `FRAME_SAMPLES` bytes, the last one filled up with silence."""
    count = -(-len(pcm) // FRAME_SAMPLES)
    padded = np.zeros(count * FRAME_SAMPLES, np.int16)
    padded[: len(pcm)] = pcm
    return [row.tobytes() for row in encode(padded).reshape(count, FRAME_SAMPLES)]

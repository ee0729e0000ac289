"""Kaldi's MFCC features in numpy, as conf/mfcc.conf of the toy model asks for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

RATE = 16000
"""Hz."""
CEPSTRA = 20
"""Numbers a frame."""
SHIFT, WINDOW, FFT = 160, 400, 512
"""Samples."""
MELS, LOW_HZ, HIGH_HZ, LIFTER = 40, 20.0, 7600.0, 22.0

CONFIG = f"""\
--use-energy=false
--sample-frequency={RATE}
--num-mel-bins={MELS}
--num-ceps={CEPSTRA}
--low-freq=20
--high-freq=-400
--dither=0
--snip-edges=true
--allow-downsample=true
--allow-upsample=true
"""
"""conf/mfcc.conf."""


def mfcc(pcm: NDArray[np.float32]) -> NDArray[np.float32]:
    """Features of mono sound at `RATE`, full scale 32768; one row every 10 ms, none for less than 25 ms."""
    if len(pcm) < WINDOW:
        return np.zeros((0, CEPSTRA), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(pcm, WINDOW)[::SHIFT].astype(np.float32)
    frames = frames - frames.mean(axis=1, keepdims=True)
    before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    spectrum = np.fft.rfft((frames - np.float32(0.97) * before) * _POVEY, FFT, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    mels = np.log(np.maximum(power[:, : FFT // 2] @ _FILTERS, np.finfo(np.float32).eps))
    return np.asarray(mels @ _DCT, np.float32)


def _mel(hertz: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(1127.0 * np.log(1.0 + np.asarray(hertz, np.float64) / 700.0))


def _filters() -> NDArray[np.float32]:
    """Triangles, straight lines on the mel scale: (FFT bins, mels)."""
    low, high = _mel([LOW_HZ, HIGH_HZ])
    corners = low + (high - low) / (MELS + 1) * np.arange(MELS + 2)
    bins = _mel(np.arange(FFT // 2) * (RATE / FFT))[:, None]
    left, centre, right = corners[:-2], corners[1:-1], corners[2:]
    up, down = (bins - left) / (centre - left), (right - bins) / (right - centre)
    return np.asarray(np.maximum(np.minimum(up, down), 0.0), np.float32)


def _dct() -> NDArray[np.float32]:
    """Orthonormal DCT-II with Kaldi's lifter: (mels, cepstra)."""
    order, place = np.arange(CEPSTRA), np.arange(MELS)[:, None]
    table = np.sqrt(2.0 / MELS) * np.cos(np.pi / MELS * (place + 0.5) * order)
    table[:, 0] = np.sqrt(1.0 / MELS)
    return np.asarray(table * (1.0 + 0.5 * LIFTER * np.sin(np.pi * order / LIFTER)), np.float32)


_POVEY = ((0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / (WINDOW - 1))) ** 0.85).astype(np.float32)
_FILTERS = _filters()
_DCT = _dct()

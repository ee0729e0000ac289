"""How high a voice sounds: fundamental frequency and brightness, measured from the samples.

`doctor` uses it to prove that the child-like voice is really the one that speaks, and the system-voice engine
uses it to find out how far an adult voice must be shifted.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

LOWEST_HZ = 75.0
"""Lowest pitch looked for; the bottom of a deep adult voice."""
HIGHEST_HZ = 500.0
"""Highest pitch looked for; above it is squealing, not speech."""
_FRAME_S = 0.040
"""Three periods of `LOWEST_HZ`: the least that shows a repetition."""
_HOP_S = 0.010
_VOICED = 0.5
"""A frame is voiced when its normalised autocorrelation peaks above this (1 = perfectly periodic)."""


def median_f0(pcm: npt.NDArray[np.int16], rate: int) -> float:
    """Return the median fundamental frequency of the voiced part, in Hz, or 0.0 when nothing is voiced.

    Args:
        pcm: mono samples.
        rate: sampling rate in Hz.

    Returns:
        A value within `LOWEST_HZ` .. `HIGHEST_HZ`, or 0.0. The method is the peak of the autocorrelation of each
        40 ms frame divided by the autocorrelation of its window (P. Boersma, IFA Proceedings 17, 1993).
    """
    size, hop = int(_FRAME_S * rate), int(_HOP_S * rate)
    if len(pcm) < size:
        return 0.0
    frames = np.lib.stride_tricks.sliding_window_view(pcm, size)[::hop].astype(np.float64)
    power = (frames**2).mean(axis=1)
    frames = frames[power > 0.05 * power.max()] if power.max() > 0 else frames[:0]
    window = np.hanning(size)
    frames = (frames - frames.mean(axis=1, keepdims=True)) * window
    correlation = _autocorrelation(frames) / _autocorrelation(window[None, :])
    shortest, longest = int(rate / HIGHEST_HZ), int(rate / LOWEST_HZ)
    pitches = [rate / lag for row in correlation if (lag := _period(row[: longest + 1], shortest))]
    return float(np.median(pitches)) if pitches else 0.0


def spectral_centroid(pcm: npt.NDArray[np.int16], rate: int) -> float:
    """Return the centre of gravity of the magnitude spectrum in Hz (0.0 for silence); brighter is higher."""
    magnitude = np.abs(np.fft.rfft(pcm.astype(np.float64)))
    total = float(magnitude.sum())
    return float((np.fft.rfftfreq(len(pcm), 1 / rate) * magnitude).sum() / total) if total else 0.0


def _autocorrelation(frames: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Autocorrelation of every row by way of its power spectrum; lag 0 is scaled to 1."""
    size = frames.shape[1]
    spectrum = np.fft.rfft(frames, 2 * size, axis=1)
    correlation = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, :size]
    return np.asarray(correlation / np.maximum(correlation[:, :1], 1e-9), dtype=np.float64)


def _period(correlation: npt.NDArray[np.float64], shortest: int) -> float:
    """Lag of the first peak nearly as high as the best one (which may be two periods), 0.0 if unvoiced."""
    inner = correlation[shortest:-1]
    is_peak = (inner >= correlation[shortest - 1 : -2]) & (inner > correlation[shortest + 1 :])
    lags = np.flatnonzero(is_peak) + shortest
    if not len(lags) or correlation[lags].max() < _VOICED:
        return 0.0
    lag = int(lags[np.argmax(correlation[lags] > 0.9 * correlation[lags].max())])
    left, middle, right = correlation[lag - 1 : lag + 2]
    return float(lag + 0.5 * (left - right) / (left - 2 * middle + right))

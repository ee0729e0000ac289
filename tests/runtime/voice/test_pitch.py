"""The pitch estimate, against sounds whose pitch is known."""

from __future__ import annotations

import numpy as np
import pytest

from robot_runtime.voice.pitch import median_f0, spectral_centroid


@pytest.mark.parametrize("rate", [8000, 22050, 48000])
@pytest.mark.parametrize("f0", [90.0, 205.0, 290.0, 440.0])
def test_finds_the_fundamental_of_a_buzz(f0: float, rate: int) -> None:
    t = np.arange(rate) / rate
    buzz = sum(np.sin(2 * np.pi * f0 * k * t + k) / k for k in range(2, 8)) * 6000  # the fundamental is missing
    assert median_f0(np.asarray(buzz).astype(np.int16), rate) == pytest.approx(f0, rel=0.01)


def test_is_the_median_over_a_glide() -> None:
    t = np.arange(44100) / 22050
    glide = 9000 * np.sin(2 * np.pi * (200 * t + 50 * t**2))  # 200 to 400 Hz
    assert median_f0(glide.astype(np.int16), 22050) == pytest.approx(300, rel=0.03)


def test_noise_silence_and_snippets_have_no_pitch() -> None:
    noise = np.random.default_rng(1).normal(0, 3000, 22050).astype(np.int16)
    assert median_f0(noise, 22050) == 0.0
    assert median_f0(np.zeros(22050, np.int16), 22050) == 0.0
    assert median_f0(noise[:100], 22050) == 0.0
    assert median_f0(noise[:0], 22050) == 0.0


def test_centroid_of_a_tone_is_its_frequency() -> None:
    tone = (9000 * np.sin(2 * np.pi * 1000 * np.arange(22050) / 22050)).astype(np.int16)
    assert spectral_centroid(tone, 22050) == pytest.approx(1000, rel=0.02)
    assert spectral_centroid(np.zeros(100, np.int16), 22050) == 0.0

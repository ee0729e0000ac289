"""Samples on their way to the loudspeaker: u-law, rate, loudness."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cozmo_adapter.simulator.speaker import LEVELS
from cozmo_adapter.speech import ulaw
from cozmo_adapter.speech.loudness import KNEE, RMS_TARGET, limited, prepared
from robot_runtime.voice.speech import Speech

EVERY_SAMPLE = np.arange(-32768, 32768).astype(np.int16)


def test_every_sample_has_a_code_near_it() -> None:
    samples = EVERY_SAMPLE.astype(int)
    error = np.abs(LEVELS[ulaw.encode(EVERY_SAMPLE)] - samples)
    assert error.max() <= 32768 - 32124  # what G.711 loses of the loudest samples
    assert (error <= np.maximum(np.abs(samples) // 16, 8)).all()


def test_silence_is_zero_and_the_code_follows_the_sample() -> None:
    assert ulaw.encode(np.zeros(3, np.int16)).tolist() == [0, 0, 0]
    heard = LEVELS[ulaw.encode(EVERY_SAMPLE)].astype(int)
    assert (np.diff(heard) >= 0).all()


def test_known_codes() -> None:
    # By hand: 1000 + 132 = 0b10001101100, exponent 10 - 7 = 3, mantissa 0001; the sign is the top bit.
    assert ulaw.encode(np.array([1000, -1000, 32767, -32768], np.int16)).tolist() == [0x31, 0xB1, 0x7F, 0xFF]


@given(st.integers(0, 5000))
def test_frames_hold_every_sample_and_then_silence(count: int) -> None:
    pcm = np.full(count, 5000, np.int16)
    frames = ulaw.frames(pcm)
    assert {len(frame) for frame in frames} <= {ulaw.FRAME_SAMPLES}
    joined = b"".join(frames)
    assert joined[:count] == ulaw.encode(pcm).tobytes()
    assert not any(joined[count:])
    assert len(joined) - count < ulaw.FRAME_SAMPLES


def tone(rate: int, seconds: float = 1.0, level: float = 0.2) -> Speech:
    t = np.arange(round(rate * seconds)) / rate
    return Speech("tone", np.round(level * 32767 * np.sin(2 * np.pi * 440 * t)).astype(np.int16), rate)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100, 48000])
def test_any_rate_becomes_the_loudspeakers(rate: int) -> None:
    pcm = prepared(tone(rate), lead_in_s=0.0)
    assert len(pcm) == pytest.approx(ulaw.RATE_HZ, abs=2)
    spectrum = np.abs(np.fft.rfft(pcm / 32768))
    assert np.argmax(spectrum) * ulaw.RATE_HZ / len(pcm) == pytest.approx(440, abs=1)
    assert np.sum(spectrum[430:451] ** 2) > 0.9 * np.sum(spectrum**2)


def test_quiet_speech_is_raised_to_the_target() -> None:
    pcm = prepared(tone(22050, level=0.02), lead_in_s=0.0) / 32768
    assert np.sqrt(np.mean(pcm**2)) == pytest.approx(RMS_TARGET, rel=0.03)


def test_the_lead_in_is_silent() -> None:
    pcm = prepared(tone(22050), lead_in_s=0.2)
    assert not pcm[: round(0.2 * ulaw.RATE_HZ)].any()
    assert pcm[round(0.2 * ulaw.RATE_HZ) :].any()


def test_silence_stays_silence() -> None:
    assert not prepared(Speech.silence("hm"), lead_in_s=0.1).any()
    assert not prepared(Speech("hm", np.zeros(100, np.int16), 16000), lead_in_s=0.0).any()


def test_peaks_bend_and_are_never_cut_off() -> None:
    rare_peaks = np.full(10000, 0.05, np.float32)
    rare_peaks[::1000] = 1.0
    out = limited(rare_peaks)
    assert KNEE < out.max() <= 1.0
    slope = limited(np.concatenate([np.linspace(-1, 1, 2001), np.full(20000, 0.1)]).astype(np.float32))[:2001]
    assert (np.diff(slope) >= 0).all()

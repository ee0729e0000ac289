from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from robot_runtime.ear.watch import Trouble, Watch

RATE = 48000
PERIOD_S = 0.02
RNG = np.random.default_rng(3)


def sound(samples: int = 960) -> NDArray[np.int16]:
    return RNG.normal(0, 500, (samples, 1)).astype(np.int16)


class Device:
    """Gives sound to a watch, period by period."""

    def __init__(self) -> None:
        self.watch = Watch()
        self.now = 100.0
        self.watch.opened(RATE, self.now)

    def give(self, pcm: NDArray[np.int16], seconds: float) -> float | None:
        """How long it took until there was trouble; None when there was none."""
        noticed = None
        for period in range(1, round(seconds / PERIOD_S) + 1):
            self.now += PERIOD_S
            self.watch.heard(pcm, self.now)
            if self.watch.trouble(self.now) and noticed is None:
                noticed = period * PERIOD_S
        return noticed

    def wait(self, seconds: float) -> Trouble | None:
        self.now += seconds
        return self.watch.trouble(self.now)


@pytest.fixture
def device() -> Device:
    device = Device()
    assert device.give(sound(), 5) is None
    return device


def test_a_device_that_is_gone_is_noticed_and_its_return_too(device: Device) -> None:
    assert device.wait(0.4) is None
    assert device.wait(0.2) is Trouble.GONE
    device.watch.opened(RATE, device.now)
    assert device.wait(0.1) is Trouble.GONE  # opened, but nothing was heard yet
    assert device.give(sound(), 3) is None


def test_a_sleeping_device_may_take_its_time_at_first_only() -> None:
    device = Device()
    assert device.wait(2.9) is None
    assert device.wait(0.2) is Trouble.GONE


def test_a_device_that_cannot_be_opened_is_gone() -> None:
    device = Device()
    device.watch.failed()
    assert device.wait(0.0) is Trouble.GONE


def test_digital_silence_is_noticed_only_after_sound(device: Device) -> None:
    zeros = np.zeros((960, 1), np.int16)
    assert device.give(zeros, 1.9) is None
    assert device.give(zeros, 1) == pytest.approx(0.12, abs=0.03)
    assert device.wait(0) is Trouble.SILENT
    device.watch.opened(RATE, device.now)
    device.give(zeros, 0.1)
    assert device.wait(0) is Trouble.SILENT  # opening again did not help
    assert device.give(sound(), 1) is None
    assert Device().give(zeros, 60) is None  # the null device


def test_clipping_is_noticed_within_a_second_and_remembered(device: Device) -> None:
    loud = np.clip(sound().astype(np.int32) * 100, -32768, 32767).astype(np.int16)
    noticed = device.give(loud, 2)
    assert noticed is not None and noticed <= 1.0
    device.give(sound(), 20)
    assert device.wait(0) is Trouble.CLIPPED
    device.give(sound(), 12)
    assert device.wait(0) is None


def test_a_handful_of_clipped_samples_is_a_loud_voice(device: Device) -> None:
    pcm = sound()
    pcm[:5] = 32767
    assert device.give(pcm, 5) is None


@pytest.mark.parametrize("actual", [16000, 24000, 32000, 96000])
def test_another_rate_is_noticed_within_a_second(device: Device, actual: int) -> None:
    noticed = device.give(sound(actual // 50), 3)
    assert noticed is not None and noticed <= 1.01
    assert device.wait(0) is Trouble.OFF_RATE
    device.watch.opened(actual, device.now)
    assert device.give(sound(actual // 50), 3) is None


@settings(deadline=None)
@given(st.lists(st.floats(0, 0.45), min_size=1, max_size=12))
def test_a_busy_computer_is_no_trouble(stalls: list[float]) -> None:
    """What came late comes all at once; between two stalls there is a second of peace."""
    device = Device()
    for stall in stalls:
        device.give(sound(), 1)
        device.now += stall
        for _ in range(round(stall / PERIOD_S)):
            device.watch.heard(sound(), device.now)
            assert device.watch.trouble(device.now) is None


@pytest.mark.parametrize("kept", [1.0, 0.5])
def test_a_starved_computer_changes_no_rate(device: Device, kept: float) -> None:
    """For 10 s it wakes every 0.3 s only; what has waited comes at once, and part of it may be lost."""
    for _ in range(33):
        device.now += 0.3
        for _ in range(round(kept * 0.3 / PERIOD_S)):
            device.watch.heard(sound(), device.now)
        assert device.watch.trouble(device.now) is None


@settings(deadline=None)
@given(st.sampled_from([8000, 16000, 44100, 48000]), st.integers(10, 100))
def test_any_rate_and_period_that_are_kept_are_fine(rate: int, period_ms: int) -> None:
    watch, now, pcm = Watch(), 0.0, sound(rate * period_ms // 1000)
    watch.opened(rate, now)
    for _ in range(5000 // period_ms):
        now += len(pcm) / rate
        watch.heard(pcm, now)
        assert watch.trouble(now) is None

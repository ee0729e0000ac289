"""Playing speech: on miniaudio's null device, which takes samples in real time, and on nothing."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time

import numpy as np
import pytest

from robot_runtime.errors import MissingExtraError, SettingsError
from robot_runtime.sound import NullSpeaker, list_outputs, open_speaker
from robot_runtime.sound.feed import Feed
from robot_runtime.sound.outputs import OutputFailed
from robot_runtime.sound.speaker import DeviceSpeaker, Speaker
from robot_runtime.voice.speech import Speech


def tone(seconds: float, rate: int = 22050) -> Speech:
    samples = 3000 * np.sin(np.arange(int(seconds * rate)) * 0.1)
    return Speech("beep", samples.astype(np.int16), rate)


@pytest.fixture
def null_device() -> Speaker:
    speaker, notice = open_speaker("null")
    assert notice is None and speaker.name == "null (miniaudio)"
    return speaker


@pytest.mark.parametrize("rate", [16000, 22050])
async def test_playing_takes_the_time_of_the_sound(null_device: Speaker, rate: int) -> None:
    started: list[float] = []
    begin = time.perf_counter()
    await null_device.play(tone(0.5, rate), on_start=lambda: started.append(time.perf_counter() - begin))
    assert 0.48 < time.perf_counter() - begin < 0.9
    assert len(started) == 1 and started[0] < 0.15


async def test_utterances_are_played_one_after_the_other(null_device: Speaker) -> None:
    begin = time.perf_counter()
    await asyncio.gather(null_device.play(tone(0.2)), null_device.play(tone(0.2)))
    assert time.perf_counter() - begin > 0.38


async def test_a_cancelled_sound_stops_at_once(null_device: Speaker) -> None:
    started = asyncio.Event()
    task = asyncio.create_task(null_device.play(tone(5), on_start=started.set))
    await started.wait()
    begin = time.perf_counter()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.perf_counter() - begin < 0.15
    await null_device.play(tone(0.05))  # the device is free again


@pytest.mark.parametrize("paced", [True, False])
async def test_nothing_takes_time_only_when_paced(paced: bool) -> None:
    started: list[bool] = []
    begin = time.perf_counter()
    await NullSpeaker(paced=paced).play(tone(0.2), on_start=lambda: started.append(True))
    assert (time.perf_counter() - begin > 0.19) == paced
    assert started == [True]


async def test_empty_speech_starts_and_ends(null_device: Speaker) -> None:
    started: list[bool] = []
    await null_device.play(Speech.silence("hm"), on_start=lambda: started.append(True))
    assert started == [True]


def test_a_feed_gives_every_sample_then_silence_then_the_end() -> None:
    calls: list[str] = []
    feed = Feed(
        np.arange(1, 6, dtype=np.int16), on_first=lambda: calls.append("first"), on_end=lambda: calls.append("end")
    )
    feed.tail = 3
    given = [np.frombuffer(feed.take(2), np.int16).tolist() for _ in range(4)]
    assert given == [[1, 2], [3, 4], [5, 0], [0, 0]] and calls == ["first"]
    feed.take(2)
    feed.take(2)
    assert calls == ["first", "end"]


def test_a_muted_feed_is_silent() -> None:
    feed = Feed(np.full(100, 7, np.int16), on_first=lambda: None, on_end=lambda: None)
    assert any(feed.take(10))
    feed.mute()
    assert not any(feed.take(10))


class FaultyDevice:
    """The far end of the wire: a loudspeaker that is unplugged, or that stops asking."""

    name = "faulty"

    def __init__(self) -> None:
        self.plugged_in = False
        self.opened = 0

    def start(self, feed: Feed, rate: int) -> None:
        self.opened += 1
        if not self.plugged_in:
            raise OutputFailed("unplugged")
        feed.take(feed.samples)
        feed.take(1)

    def stop(self) -> None:
        pass


async def test_a_failing_device_costs_a_notice_and_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    device, notices, started = FaultyDevice(), list[str](), list[bool]()
    speaker = DeviceSpeaker(device, notices.append)
    begin = time.perf_counter()
    for _ in range(2):
        await speaker.play(tone(0.1), on_start=lambda: started.append(True))
    assert 0.19 < time.perf_counter() - begin < 0.5
    assert started == [True, True]
    assert len(notices) == 1 and "unplugged" in notices[0]
    assert device.opened == 1  # left alone for a while
    monkeypatch.setattr("robot_runtime.sound.speaker._RETRY_S", 0.0)
    speaker = DeviceSpeaker(device, notices.append)
    await speaker.play(tone(0.01))
    device.plugged_in = True
    await speaker.play(tone(0.01))
    assert len(notices) == 3 and "back" in notices[2]


async def test_a_device_that_falls_asleep_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("robot_runtime.sound.speaker._STALL_S", 0.05)
    device, notices = FaultyDevice(), list[str]()
    monkeypatch.setattr(device, "start", lambda feed, rate: feed.take(10))
    await DeviceSpeaker(device, notices.append).play(tone(0.2))
    assert len(notices) == 1 and "no more samples" in notices[0]


def test_unknown_device_is_a_settings_error() -> None:
    with pytest.raises(SettingsError, match="'no such device'"):
        open_speaker("no such device")


@pytest.mark.parametrize("device", [None, "some device"])
def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, device: str | None) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    monkeypatch.setitem(sys.modules, "miniaudio", None)
    assert list_outputs() == []
    if device is None:
        speaker, notice = open_speaker(device)
        assert isinstance(speaker, NullSpeaker)
        assert notice is not None and "toddler-robot[sound]" in notice and "\n" not in notice
    else:
        with pytest.raises(MissingExtraError):
            open_speaker(device)


def test_looking_for_devices_writes_nothing_else() -> None:
    """Machines without a sound card make ALSA write dozens of lines."""
    program = "from robot_runtime.sound import *; list_outputs(); open_speaker(); print('done')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("done\n", "")

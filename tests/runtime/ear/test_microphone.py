"""Microphones: the null device, and one of our own that can be pulled out."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

import numpy as np
import pytest
from numpy.typing import NDArray

from robot_runtime.ear.blocks import Block
from robot_runtime.ear.inputs import InputFailed, MiniaudioInput, Take, list_inputs
from robot_runtime.ear.microphone import Microphone
from robot_runtime.ear.sources import open_source
from robot_runtime.errors import MissingExtraError, SettingsError

DEADLINE_S = 10.0


class Jack:
    """The far end: gives what it is told to give, from the thread of whoever tells it, at a rate of its own."""

    name = "jack"

    def __init__(self, rate: int = 16000) -> None:
        self.rate = rate
        self.plugged_in = True
        self.opened = 0
        self.take: Take | None = None

    def start(self, take: Take) -> int:
        self.opened += 1
        if not self.plugged_in:
            raise InputFailed("unplugged")
        self.take = take
        return self.rate

    def stop(self) -> None:
        self.take = None

    def give(self, pcm: NDArray[np.int16]) -> None:
        assert self.take is not None
        self.take(pcm.reshape(len(pcm), -1))


class Bench:
    """A microphone on a jack, with a clock that the test turns; the microphone's own watch sleeps."""

    def __init__(self, jack: Jack) -> None:
        self.jack = jack
        self.now = 50.0
        self.notices: list[str] = []
        self.listening = asyncio.Event()
        self.microphone = Microphone(jack, self.notices.append, self.clock)
        self.blocks = self.microphone.blocks()

    def clock(self) -> float:
        self.listening.set()  # nobody asks for the time before the device is open
        return self.now

    async def give(self, pcm: NDArray[np.int16], seconds: float = 0.02) -> None:
        self.now += seconds
        self.jack.give(pcm)
        await asyncio.sleep(0)  # what came from the device is taken in the loop's next round
        await self.microphone.look_after()

    async def wait(self, seconds: float) -> None:
        self.now += seconds
        await self.microphone.look_after()

    async def next(self, count: int = 1) -> list[Block]:
        async with asyncio.timeout(DEADLINE_S):
            return [await anext(self.blocks) for _ in range(count)]


def noise(samples: int = 320) -> NDArray[np.int16]:
    return np.random.default_rng(samples).normal(0, 500, samples).astype(np.int16)


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Bench, None]:
    monkeypatch.setattr("robot_runtime.ear.microphone._TICK_S", 3600)  # the tests look after it
    bench = Bench(Jack())
    first = asyncio.create_task(bench.next())
    async with asyncio.timeout(DEADLINE_S):
        await bench.listening.wait()
    await bench.give(noise())
    assert [block.first for block in await first] == [0]
    yield bench
    await bench.blocks.aclose()
    assert bench.jack.take is None


async def test_blocks_are_numbered(bench: Bench) -> None:
    for _ in range(3):
        await bench.give(noise(480), 0.03)
    blocks = await bench.next(4)
    assert [block.first for block in blocks] == [320, 640, 960, 1280]
    assert (np.concatenate([block.pcm for block in blocks]) == np.tile(noise(480), 3)[:1280]).all()


async def test_a_microphone_that_is_pulled_out_is_told_once_and_heard_again(bench: Bench) -> None:
    bench.jack.plugged_in = False
    await bench.wait(0.4)
    assert bench.notices == []
    for _ in range(100):
        await bench.wait(0.2)
    assert len(bench.notices) == 1 and "jack is gone" in bench.notices[0]
    assert 20 <= bench.jack.opened <= 41  # every half a second
    bench.jack.plugged_in = True
    opened = bench.jack.opened
    for _ in range(6):
        await bench.wait(0.1)
    assert bench.jack.opened == opened + 1  # soon
    await bench.give(noise())
    assert len(bench.notices) == 2 and "is back" in bench.notices[1]
    (block,) = await bench.next()
    assert block.first == 320 + round((20.4 + 0.6) * 16000)  # time passed meanwhile, unheard
    await bench.give(noise())
    assert [later.first for later in await bench.next()] == [block.end]


async def test_a_microphone_that_changes_its_rate_is_opened_at_the_new_one(bench: Bench) -> None:
    bench.jack.rate = 48000
    for _ in range(60):
        await bench.give(noise(960))
    assert len(bench.notices) == 2 and "rate" in bench.notices[0] and "is back" in bench.notices[1]
    assert bench.jack.opened == 2
    bench.microphone._waiting.clear()
    for _ in range(50):
        await bench.give(noise(960))
    assert abs(len(bench.microphone._waiting) - 50) <= 1  # a second is a second again


async def test_silence_is_told_and_sound_that_comes_back(bench: Bench) -> None:
    for _ in range(200):
        await bench.give(np.zeros(320, np.int16))
    assert len(bench.notices) == 1 and "zeros" in bench.notices[0] and bench.jack.opened > 1
    await bench.give(noise())
    assert len(bench.notices) == 2 and "is back" in bench.notices[1]


async def test_clipping_is_told_once_and_interrupts_nothing(bench: Bench) -> None:
    for _ in range(300):
        await bench.give(np.full(320, 32767, np.int16))
    assert len(bench.notices) == 1 and "too loud" in bench.notices[0] and bench.jack.opened == 1


async def test_the_oldest_sound_is_dropped_when_nobody_takes_it(bench: Bench) -> None:
    for _ in range(300):
        await bench.give(noise())
    assert bench.microphone.dropped == 50
    assert [block.first for block in await bench.next(2)] == [51 * 320, 52 * 320]


async def test_late_sound_of_an_earlier_opening_is_left_out(bench: Bench) -> None:
    old = bench.jack.take
    await bench.wait(1)
    assert old is not None
    old(noise().reshape(-1, 1))
    await bench.give(noise())
    (block,) = await bench.next()
    assert block.first > 320 and not bench.microphone._waiting


class Thread(Jack):
    """A jack with a device behind it that gives noise in real time."""

    def start(self, take: Take) -> int:
        rate = super().start(take)
        threading.Thread(target=self._run, args=(take,), daemon=True).start()
        return rate

    def _run(self, take: Take) -> None:
        begin, given = time.monotonic(), 0
        while self.take is take and self.plugged_in:
            take(noise().reshape(-1, 1))
            given += 320
            time.sleep(max(0.0, begin + given / self.rate - time.monotonic()))


async def test_in_real_time_a_lost_microphone_is_told_within_a_second() -> None:
    jack, notices, told = Thread(), list[tuple[float, str]](), asyncio.Event()

    def notice(text: str) -> None:
        notices.append((time.monotonic(), text))
        told.set()

    microphone = Microphone(jack, notice)
    async with asyncio.timeout(DEADLINE_S), aclosing(microphone.blocks()) as blocks:
        for _ in range(10):
            last = await anext(blocks)
        jack.plugged_in, pulled = False, time.monotonic()
        later = asyncio.create_task(_gap(last, blocks))
        await told.wait()
        assert 0.45 < notices[0][0] - pulled < 1.0 + 0.5  # half a second for a busy computer
        jack.plugged_in = True
        assert (await later) < DEADLINE_S
    assert [text.split()[-1] for _, text in notices[1:]] in ([], ["back."])
    assert jack.take is None


async def _gap(before: Block, blocks: AsyncGenerator[Block, None]) -> float:
    """The seconds that are missing in the blocks, as soon as there are at least 0.3."""
    async for block in blocks:
        missing_s = (block.first - before.end) / 16000
        if missing_s > 0.3:
            return missing_s
        before = block
    raise AssertionError("the source ended")


async def test_the_null_device_gives_silence_in_real_time() -> None:
    notices: list[str] = []
    source = open_source(microphone="null", on_notice=notices.append)
    assert source.name == "null (miniaudio)"
    begin = time.perf_counter()
    async with asyncio.timeout(DEADLINE_S), aclosing(source.blocks()) as blocks:
        heard = [await anext(blocks) for _ in range(50)]
        taken = time.perf_counter() - begin
        begin = time.perf_counter()
        await source.close()
        assert time.perf_counter() - begin < 1
    assert 0.8 < taken < 4 and not any(block.pcm.any() for block in heard) and notices == []
    await source.close()


async def test_a_device_that_hangs_is_gone_and_does_not_hold_up_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("robot_runtime.ear.microphone._DEVICE_DEADLINE_S", 0.05)
    jack, told, free = Jack(), asyncio.Event(), threading.Event()

    def start(take: Take) -> int:
        free.wait(DEADLINE_S)
        return 16000

    monkeypatch.setattr(jack, "start", start)
    microphone = Microphone(jack, lambda text: told.set())
    blocks = microphone.blocks()
    first = asyncio.create_task(anext(blocks, None))
    async with asyncio.timeout(DEADLINE_S):
        await told.wait()
        begin = time.perf_counter()
        await microphone.close()
        assert time.perf_counter() - begin < 1
        assert await first is None
    free.set()


async def test_an_unexpected_error_ends_the_source_loudly(monkeypatch: pytest.MonkeyPatch) -> None:
    jack = Jack()
    monkeypatch.setattr(jack, "stop", lambda: None)
    monkeypatch.setattr(jack, "start", lambda take: 1 // 0)
    microphone = Microphone(jack, print)
    with pytest.raises(ZeroDivisionError):
        await anext(microphone.blocks())


def test_an_unknown_microphone_is_a_settings_error() -> None:
    with pytest.raises(SettingsError, match="microphone"):
        open_source(microphone="no such device")
    with pytest.raises(InputFailed):
        MiniaudioInput("no such device", null=True)


@pytest.mark.parametrize("missing", [("sounddevice", "miniaudio"), ("soxr",)])
def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, missing: tuple[str, ...]) -> None:
    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)
    if "miniaudio" in missing:
        assert list_inputs() == []
    with pytest.raises(MissingExtraError, match=r"toddler-robot\[listen\]"):
        open_source(microphone="null")

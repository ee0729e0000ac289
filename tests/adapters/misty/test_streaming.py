"""Listening to the live stream, against the simulator."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import socket
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from misty_adapter.bench.ear import babble
from misty_adapter.connection.client import CallError, Client
from misty_adapter.hearing import streaming
from misty_adapter.hearing.capture import Sound
from misty_adapter.hearing.rtsp import BLOCK
from misty_adapter.hearing.streaming import WAITING_BLOCKS, StreamingEar
from misty_adapter.settings import MistySettings
from misty_adapter.simulator.simulated_misty import SimulatedMisty
from misty_adapter.simulator.wav import encode
from misty_talk import robot
from misty_wire import DEADLINE_S, until
from robot_runtime.errors import MissingExtraError, RobotError
from robot_runtime.robot import Expression

NOISE = np.convolve(np.random.default_rng(6).uniform(-1, 1, 16_000), np.hanning(18) / 9, "same").astype(np.float32)
"""One second at 16 kHz that is like nothing else, and has little above 2 kHz."""

needs_av = pytest.mark.skipif(importlib.util.find_spec("av") is None, reason="PyAV is not installed: pip install av")


@pytest.fixture
def port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.asynccontextmanager
async def listening(port: int, **about: Any) -> AsyncIterator[tuple[StreamingEar, SimulatedMisty]]:
    """An ear that is open, and the simulator that it listens to."""
    async with closed_ear(port, **about) as (ear, misty):
        await ear.open()
        yield ear, misty


@contextlib.asynccontextmanager
async def closed_ear(
    port: int, listen_at: str = "127.0.0.1", **about: Any
) -> AsyncIterator[tuple[StreamingEar, SimulatedMisty]]:
    """An ear that is not open yet."""
    robot = SimulatedMisty(**about)
    await robot.start()
    host, _, command_port = robot.address.partition(":")
    client = Client((host, int(command_port)))
    ear = StreamingEar(client, listen_at, port)
    try:
        yield ear, robot
    finally:
        await ear.close()
        await client.close()
        await robot.stop()


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    """A folder in which somebody has spoken."""
    (tmp_path / "speech").mkdir()
    (tmp_path / "speech" / "1.wav").write_bytes(encode(NOISE, 16_000))
    return tmp_path / "speech"


async def hear(ear: StreamingEar, seconds: float) -> npt.NDArray[np.float64]:
    """What comes next, from -1 to 1."""
    pieces: list[npt.NDArray[np.int16]] = []
    async with asyncio.timeout(DEADLINE_S):
        async for block in ear.blocks():
            assert block.rate == 16_000 and block.pcm.dtype == np.int16 and block.pcm.shape == (BLOCK,)
            pieces.append(block.pcm)
            if len(pieces) * BLOCK >= seconds * 16_000:
                break
    return np.concatenate(pieces) / 32768


def likeness(heard: npt.NDArray[np.float64]) -> float:
    """Correlation with what was said, which must be whole, where it fits best."""
    place = int(np.argmax(np.correlate(heard, NOISE[:4000], "valid")))
    piece = heard[place : place + len(NOISE)]
    return float(np.corrcoef(piece, NOISE)[0, 1]) if len(piece) == len(NOISE) else 0.0


async def next_block(ear: StreamingEar) -> Sound:
    async with asyncio.timeout(DEADLINE_S):
        return await anext(ear.blocks())


@needs_av
async def test_what_is_said_is_heard(port: int, speech: Path) -> None:
    async with listening(port, hear=speech) as (ear, misty):
        assert misty.misty.ears.streaming
        assert likeness(await hear(ear, 2.0)) > 0.99
        assert ear.lost == 0


@needs_av
async def test_it_comes_back_when_the_stream_breaks_whatever_rate_it_has_then(port: int, speech: Path) -> None:
    async with listening(port) as (ear, misty):
        await hear(ear, 0.2)
        misty.misty.streaming.drop_all()
        await hear(ear, 1.0)
        await misty.misty.streaming.start(f"rtspd:{port}", 44_100)
        while not any(client.playing for client in misty.misty.streaming.clients):
            await next_block(ear)
        misty.misty.ears.say(speech / "1.wav")
        assert likeness(await hear(ear, 3.0)) > 0.99


@needs_av
async def test_it_comes_back_when_the_robot_has_started_again(port: int) -> None:
    async with listening(port, boot_s=0.3) as (ear, misty):
        misty.inject("reboot")
        while misty.boots < 2 or not misty.misty.streaming.clients:
            await next_block(ear)


@needs_av
async def test_nothing_is_heard_behind_a_closed_gate(port: int) -> None:
    async with listening(port) as (ear, _):
        ear.gate(True)
        with pytest.raises(TimeoutError):
            for _ in range(WAITING_BLOCKS):  # what waited before
                await asyncio.wait_for(anext(ear.blocks()), 1.0)
        ear.gate(False)
        began = time.monotonic()
        await next_block(ear)
        assert time.monotonic() - began > 0.25


@needs_av
async def test_what_nobody_takes_in_time_is_lost_and_counted(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "WAITING_BLOCKS", 5)
    async with listening(port) as (ear, _):
        await until(lambda: ear.lost > 3)


@needs_av
async def test_closing_ends_the_stream_and_the_blocks_and_gives_the_camera_back(port: int) -> None:
    async with listening(port) as (ear, misty):
        listener = asyncio.create_task(hear(ear, 1000.0))
        await asyncio.sleep(0)
        began = time.monotonic()
        await ear.close()
        assert time.monotonic() - began < 2.0
        async with asyncio.timeout(DEADLINE_S):
            await listener
        assert not misty.misty.ears.streaming and not misty.misty.services["avstreaming"]
        assert misty.misty.services["camera"]
        await ear.close()


@needs_av
async def test_closing_is_quick_when_the_robot_has_gone(port: int) -> None:
    async with listening(port) as (ear, misty):
        await misty.stop()
        began = time.monotonic()
        await ear.close()
        assert time.monotonic() - began < 2.5


@needs_av
async def test_a_port_that_is_taken_on_the_robot() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        async with closed_ear(other.getsockname()[1]) as (ear, _):
            with pytest.raises(CallError, match="cannot be served"):
                await ear.open()


@needs_av
@pytest.mark.parametrize("answers", [True, False])
async def test_a_stream_that_cannot_be_heard(port: int, monkeypatch: pytest.MonkeyPatch, answers: bool) -> None:
    monkeypatch.setattr(streaming, "FIRST_S", 1.0)
    with contextlib.ExitStack() as stack:
        if answers:  # somebody is there, and silent
            stack.enter_context(socket.create_server(("127.0.0.2", port)))
        async with closed_ear(port, "127.0.0.2") as (ear, misty):
            began = time.monotonic()
            with pytest.raises(RobotError, match=f"rtsp://127.0.0.2:{port}.*may this computer reach that port"):
                await ear.open()
            assert time.monotonic() - began < 4.0
            assert not misty.misty.ears.streaming


async def test_without_pyav(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "av", raising=False)
    monkeypatch.setattr(sys, "path", [])
    async with closed_ear(port) as (ear, misty):
        with pytest.raises(MissingExtraError, match=r"toddler-robot\[misty-stream\]"):
            await ear.open()
        assert misty.requests == 0


@needs_av
async def test_the_robot_listens_except_while_it_speaks(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("misty_adapter.hearing.ears.PORT", port)
    async with robot(MistySettings(moves=False, gaze=False, ears="stream")) as (one, simulated, _):
        ear = one.ears
        assert isinstance(ear, StreamingEar)
        await next_block(ear)
        gates: list[bool] = []
        gate = ear.gate

        def noted(closed: bool) -> None:
            gates.append(closed)
            gate(closed)

        monkeypatch.setattr(ear, "gate", noted)
        await one.say(babble(0.3, 1), Expression.HAPPY, lambda: gates.append(simulated.misty.speaking))
        assert gates == [True, True, False]
        await next_block(ear)
        await one.close()
        assert not simulated.misty.ears.streaming
        async with asyncio.timeout(DEADLINE_S):
            async for _ in ear.blocks():
                pass
            async for _ in ear.blocks():
                pass

"""What goes wrong goes wrong as it is told to, the same way for the same seed, and is recorded."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from misty_adapter.simulator.clock import Clock
from misty_adapter.simulator.faults import PROBABILITIES, REQUEST_FAULTS, Faults, FaultSource
from misty_wire import Start, call, events, exchange, result
from robot_runtime.errors import SettingsError

RED = {"Red": 255, "Green": 0, "Blue": 0}


def drawn(seed: int, rate: float = 0.5) -> list[str | None]:
    source = FaultSource(Faults.mixed(rate), seed, lambda type, **fields: None)
    return [source.of_request("x", busy=number % 2 == 0) for number in range(500)]


def test_the_same_seed_means_the_same_faults() -> None:
    assert drawn(1) == drawn(1) != drawn(2)
    assert set(drawn(1)) == {*REQUEST_FAULTS, "ignored", None}


def test_a_mix_has_the_rate_that_was_asked_for() -> None:
    source = FaultSource(Faults.mixed(0.05), 3, lambda type, **fields: None)
    for _ in range(20_000):
        source.of_request("x", busy=False)
        source.of_message()
    of_requests = sum(source.applied[fault] for fault in REQUEST_FAULTS)
    assert of_requests / 20_000 == pytest.approx(0.05, abs=0.01)
    assert source.applied["half_open"] / 20_000 == pytest.approx(0.025, abs=0.006)


def test_without_faults_nothing_goes_wrong() -> None:
    assert drawn(1, rate=0.0) == [None] * 500
    assert all(getattr(Faults(), name) == 0 for name in PROBABILITIES)


def test_probabilities_are_no_more_than_one_together() -> None:
    with pytest.raises(SettingsError, match="bad_request, error"):
        Faults(error=0.6, hang=0.6)


@pytest.mark.parametrize(("fault", "status"), [("bad_request", 400), ("error", 500), ("unavailable", 503)])
async def test_answers_of_failure(start: Start, tmp_path: Path, fault: str, status: int) -> None:
    robot = await start(faults=Faults.mixed(0.0, **{fault: 1.0}))
    assert await call(robot.address, "POST", "led", RED) == (
        status,
        {"status": "Failed", "error": f"Injected: {fault}."},
    )
    assert robot.misty.led != (255, 0, 0)
    assert (await exchange(robot.address, "GET", "/simulator/state"))[0] == 200  # the page has no faults
    lines = (tmp_path / "record" / "events.jsonl").read_text().splitlines()
    assert {"fault": fault, "at": "POST /api/led"}.items() <= next(
        event for event in map(json.loads, lines) if event["type"] == "fault"
    ).items()


@pytest.mark.parametrize(("fault", "acts"), [("drop_before", False), ("drop_after", True)])
async def test_connections_are_cut_before_and_after_acting(start: Start, fault: str, acts: bool) -> None:
    robot = await start(faults=Faults.mixed(0.0, **{fault: 1.0}))
    with pytest.raises(ConnectionError):
        await call(robot.address, "POST", "led", RED)
    assert (robot.misty.led == (255, 0, 0)) == acts


async def test_a_slow_answer_comes_late(start: Start) -> None:
    robot = await start(faults=Faults(slow=1.0, slow_least_s=0.3, slow_most_s=0.4))
    began = time.monotonic()
    await result(robot.address, "POST", "led", RED)
    assert time.monotonic() - began >= 0.3


async def test_a_hanging_answer_never_comes(start: Start) -> None:
    robot = await start(faults=Faults(hang=1.0))
    reader, writer = await asyncio.open_connection(*robot.address.split(":"))
    writer.write(b"POST /api/halt HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(), 0.4)
    writer.close()


async def test_the_network_takes_its_time_each_way(start: Start) -> None:
    robot = await start(faults=Faults(delay_ms=100))
    began = time.monotonic()
    await result(robot.address, "POST", "led", RED)
    assert time.monotonic() - began >= 0.2
    async with events(robot.address) as ears:
        await ears.subscribe("SerialMessage")
        began = time.monotonic()
        robot.inject("serial x")
        await ears.next()
        assert time.monotonic() - began >= 0.1


async def test_of_commands_that_overlap_one_is_ignored(start: Start) -> None:
    robot = await start(faults=Faults(ignored=1.0, delay_ms=50))
    await result(robot.address, "POST", "led", {"Red": 0, "Green": 0, "Blue": 0})
    await asyncio.gather(
        result(robot.address, "POST", "led", RED),
        result(robot.address, "POST", "flashlight", {"On": True}),
    )
    assert (robot.misty.led == (255, 0, 0)) != robot.misty.lights.flashlight
    assert robot.faults.applied == {"ignored": 1}


async def test_a_half_open_socket_delivers_nothing(start: Start) -> None:
    robot = await start(faults=Faults(half_open=1.0))
    async with events(robot.address) as ears:
        await ears.subscribe("SerialMessage")
        robot.inject("serial x")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ears.connection.recv(), 0.3)
        pong = await ears.connection.ping()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pong, 0.3)
        ears.connection.transport.abort()


async def test_a_socket_is_dropped(start: Start) -> None:
    robot = await start(faults=Faults(socket_drop=1.0))
    async with events(robot.address) as ears:
        await ears.subscribe("SerialMessage")
        robot.inject("serial x")
        with pytest.raises(ConnectionClosed):
            await ears.next()


async def test_a_reboot_in_time_ends_connections_and_keeps_files(start: Start) -> None:
    robot = await start(faults=Faults(reboot_at_s=(0.4,)), boot_s=0.2)
    await result(robot.address, "POST", "audio", {"FileName": "x.mp3", "Data": "AAAA"})
    async with events(robot.address) as ears:
        await ears.subscribe("SerialMessage")
        with pytest.raises(ConnectionClosed):
            await ears.next()
    with pytest.raises(OSError):
        await result(robot.address, "GET", "battery")
    async with asyncio.timeout(10):
        await robot.running.wait()
    assert robot.boots == 2
    assert "x.mp3" in [file["name"] for file in await result(robot.address, "GET", "audio/list")]


async def test_time_may_be_fast(start: Start) -> None:
    robot = await start(clock=Clock(100))
    began = time.monotonic()
    async with events(robot.address) as ears:
        await ears.subscribe("TextToSpeechComplete")
        await result(robot.address, "POST", "tts/speak", {"Text": "a ball " * 20, "UtteranceId": "u"})
        assert not (await ears.next())["message"]["interrupted"]
    assert time.monotonic() - began < 5.0  # in real time it would be more than 7 s

"""The WebSocket that comes back, against the simulator."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from misty_adapter.connection.pubsub import PubSub
from misty_adapter.simulator.simulated_misty import SimulatedMisty
from misty_wire import until
from robot_runtime.reach import LinkState


@contextlib.asynccontextmanager
async def linked(
    receive: Callable[[str, Any], None], states: list[LinkState]
) -> AsyncIterator[tuple[PubSub, SimulatedMisty]]:
    robot = SimulatedMisty()
    await robot.start()
    host, _, port = robot.address.partition(":")
    link = PubSub((host, int(port)), receive, states.append, lambda type, why: None)
    link.start()
    try:
        assert await link.wait_up(10)
        yield link, robot
    finally:
        await link.close()
        await robot.stop()


async def test_once_it_is_up_nothing_is_missed() -> None:
    heard: list[str] = []
    async with linked(lambda type, data: heard.append(type), []) as (_, robot):
        robot.inject("touch Chin")
        await until(lambda: "TouchSensor" in heard)


async def test_it_survives_whoever_stumbles_over_an_event(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[str] = []

    def receive(type: str, data: Any) -> None:
        heard.append(type)
        if heard == ["TouchSensor"]:
            raise RuntimeError("out of something")

    states: list[LinkState] = []
    async with linked(lambda type, data: receive(type, data) if type == "TouchSensor" else None, states) as (_, robot):
        robot.inject("touch Chin on")
        await until(lambda: states[1:] == [LinkState.DOWN, LinkState.UP])
        robot.inject("touch Chin off")
        await until(lambda: len(heard) == 2)
    assert "out of something" in caplog.text


async def test_waiting_for_it_ends_when_the_time_is_over() -> None:
    link = PubSub(("127.0.0.1", 9), lambda type, data: None, lambda state: None, lambda type, why: None)
    link.start()
    async with asyncio.timeout(5):
        assert not await link.wait_up(0.2)
    await link.close()

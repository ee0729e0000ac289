"""Simulated Mistys that are stopped again."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from misty_adapter.simulator.clock import Clock
from misty_adapter.simulator.loudspeaker import RATE
from misty_adapter.simulator.simulated_misty import SimulatedMisty
from misty_wire import Start
from robot_runtime.simulation.recording import Recording


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Start a Misty that records to `tmp_path / "record"`; takes what SimulatedMisty takes."""
    started: list[SimulatedMisty] = []
    failures: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: failures.append(context))

    async def begin(**options: Any) -> SimulatedMisty:
        clock = options.setdefault("clock", Clock())
        options.setdefault("recording", Recording(tmp_path / f"record{len(started) or ''}", RATE, clock.now))
        robot = SimulatedMisty(**options)
        started.append(robot)
        await robot.start()
        return robot

    yield begin
    for robot in started:
        await robot.stop()
        robot.recording.close()
    assert not failures, "something inside the simulator failed"


@pytest.fixture
async def robot(start: Start) -> SimulatedMisty:
    """A Misty without faults."""
    return await start()


@pytest.fixture
def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])

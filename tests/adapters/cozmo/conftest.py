"""A simulated Cozmo in the test's own process, and the adapter connected to it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import pytest

from cozmo_adapter.bench.ear import Ear, until
from cozmo_adapter.robot import CozmoRobot
from cozmo_adapter.settings import CozmoSettings
from cozmo_adapter.simulator.robot import SimulatedCozmo


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
async def simulated(ear: Ear) -> AsyncIterator[SimulatedCozmo]:
    robot = SimulatedCozmo(recording=ear, boot_s=1.0, on_command=ear.command)
    await robot.start()
    yield robot
    await robot.stop()


@pytest.fixture
async def cozmo(simulated: SimulatedCozmo, ear: Ear, caplog: pytest.LogCaptureFixture) -> AsyncIterator[CozmoRobot]:
    """Connected and alive; nothing that it does may be logged as a failure."""
    robot = CozmoRobot(simulated.address, CozmoSettings(volume=1.0), lambda text: None)
    await robot.connect()
    assert await until(lambda: any(message.name == "DisplayImage" for _, message in ear.commands), 3.0)
    yield robot
    await robot.close()
    failures = [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR and r.name.startswith("cozmo")]
    assert failures == []

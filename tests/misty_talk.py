"""A robot that talks to a simulated one, for tests: faults by command, and what has become of it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from misty_adapter.bench.ear import Ear, talking
from misty_adapter.connection import assets
from misty_adapter.robot import MistyRobot
from misty_adapter.settings import MistySettings
from misty_adapter.simulator.faults import Faults, FaultSource
from misty_adapter.simulator.simulated_misty import SimulatedMisty
from robot_runtime.robot import RobotEvent

STILL = MistySettings(moves=False, gaze=False)


class Script(FaultSource):
    """Faults by command instead of by dice: a list of them for each path, used up one after the other."""

    def __init__(self, **faults: list[str]) -> None:
        super().__init__(Faults(slow_least_s=1.0, slow_most_s=1.0), 0, lambda type, **fields: None)
        self.script = {path.replace("_", "/"): list(kinds) for path, kinds in faults.items()}
        self.asked: list[str] = []

    def of_request(self, what: str, busy: bool) -> str | None:
        path = what.partition("/api/")[2]
        self.asked.append(path)
        waiting = self.script.get(path)
        return waiting.pop(0) if waiting else None


@contextlib.asynccontextmanager
async def robot(settings: MistySettings = STILL, **about: Any) -> AsyncIterator[tuple[MistyRobot, SimulatedMisty, Ear]]:
    ear = Ear()
    async with talking(ear, settings, **about) as (one, simulated):
        yield one, simulated, ear


async def until(condition: Callable[[], bool], seconds: float = 8.0) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not happen"
        await asyncio.sleep(0.01)


def face(simulated: SimulatedMisty) -> str:
    """Which of our faces is shown, without prefix and version."""
    layer = simulated.misty.screen.layers.get("DefaultImageLayer")
    return layer.content.removeprefix(assets.FACE_PREFIX)[9:] if layer else ""


async def event(one: MistyRobot, kind: str, seconds: float = 8.0) -> RobotEvent:
    async with asyncio.timeout(seconds):
        async for found in one.events():
            if found.kind == kind:
                return found
    raise AssertionError(kind)

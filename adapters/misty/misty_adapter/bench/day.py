"""A long conversation in a short time: do files, connections or memory pile up?"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path
from typing import Any

from misty_adapter.bench.ear import Ear, babble, talking
from misty_adapter.connection.assets import MOST
from misty_adapter.simulator.clock import Clock
from robot_runtime.bench.numbers import resident_mb
from robot_runtime.errors import RobotError
from robot_runtime.robot import Expression

FILLERS = 12
"""Utterances that come again and again."""

FILLER_SHARE = 0.5
"""How many utterances are such."""

PAUSE_S = (5.0, 60.0)
"""Silence between two turns, in the robot's time."""

SAMPLES = 10
"""How often memory and connections are looked at."""


async def bench_day(hours: float, factor: float, seed: int) -> dict[str, Any]:
    """Hours of the robot's time, `factor` times as fast as on the wall: at intervals, what has piled up."""
    chance = random.Random(seed)
    clock = Clock(factor)
    ear = Ear(remembers=False, clock=clock)
    turns = failed = most_files = 0
    samples: list[dict[str, float]] = []
    began = time.monotonic()
    async with talking(ear, clock=clock, seed=seed) as (robot, simulated):
        ends = clock.now() + hours * 3600
        while (now := clock.now()) < ends:
            filler = chance.random() < FILLER_SHARE
            number = chance.randrange(FILLERS) if filler else FILLERS + turns
            await robot.express(Expression.THINKING)
            try:
                await robot.say(babble(0.5 + number % 20 / 20, number), chance.choice(list(Expression)))
            except RobotError:
                failed += 1
            await robot.express(Expression.LISTENING)
            turns += 1
            most_files = max(most_files, simulated.misty.assets.uploaded)
            if len(samples) < SAMPLES and now > ends - hours * 3600 * (1 - (len(samples) + 1) / (SAMPLES + 1)):
                samples.append(_sample(turns, len(simulated.pubsub.sockets)))
            await clock.sleep(chance.uniform(*PAUSE_S))
        requests = simulated.requests
    return {
        "hours": hours,
        "real_s": round(time.monotonic() - began, 1),
        "turns": turns,
        "failed": failed,
        "requests": requests,
        "most_files": most_files,
        "most_files_allowed": MOST,
        "at_tenths": {str(number + 1): sample for number, sample in enumerate(samples)},
    }


def _sample(turns: int, websockets: int) -> dict[str, float]:
    memory = resident_mb([os.getpid()]) or {"rss": 0.0}
    open_files = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0
    return {"turns": turns, "rss_mb": memory["rss"], "open_files": open_files, "websockets": websockets}

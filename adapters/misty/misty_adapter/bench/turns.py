"""Turns of talk: how soon the first sample plays, and what becomes of turns when things go wrong."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Any

from misty_adapter.bench.ear import Ear, babble, talking
from misty_adapter.robot import MistyRobot
from misty_adapter.simulator.faults import Faults
from robot_runtime.bench.numbers import summary
from robot_runtime.errors import RobotError
from robot_runtime.robot import Expression

LENGTHS = 300
"""Utterances of different lengths, by which they are told apart: 0.3 to 0.6 s, a thousandth of a second apart."""

DEADLINE_S = 10.0
"""How much longer than its sound an utterance may take, whatever goes wrong."""

MOODS = (Expression.HAPPY, Expression.NEUTRAL, Expression.SURPRISED, Expression.SAD)
"""Expressions of turns."""


async def bench_latency(rounds: int, delay_ms: float, seed: int) -> dict[str, Any]:
    """Milliseconds from `say` to the first sample that plays, with network delay each way, after a thinking face."""
    ear = Ear()
    waited: list[float] = []
    async with talking(ear, faults=Faults(delay_ms=delay_ms), seed=seed) as (robot, _):
        for number in range(rounds):
            seconds = 0.3 + number / 1000
            await robot.express(Expression.THINKING)
            await asyncio.sleep(0.4)  # somebody thinks
            began = time.monotonic()
            await robot.say(babble(seconds, seed + number), MOODS[number % len(MOODS)])
            (sound,) = ear.of(seconds, began)
            waited.append((sound.at - began) * 1e3)
            await robot.express(Expression.LISTENING)
    return {"network_delay_ms": delay_ms, "first_sample_ms": summary(waited)}


async def bench_turns(turns: int, fault_rate: float, seed: int) -> dict[str, Any]:
    """Turns under a mix of all faults: each utterance was played whole and once, or failed and says why.

    `wrong` counts utterances that were said to be played and were not, and those that were played twice.
    `goes_on_s` is the time from each fault to the first sample that was heard after it, unless another fault came
    before that.
    """
    ear = Ear()
    failures: Counter[str] = Counter()
    outcomes: list[tuple[float, float, bool]] = []
    longest = 0.0
    faults = Faults.mixed(fault_rate)
    began = time.monotonic()
    async with talking(ear, seed=seed, faults=Faults()) as (robot, simulated):
        simulated.faults.faults = faults
        for number in range(turns):
            seconds = 0.3 + number % LENGTHS / 1000
            at = time.monotonic()
            failure = await _turn(robot, seconds, number, seed)
            longest = max(longest, time.monotonic() - at - seconds)
            outcomes.append((at, seconds, failure is None))
            if failure:
                failures[failure[:60]] += 1
        simulated.faults.faults = Faults()
    goes_on = _goes_on(ear)
    return {
        "turns": turns,
        "faults": dict(sorted(simulated.faults.applied.items())),
        "played_whole": sum(played for _, _, played in outcomes),
        "failed": dict(failures),
        "wrong": _wrong(ear, outcomes),
        "longest_beyond_sound_s": round(longest, 3),
        "deadline_s": DEADLINE_S,
        "goes_on_s": {**summary(goes_on), "most": round(max(goes_on, default=0.0), 3)},
        "seconds_a_turn": round((time.monotonic() - began) / turns, 3),
        "files_on_robot": simulated.misty.assets.uploaded,
    }


async def _turn(robot: MistyRobot, seconds: float, number: int, seed: int) -> str | None:
    """One turn; returns why it failed."""
    await robot.express(Expression.THINKING)
    try:
        async with asyncio.timeout(DEADLINE_S + seconds):
            await robot.say(babble(seconds, seed + number % LENGTHS), MOODS[number % len(MOODS)])
    except RobotError as error:
        return str(error)
    except TimeoutError:
        return "hangs"
    await robot.express(Expression.LISTENING)
    return None


def _goes_on(ear: Ear) -> list[float]:
    """Seconds from each fault to the next sound, where no other fault came between."""
    waits = []
    for fault, following in zip(ear.faults, [*ear.faults[1:], float("inf")], strict=True):
        sound = next((heard.at for heard in ear.heard if heard.at > fault), float("inf"))
        if sound < following:
            waits.append(sound - fault)
    return waits


def _wrong(ear: Ear, outcomes: list[tuple[float, float, bool]]) -> dict[str, int]:
    wrong = Counter({"played_and_not_heard_whole": 0, "heard_twice": 0})
    for index, (at, seconds, played) in enumerate(outcomes):
        later = outcomes[index + LENGTHS][0] if index + LENGTHS < len(outcomes) else float("inf")
        heard = [sound for sound in ear.of(seconds, at) if sound.at < later]
        wrong["heard_twice"] += len(heard) > 1
        wrong["played_and_not_heard_whole"] += played and not any(sound.complete for sound in heard)
    return dict(wrong)

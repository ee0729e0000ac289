"""`bench soak`: does an hour of talk cost memory, open files or speed?

A scripted caregiver talks with the virtual robot in a quick room: sound takes no time, and everything else is what a
talk uses, the record included. A minute is a minute of sound, as it would have been in life.
"""

from __future__ import annotations

import dataclasses
import math
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from robot_runtime.bench.numbers import percentile, resident_mb, summary
from robot_runtime.errors import SettingsError
from robot_runtime.model_store.locate import LocatedModel
from robot_runtime.settings import Settings
from robot_runtime.stand.caregiver import spoken
from robot_runtime.stand.happened import Happened
from robot_runtime.stand.room import Room, RoomSettings
from robot_runtime.stand.scenario import Step
from robot_runtime.stand.stand import Stand, standing

KEEP_S = 30.0
"""How long the room keeps sound, in seconds: longer than anybody speaks."""

MEMORY_LIMIT = 0.05
"""Share by which memory may grow from the second sixth, when everything has been loaded and used, to the last."""

FILES_LIMIT = 8
"""How many files more may be open at the end than at the beginning: those of an utterance that is being written."""

LATENCY_LIMIT = 0.10
"""Share by which the median answer may take longer in the last sixth than in the first."""


@dataclass(frozen=True)
class Sample:
    """How things stand after a line."""

    at_s: float
    """In seconds of the room."""
    answer_ms: float | None
    """From the last sample of the line to the first of the answer."""
    after_hold_ms: float | None
    """Without the silence after which the turn was taken."""
    rss_mb: float
    """Memory of all processes of the runtime."""
    files: int
    """Their open files."""


async def bench_soak(
    settings: Settings, model: LocatedModel, lines: list[str], minutes: float, notice: Callable[[str], None]
) -> dict[str, Any]:
    """Figures of so many minutes; `passed` is whether memory and latency stayed within their limits.

    Raises:
        SettingsError: this system does not tell memory and open files of a process (no /proc).
    """
    if resident_mb([os.getpid()]) is None:
        raise SettingsError("bench soak needs /proc to see how much memory is used: run it on Linux")
    sounds = [(Step(after="answer", say=line), await spoken(line)) for line in lines]
    room, happened = Room(RoomSettings(), quick=True, memory_s=KEEP_S), Happened()
    samples: list[Sample] = []
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        session = dataclasses.replace(
            settings.session,
            platform="virtual",
            model=str(model.path),
            seed=0,
            record=settings.session.record or folder,
        )
        async with standing(room, dataclasses.replace(settings, session=session), happened) as stand:
            told = 0
            while room.now() < minutes * 60:
                await stand.act(*sounds[len(samples) % len(sounds)])
                await stand.moment("answer")
                samples.append(_sample(stand))
                if room.now() // 600 > told:
                    told = int(room.now() // 600)
                    notice(f"{told * 10} minutes, {samples[-1].rss_mb:.0f} MB")
    return _figures(samples, minutes, time.monotonic() - began)


def _sample(stand: Stand) -> Sample:
    """Measure, and forget what happened, which a talk would not keep."""
    happened = stand.happened
    answers, turn = happened.answers(happened.lines[-1]), happened.turn(happened.lines[-1])
    answer = answers[0] if answers else None
    hold = turn.stages_ms.get("hold", math.nan) if turn else math.nan
    for kept in (happened.heard, happened.turns, happened.notices):
        kept.clear()
    del happened.lines[:-1], happened.spoken[:-1]
    pids = [os.getpid(), *([stand.session.mind.pid] if stand.session.mind.pid else [])]
    memory = resident_mb(pids) or {}
    return Sample(
        stand.room.now(),
        answer,
        None if answer is None or math.isnan(hold) else answer - hold,
        memory.get("rss", math.nan),
        sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in pids),
    )


def _figures(samples: list[Sample], minutes: float, wall_s: float) -> dict[str, Any]:
    sixths = [[each for each in samples if part <= each.at_s / (minutes * 10) < part + 1] for part in range(6)]
    if not all(sixths):
        raise SettingsError(f"{minutes:g} minutes are too few for figures: a line and its answer take some seconds")
    memory = [percentile([each.rss_mb for each in sixth], 0.5) for sixth in sixths]
    answers = [[each.answer_ms for each in sixth if each.answer_ms is not None] for sixth in sixths]
    after = [[each.after_hold_ms for each in sixth if each.after_hold_ms is not None] for sixth in sixths]
    growth = memory[5] / memory[1] - 1
    slower = percentile(answers[5], 0.5) / percentile(answers[0], 0.5) - 1
    return {
        "minutes": minutes,
        "wall_minutes": round(wall_s / 60, 2),
        "turns": len(samples),
        "unanswered": sum(each.answer_ms is None for each in samples),
        "rss_mb": {f"sixth {number}": value for number, value in enumerate(memory, 1)},
        "memory_growth": round(growth, 4),
        "open_files": {"first": samples[0].files, "last": samples[-1].files},
        "answer_ms": {"first": summary(answers[0]), "last": summary(answers[5])},
        "after_hold_ms": {"first": summary(after[0]), "last": summary(after[5])},
        "slower": round(slower, 4),
        "passed": growth <= MEMORY_LIMIT
        and slower <= LATENCY_LIMIT
        and samples[-1].files <= samples[0].files + FILES_LIMIT,
    }

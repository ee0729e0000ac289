"""`bench turn`: from the end of a typed line to the first sample of the answer, stage by stage."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from importlib import resources
from typing import Any

from robot_runtime.bench.numbers import resident_mb, summary
from robot_runtime.mind.threads import choose_candidates
from robot_runtime.model_store.locate import LocatedModel
from robot_runtime.session import open_session
from robot_runtime.settings import Settings

STAGES = ("think", "prefill", "decode", "check", "voice", "first_sample")
"""What is reported; prefill and decode are parts of think, first_sample is the whole way."""


async def bench_turn(
    settings: Settings, model: LocatedModel, turns: int, notice: Callable[[str], None]
) -> dict[str, Any]:
    """Milliseconds of each stage over a conversation of `turns` turns with the virtual robot, without sound."""
    text = resources.files(__package__).joinpath("caregiver_lines.txt").read_text("utf-8")
    lines = text.splitlines()
    session_settings = dataclasses.replace(
        settings.session, platform="virtual", model=str(model.path), seed=0, sound_device="none"
    )
    stages: dict[str, list[float]] = {stage: [] for stage in STAGES}
    canned = 0
    refused = candidates = 0
    async with open_session(dataclasses.replace(settings, session=session_settings), notice=notice) as session:
        await session.dialogue.respond(lines[0])
        for number in range(turns):
            turn = await session.dialogue.respond(lines[number % len(lines)])
            for stage in STAGES:
                if stage in turn.stages_ms:
                    stages[stage].append(turn.stages_ms[stage])
            canned += turn.source == "canned"
            candidates += len(turn.candidates)
            refused += sum(bool(candidate["refusals"]) for candidate in turn.candidates)
        assert session.mind.pid is not None
        memory = resident_mb([os.getpid(), session.mind.pid])
        about = session.mind.about
    return {
        "model": model.name,
        "parameters": about["parameters"],
        "threads": about["threads"],
        "candidates": choose_candidates(model.path, settings.mind.candidates),
        "turns": turns,
        "ms": {stage: summary(values) for stage, values in stages.items()},
        "check_ms_per_candidate": round(sum(stages["check"]) / max(candidates, 1), 4),
        "canned_replies": canned,
        "refused_candidates": round(refused / max(candidates, 1), 4),
        "resident_mb": memory,
    }

"""`bench voice`: from the caregiver's last voiced sample to the first audible one of the robot, in recorded sound.

Caregiver, room and the far end of the robot are simulated (`robot_runtime.stand`), all else is what a talk uses:
microphone, voice activity, recogniser, endpoint, early thinking, model, check, voice, robot. For comparison, a naive
loop goes through the same lines in the same room with the same recogniser, model, check and voice, one after the other:
it waits for the recogniser's own endpoint, thinks only then, and its model's cache holds nothing of the talk.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from robot_runtime.bench.numbers import summary
from robot_runtime.check.words import words_of
from robot_runtime.ear.recogniser import RATE
from robot_runtime.ear.sources import Source
from robot_runtime.mind.prompt import Exchange
from robot_runtime.model_store.locate import LocatedModel
from robot_runtime.model_store.vosk_folder import locate_vosk
from robot_runtime.session import Session
from robot_runtime.settings import Settings
from robot_runtime.stand.happened import Bystander, Happened
from robot_runtime.stand.room import RoomSettings
from robot_runtime.stand.scenario import Scenario, Step
from robot_runtime.stand.stand import Loop, run

DEAF_S = 0.25
"""How long the naive loop is deaf after it has spoken: as long as the ear's own tail by default."""

CROWD = [Exchange("what is that over there", "a big bus"), Exchange("and who is in it", "mommy and me")]
"""A talk of others, to push a talk out of the model's cache."""

ECHO = RoomSettings(delay_ms=60.0, echo_db=-6.0)
"""The room in which it is interrupted: a loudspeaker that the microphone hears about as well as the caregiver."""
SLOW_WPM = 80
"""How fast the robot speaks where it is interrupted, so that it has not ended before it could be: the slowest."""


async def bench_voice(
    settings: Settings,
    model: LocatedModel,
    lines: list[str],
    turns: int,
    interruptions: int,
    notice: Callable[[str], None],
) -> dict[str, Any]:
    """Figures of a talk of `turns` spoken lines, of the naive loop, and of `interruptions` lines into the answers."""
    platform = settings.session.platform
    session = dataclasses.replace(settings.session, model=str(model.path), seed=0)
    settings = dataclasses.replace(settings, session=session)
    wanted = [lines[number % len(lines)] for number in range(turns)]
    notice(f"{turns} lines for our loop")
    ours = latencies(await _talk(settings, wanted))
    notice(f"{turns} lines for the naive loop")
    naive = latencies(await _talk(settings, wanted, naive_loop(settings)))
    figures = {
        "model": model.name,
        "platform": platform,
        "turns": turns,
        "ours": ours,
        "naive serial loop": naive,
        "naive_to_ours": round(naive["answer_ms"]["p50"] / ours["answer_ms"]["p50"], 2),
    }
    if interruptions:
        notice(f"{interruptions} interruptions")
        figures["interruptions"] = await _interrupted(settings, lines, interruptions)
    return figures


async def bench_scenarios(
    settings: Settings, model: LocatedModel, scenarios: dict[str, Scenario], notice: Callable[[str], None]
) -> dict[str, Any]:
    """What was wrong in each scenario that is for the platform of the settings, and how fast the answers were."""
    session = dataclasses.replace(settings.session, model=str(model.path), seed=settings.session.seed or 0)
    settings = dataclasses.replace(settings, session=session)
    figures: dict[str, Any] = {}
    for name, scenario in scenarios.items():
        if session.platform not in (*scenario.robots, *scenario.slow_robots):
            continue
        notice(f"{name}: {scenario.about}")
        with tempfile.TemporaryDirectory() as folder:
            happened = await run(scenario, settings, Path(folder))
        wrong = happened.wrong()
        for line in [*wrong, *(happened.account().splitlines() if wrong else [])]:
            notice(line)
        figures[name] = {"wrong": wrong, **latencies(happened)}
    return figures


def latencies(happened: Happened) -> dict[str, Any]:
    """Milliseconds of the answers in a talk, and what went wrong with the words."""
    said = [line for line in happened.lines if line.step.say]
    answers, holds, after = [], [], []
    answered = right = early = 0
    for line in said:
        times, turn = happened.answers(line), happened.turn(line)
        if not times or not turn:
            continue
        answered += 1
        right += words_of(turn.caregiver) == words_of(line.step.say)
        early += turn.early
        answers.append(times[0])
        if "hold" in turn.stages_ms:
            holds.append(turn.stages_ms["hold"])
            after.append(times[0] - turn.stages_ms["hold"])
    return {
        "answered": answered,
        "answers_too_many": len(happened.turns) - answered,
        "false_stops": happened.false_stops(),
        "words_right": right,
        "early": early,
        "answer_ms": summary(answers),
        "hold_ms": summary(holds) if holds else None,
        "after_hold_ms": summary(after) if after else None,
    }


async def _talk(settings: Settings, lines: list[str], loop: Loop | None = None) -> Happened:
    talk = tuple(Step(after="answer", say=line, answers=1) for line in lines)
    scenario = Scenario("", (), talk)
    with tempfile.TemporaryDirectory() as folder:
        return await run(scenario, settings, Path(folder), loop)


def naive_loop(settings: Settings) -> Loop:
    """The loop that is described above."""

    async def loop(session: Session, source: Source, console: Bystander) -> None:
        import vosk

        vosk.SetLogLevel(-1)
        model = await asyncio.to_thread(vosk.Model, str(locate_vosk(settings.ear.model)))
        recogniser = vosk.KaldiRecognizer(model, RATE)
        await session.mind.think("hello", CROWD, [0])
        deaf_until, ready = 0.0, False
        async for block in source.blocks():
            if time.monotonic() < deaf_until:
                continue
            if not ready:
                console.ready()
                ready = True
            if not await asyncio.to_thread(recogniser.AcceptWaveform, block.pcm.tobytes()):
                continue
            text = json.loads(recogniser.Result())["text"].replace("[unk]", "").strip()
            if not text:
                continue
            await session.dialogue.respond(text, "microphone", console.reply)
            await session.mind.think("hello", CROWD, [0])  # whatever the cache held of the talk is gone
            recogniser.Reset()
            deaf_until = time.monotonic() + DEAF_S  # what has been recorded meanwhile waits, and is passed over too
            ready = False

    return loop


async def _interrupted(settings: Settings, lines: list[str], count: int) -> dict[str, Any]:
    """Every third line is spoken into the answer to the one before; that one is slow, see `SLOW_WPM`.

    The first of the three is answered undisturbed: from that answer the ear learns what the robot sounds like in the
    room, whose echo is as loud as `ECHO` says.

    Both times end with the last audible sample of the robot in recorded sound; they begin with the first voiced sample
    of the interrupting line, and when the runtime had the evidence that somebody speaks.
    """
    talk = []
    for number in range(count):
        undisturbed, disturbed, into = (lines[(number + place) % len(lines)] for place in range(3))
        talk += [Step(after="answer", say=undisturbed), Step(after="answer", say=disturbed)]
        talk.append(Step(after="speaking", say=into))
    slow = dataclasses.replace(settings, voice=dataclasses.replace(settings.voice, rate_wpm=SLOW_WPM))
    with tempfile.TemporaryDirectory() as folder:
        happened = await run(Scenario("", (), tuple(talk), room=ECHO, quiet_s=2.0), slow, Path(folder))
    interrupting = happened.lines[2::3]
    cuts = [cut for line in interrupting if (cut := happened.cut_short(line))]
    return {
        "lines": count,
        "into_speech": len(cuts),
        "stops": len(happened.stops),
        "false_stops": happened.false_stops(),
        "answered": sum(bool(happened.answers(line)) for line in interrupting),
        "self_answers": max(0, len(happened.heard) - len(happened.lines)),
        "onset_to_silence_ms": summary([onset for onset, _ in cuts]),
        "evidence_to_silence_ms": summary([known for _, known in cuts if known is not None]),
    }

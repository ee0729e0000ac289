"""Whole turns: the real worker, check, voice and virtual robot, with a model that knows no words."""

from __future__ import annotations

import asyncio
import os
import signal
import wave
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from robot_runtime.check import CannedLines, Kind
from robot_runtime.dialogue import Dialogue
from robot_runtime.errors import RobotError
from robot_runtime.mind.memory import Memory
from robot_runtime.mind.settings import MindSettings
from robot_runtime.record import read_events
from robot_runtime.robot import Capabilities, Expression, Robot
from robot_runtime.session import Session, open_session
from robot_runtime.settings import SessionSettings, Settings
from robot_runtime.voice.speech import Speech


def settings(model: Path, record: Path | None = None, seed: int = 1) -> Settings:
    return Settings(
        session=SessionSettings(
            model=str(model), record=str(record) if record else None, seed=seed, sound_device="none"
        ),
        mind=MindSettings(candidates=4, max_tokens=8, threads=1),
    )


@pytest.fixture
async def session(random_model: Path, tmp_path: Path) -> AsyncIterator[Session]:
    async with open_session(settings(random_model, tmp_path)) as session:
        yield session


async def test_a_turn_is_recorded_before_each_thing_happens(session: Session) -> None:
    turn = await session.dialogue.respond("Where is your bag?")
    folder = session.record.folder
    assert folder
    events = list(read_events(folder))
    assert [event["type"] for event in events if event["type"] != "notice"] == [
        "session_started",
        "ready",
        "caregiver_said",
        "thought",
        "child_says",
        "speech_started",
        "turn_completed",
    ]
    said = next(event for event in events if event["type"] == "child_says")
    assert said["text"] == turn.reply
    assert said["answers"] == "u1"
    with wave.open(str(folder / said["wav"])) as sound:
        assert sound.getnframes() / sound.getframerate() == pytest.approx(said["seconds"], abs=1e-3)
    started = events[0]
    assert started["seed"] == 1
    assert started["settings"]["mind"]["candidates"] == 4
    ready = next(event for event in events if event["type"] == "ready")
    assert len(ready["model_sha256"]) == 64
    assert set(turn.stages_ms) >= {"think", "prefill", "decode", "check", "voice", "first_sample", "total"}


async def test_words_that_no_toddler_says_are_refused_and_replaced(session: Session) -> None:
    turn = await session.dialogue.respond("Where is your bag?")
    assert len(turn.candidates) == 4
    assert turn.wanted_words
    assert all(candidate["refusals"] for candidate in turn.candidates)
    assert turn.source == "canned"
    assert turn.reply in CannedLines().lines[Kind.WHERE]


async def test_what_a_toddler_must_not_go_into_is_not_thought_about(session: Session) -> None:
    line = "What is your mommy's phone number?"
    asked = session.mind._requests
    await session.dialogue.read(line)
    await session.dialogue.draft(line)
    assert session.mind._requests == asked
    turn = await session.dialogue.respond(line)
    assert turn.candidates == []
    assert turn.source == "canned"
    assert turn.failure is None


async def test_the_same_seed_gives_the_same_talk(random_model: Path) -> None:
    async def talk(seed: int) -> list[list[str]]:
        async with open_session(settings(random_model, seed=seed)) as session:
            turns = [await session.dialogue.respond(line) for line in ("hello", "what's that?", "why?")]
        return [[turn.reply, *(candidate["text"] for candidate in turn.candidates)] for turn in turns]

    first, second, other = await talk(1), await talk(1), await talk(2)
    assert first == second
    assert first != other


async def test_a_dead_mind_costs_one_reply(session: Session) -> None:
    await session.dialogue.respond("hello")
    assert session.mind.pid
    os.kill(session.mind.pid, signal.SIGKILL)
    turn = await session.dialogue.respond("what is that?")
    assert turn.source == "canned"
    assert turn.failure
    assert turn.reply in CannedLines().lines[Kind.THINKING_FAILED]
    turn = await session.dialogue.respond("and this?")
    assert turn.failure is None
    assert len(turn.candidates) == 4


async def test_an_interruption_silences_and_remembers_what_was_heard(random_model: Path, tmp_path: Path) -> None:
    async with open_session(settings(random_model, tmp_path), interactive=True) as session:
        talking = asyncio.Event()
        task = asyncio.create_task(session.dialogue.respond("where is your bag?", on_reply=lambda _: talking.set()))
        await talking.wait()
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        after = await session.dialogue.respond("what?")
    assert session.record.folder
    completed = [e for e in read_events(session.record.folder) if e["type"] == "turn_completed"]
    spoken = [e for e in read_events(session.record.folder) if e["type"] == "child_says"]
    assert completed[0]["interrupted"]
    assert 0.0 < completed[0]["played_s"] < spoken[0]["seconds"]
    assert not completed[1]["interrupted"]
    assert after.reply


class Unplugged(Robot):
    """A robot whose every utterance fails."""

    capabilities = Capabilities("unplugged")

    async def connect(self) -> None: ...

    async def close(self) -> None: ...

    async def say(self, speech: Speech, expression: Expression, on_start: Callable[[], None] = lambda: None) -> None:
        raise RobotError("no power")

    async def express(self, expression: Expression) -> None: ...


async def test_a_robot_that_cannot_play_does_not_end_the_talk(session: Session, random_model: Path) -> None:
    dialogue = Dialogue(composer=session.dialogue._composer, robot=Unplugged(), record=session.record, memory=Memory(2))
    turn = await dialogue.respond("hello")
    assert turn.reply
    assert "first_sample" not in turn.stages_ms
    assert session.record.folder
    assert any(event.get("text") == "no power" for event in read_events(session.record.folder))


async def test_memory_is_bounded(session: Session) -> None:
    lengths = [(await session.dialogue.respond(f"what is number {n}?")).prompt_tokens for n in range(20)]
    assert max(lengths[10:]) <= max(lengths[:10]) + 32  # a token a letter; lines differ in length

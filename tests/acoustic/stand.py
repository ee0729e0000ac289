"""The acoustic stand: one scenario against one robot, in real time, and all that happened on one time axis."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acoustic.bodies import BODIES, RATE, Body
from acoustic.room import Room
from acoustic.scenario import Scenario, Step
from acoustic.user import sound_of
from robot_runtime.check.words import words_of
from robot_runtime.console import Console
from robot_runtime.conversation import Conversation
from robot_runtime.ear.blocks import BLOCK_S
from robot_runtime.ear.microphone import Microphone
from robot_runtime.ear.settings import EarSettings
from robot_runtime.session import Session, open_session
from robot_runtime.settings import SessionSettings, Settings
from robot_runtime.turn import Turn

MODEL = Path(__file__).parents[1] / "vosk_model" / "model"
"""What the ear recognises with."""

POLITE_S = 0.7
"""The user takes a silence of the robot's of so long for the end of its turn."""

SPEAKING_S = 0.2
"""So long after its first sample the robot is in the middle of a word."""

PATIENCE_S = 20.0
"""How long the user waits for the robot."""

END_S = 15.0
"""How long a talk may take to end."""


@dataclass
class Line:
    """A step as it happened, in seconds of the room. What happens from its beginning on belongs to it."""

    step: Step
    began: float
    ended: float
    until: float = float("inf")
    """When the next step began."""


@dataclass
class Happened:
    """What happened."""

    lines: list[Line] = field(default_factory=list)
    heard: list[tuple[float, str]] = field(default_factory=list)
    """When which words were understood."""
    spoken: list[tuple[float, float]] = field(default_factory=list)
    """When the robot was audible."""
    turns: list[tuple[float, Turn]] = field(default_factory=list)
    """When which answer was decided upon."""
    notices: list[tuple[float, str]] = field(default_factory=list)
    """What the user was told beside the talk."""

    def answers(self, line: Line) -> list[float]:
        """Milliseconds from the end of a line to each time the robot speaks up for it; below 0 if too early."""
        return [(begin - line.ended) * 1e3 for begin, _ in self.spoken if line.began <= begin < line.until]

    def wrong(self) -> list[str]:
        """What is not as expected."""
        return [f"step {number}: {what}" for number, line in enumerate(self.lines, 1) for what in self._wrong(line)]

    def _wrong(self, line: Line) -> list[str]:
        step, answers = line.step, self.answers(line)
        heard = [word for at, text in self.heard if line.began <= at < line.until for word in words_of(text)]
        count = 0 if step.absent else step.answers
        found = []
        if step.heard is not None and heard != list(words_of(step.heard)):
            found.append(f"'{' '.join(heard)}' was heard, not '{step.heard}'")
        if count is not None and len(answers) != count:
            found.append(f"{len(answers)} answers, not {count}")
        if step.answer_within_ms is not None and not (answers and 0 <= answers[0] <= step.answer_within_ms):
            found.append(f"answers after {answers} ms, not within {step.answer_within_ms:g}")
        if step.told and not any(line.began <= at < line.until and step.told in text for at, text in self.notices):
            found.append(f"nobody told '{step.told}'")
        return found

    def account(self) -> str:
        """All of it in order, for people."""
        told = [
            (line.began, f"{line.step.say or line.step.event or 'noise'} (to {line.ended:.2f})") for line in self.lines
        ]
        told += [(at, f"  heard: {text}") for at, text in self.heard]
        told += [(at, f"  reply: {turn.reply} {turn.stages_ms}") for at, turn in self.turns]
        told += [(begin, f"  robot audible (to {end:.2f})") for begin, end in self.spoken]
        told += [(at, f"  notice: {text}") for at, text in self.notices]
        return "\n".join(f"{at:7.2f} {text}" for at, text in sorted(told))


class Bystander(Console):
    """Nobody types; what the runtime shows is noted."""

    interactive = True

    def __init__(self, room: Room, happened: Happened) -> None:
        self._room = room
        self._happened = happened

    async def lines(self) -> AsyncIterator[str]:
        await asyncio.Event().wait()
        yield ""

    def heard(self, text: str) -> None:
        self._happened.heard.append((self._room.now(), text))

    def felt(self, kind: str) -> None:
        self._happened.notices.append((self._room.now(), f"felt {kind}"))

    def reply(self, turn: Turn) -> None:
        self._happened.turns.append((self._room.now(), turn))

    def notice(self, text: str) -> None:
        self._happened.notices.append((self._room.now(), text))


async def run(scenario: Scenario, robot: str, folder: Path) -> Happened:
    """Run a scenario against one of the robots, and leave what was heard in the folder."""
    sounds = [await sound_of(step) for step in scenario.talk]
    room = Room(scenario.room, RATE)
    happened = Happened(spoken=room.robot.spoken)
    console = Bystander(room, happened)
    async with contextlib.AsyncExitStack() as stack:
        body = await stack.enter_async_context(BODIES[robot](room))
        settings = Settings(
            session=SessionSettings(platform=robot, ip=body.address, seed=0),
            ear=EarSettings(model=MODEL),
            robot=body.settings,
        )
        source = Microphone(room, console.notice)
        session = await stack.enter_async_context(
            open_session(settings, listen=True, source=source, interactive=True, notice=console.notice)
        )
        assert session.ear
        async with asyncio.TaskGroup() as tasks:
            time = tasks.create_task(room.run())
            talk = tasks.create_task(Conversation(console, session).run())
            await _act(scenario, sounds, room, body, session, happened)
            await session.ear.close()
            await asyncio.wait_for(talk, END_S)
            time.cancel()
    room.save(folder / "room.wav")
    return happened


async def _act(
    scenario: Scenario,
    sounds: list[NDArray[np.int16]],
    room: Room,
    body: Body,
    session: Session,
    happened: Happened,
) -> None:
    """Do one step after the other, and listen to the end."""
    for step, sound in zip(scenario.talk, sounds, strict=True):
        await _moment(step.after, room, happened)
        began = ended = room.now()
        if step.event:
            _happen(step.event, room, body, session)
        else:
            began, ended = room.say(sound)
        if happened.lines:
            happened.lines[-1].until = began
        happened.lines.append(Line(step, began, ended))
        await asyncio.sleep(ended - room.now())
    last = scenario.talk[-1]
    if last.answers or last.answer_within_ms:
        await _moment("answer", room, happened)
    await asyncio.sleep(scenario.quiet_s)


async def _moment(after: float | str, room: Room, happened: Happened) -> None:
    """Wait for what a step waits for; in vain at most `PATIENCE_S`, then the expectations tell."""
    if not isinstance(after, str):
        await asyncio.sleep(after)
        return
    since = happened.lines[-1].ended if happened.lines else 0.0
    gives_up = room.now() + PATIENCE_S
    while room.now() < gives_up:
        await asyncio.sleep(BLOCK_S)
        if room.robot.spoken and room.robot.spoken[-1][0] > since:
            spoken_s, silent_s = (room.now() - moment for moment in room.robot.spoken[-1])
            if (after == "speaking" and spoken_s > SPEAKING_S) or silent_s > POLITE_S:
                return


def _happen(event: str, room: Room, body: Body, session: Session) -> None:
    match event.split(maxsplit=1):
        case ["mind", "kill"]:
            assert session.mind.pid
            os.kill(session.mind.pid, signal.SIGKILL)
        case ["microphone", which]:
            room.plugged = which == "plug"
        case ["robot", what]:
            body.inject(what)

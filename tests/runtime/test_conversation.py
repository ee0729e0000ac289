"""Whose turn it is: real sessions with a robot and a keyboard of the tests' own at their far ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import types
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

import pytest

from robot_runtime.console import Console
from robot_runtime.conversation import COMMANDS, STOPPED, Conversation
from robot_runtime.errors import RobotError
from robot_runtime.mind.settings import MindSettings
from robot_runtime.record import read_events
from robot_runtime.robot import Capabilities, Expression, Robot, RobotEvent, RobotOptions
from robot_runtime.session import Session, open_session
from robot_runtime.settings import SessionSettings, Settings
from robot_runtime.stimuli import load_reactions
from robot_runtime.turn import Turn
from robot_runtime.voice.speech import Speech

DEADLINE_S = 30.0
REACTIONS = load_reactions()


class Scene:
    """Something that changes, and that a test waits for."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()

    async def change(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(DEADLINE_S), self._changed:
            await self._changed.wait_for(condition)


class Doll(Robot):
    """A robot that speaks for as long as the test likes."""

    capabilities = Capabilities("Doll", moves=True)

    def __init__(self, options: RobotOptions) -> None:
        self.options = options
        self.scene = Scene()
        self.did: list[str] = []
        self.quick = asyncio.Event()
        self.quick.set()
        self.resumes = True
        self._events: asyncio.Queue[RobotEvent] = asyncio.Queue()

    async def connect(self) -> None: ...

    async def close(self) -> None: ...

    async def say(self, speech: Speech, expression: Expression, on_start: Callable[[], None] = lambda: None) -> None:
        on_start()
        await self._do("says")
        try:
            await self.quick.wait()
        except asyncio.CancelledError:
            self.did.append("cut")
            raise
        await self._do("said")

    async def express(self, expression: Expression) -> None: ...

    async def stop(self) -> None:
        await self._do("stop")

    async def resume(self) -> None:
        if not self.resumes:
            raise RobotError("the motors are hot: wait a minute")
        await self._do("resume")

    async def events(self) -> AsyncIterator[RobotEvent]:
        while True:
            yield await self._events.get()

    def feel(self, kind: str) -> None:
        self._events.put_nowait(RobotEvent(kind))

    async def _do(self, what: str) -> None:
        self.did.append(what)
        await self.scene.change()


class Desk(Console):
    """A keyboard at which the test types."""

    def __init__(self, scene: Scene, interactive: bool) -> None:
        self.interactive = interactive
        self.turns: list[Turn] = []
        self.notices: list[str] = []
        self.shown: list[str] = []
        self._scene = scene
        self._typed: asyncio.Queue[str | None] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()

    def type(self, line: str | None) -> None:
        self._typed.put_nowait(line)

    async def lines(self) -> AsyncIterator[str]:
        while (line := await self._typed.get()) is not None:
            yield line

    def reply(self, turn: Turn) -> None: ...

    def felt(self, kind: str) -> None:
        self.shown.append(kind)

    def completed(self, turn: Turn) -> None:
        self.turns.append(turn)
        self._change()

    def notice(self, text: str) -> None:
        self.notices.append(text)
        self._change()

    def _change(self) -> None:
        task = asyncio.create_task(self._scene.change())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Talk:
    """A running conversation."""

    def __init__(self, session: Session, interactive: bool) -> None:
        self.session = session
        self.doll = cast(Doll, session.robot)
        self.desk = Desk(self.doll.scene, interactive)
        self.until = self.doll.scene.until
        self.running = asyncio.create_task(Conversation(self.desk, session).run())

    async def end(self) -> list[dict[str, Any]]:
        """End the input and give the record."""
        self.doll.quick.set()
        self.desk.type(None)
        async with asyncio.timeout(DEADLINE_S):
            await self.running
        assert self.session.record.folder
        return list(read_events(self.session.record.folder))


@pytest.fixture
def doll(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package that offers the platform `doll`, as pip leaves it."""
    about = tmp_path / "packages" / "doll_robot-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: doll-robot\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[robot_runtime.robots]\ndoll = doll_robot:Doll\n")
    monkeypatch.syspath_prepend(str(about.parent))
    monkeypatch.setitem(sys.modules, "doll_robot", cast(types.ModuleType, types.SimpleNamespace(Doll=Doll)))


@contextlib.asynccontextmanager
async def talking(
    model: Path, record: Path, *, interactive: bool = False, notices: list[str] | None = None, **robot: Any
) -> AsyncIterator[Talk]:
    settings = Settings(
        session=SessionSettings(platform="doll", model=str(model), record=str(record), seed=1),
        mind=MindSettings(candidates=2, max_tokens=6, threads=1),
        robot=robot,
    )
    kept: list[str] = [] if notices is None else notices
    async with open_session(settings, notice=kept.append) as session:
        yield Talk(session, interactive)


@pytest.fixture(params=[False, True], ids=["pipe", "terminal"])
async def talk(request: pytest.FixtureRequest, doll: None, random_model: Path, tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(random_model, tmp_path / "record", interactive=request.param) as talk:
        yield talk


def of(events: list[dict[str, Any]], type: str) -> list[dict[str, Any]]:
    return [event for event in events if event["type"] == type]


async def test_what_happens_to_the_body_is_answered(talk: Talk) -> None:
    talk.doll.feel("picked_up")
    await talk.until(lambda: talk.desk.turns)
    (turn,) = talk.desk.turns
    assert turn.heard_as == "body"
    assert turn.caregiver in REACTIONS["picked_up"].says
    assert len(turn.candidates) == 2
    assert turn.reply in REACTIONS["picked_up"].answers  # the random model's candidates are no words
    assert talk.desk.shown == ["picked_up"]
    events = await talk.end()
    (heard,) = of(events, "caregiver_said")
    assert (heard["source"], heard["text"]) == ("body", turn.caregiver)


async def test_what_no_model_can_know_has_fixed_answers(talk: Talk) -> None:
    talk.doll.feel("fallen")
    await talk.until(lambda: talk.desk.turns)
    (turn,) = talk.desk.turns
    assert (turn.candidates, turn.failure, turn.source) == ([], None, "canned")
    assert turn.reply in REACTIONS["fallen"].answers
    await talk.end()


async def test_a_line_is_answered_before_the_body(talk: Talk) -> None:
    talk.doll.quick.clear()
    talk.desk.type("hello")
    await talk.until(lambda: "says" in talk.doll.did)
    talk.doll.feel("fallen")
    async with asyncio.timeout(DEADLINE_S):
        await talk.session.felt.wait()
    assert talk.doll.did == ["says"]
    talk.doll.quick.set()
    await talk.until(lambda: len(talk.desk.turns) == 2)
    assert [turn.heard_as for turn in talk.desk.turns] == ["keyboard", "body"]
    assert "cut" not in talk.doll.did
    await talk.end()


async def test_something_urgent_cuts_short_what_is_not(talk: Talk) -> None:
    talk.doll.quick.clear()
    talk.doll.feel("put_down")
    await talk.until(lambda: "says" in talk.doll.did)
    talk.doll.feel("bumped")
    talk.doll.feel("fallen")
    await talk.until(lambda: talk.doll.did.count("says") == 2)
    talk.doll.feel("cliff")
    async with asyncio.timeout(DEADLINE_S):
        await talk.session.felt.wait()
    assert talk.doll.did == ["says", "cut", "says"]
    assert talk.desk.shown == ["put_down", "fallen"]
    await talk.end()


async def test_a_line_in_a_terminal_cuts_the_body_short(doll: None, random_model: Path, tmp_path: Path) -> None:
    async with talking(random_model, tmp_path, interactive=True) as talk:
        talk.doll.quick.clear()
        talk.doll.feel("fallen")
        await talk.until(lambda: "says" in talk.doll.did)
        talk.desk.type("hello")
        await talk.until(lambda: talk.doll.did.count("says") == 2)
        assert talk.doll.did[1] == "cut"
        await talk.end()


async def test_at_the_end_what_is_said_is_finished_and_the_rest_dropped(
    doll: None, random_model: Path, tmp_path: Path
) -> None:
    async with talking(random_model, tmp_path / "record") as talk:
        talk.doll.quick.clear()
        talk.desk.type("hello")
        await talk.until(lambda: "says" in talk.doll.did)
        talk.doll.feel("fallen")
        async with asyncio.timeout(DEADLINE_S):
            await talk.session.felt.wait()
        await talk.end()
        assert [turn.caregiver for turn in talk.desk.turns] == ["hello"]
    assert talk.session.record.folder
    events = list(read_events(talk.session.record.folder))
    assert [(event["kind"], event["why"]) for event in of(events, "stimulus_dropped")] == [("fallen", "ended")]
    assert events[-1]["type"] == "session_ended"


async def test_an_interrupt_leaves_nothing_running(talk: Talk) -> None:
    before = asyncio.all_tasks() - {talk.running}
    talk.doll.quick.clear()
    talk.desk.type("hello")
    await talk.until(lambda: "says" in talk.doll.did)
    talk.running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await talk.running
    assert talk.doll.did == ["says", "cut"]
    assert asyncio.all_tasks() <= before


@pytest.mark.parametrize("during", ["line", "body"])
async def test_stop_stops_in_the_middle_of_a_word(talk: Talk, during: str) -> None:
    talk.doll.quick.clear()
    if during == "line":
        talk.desk.type("hello")
    else:
        talk.doll.feel("fallen")
    await talk.until(lambda: "says" in talk.doll.did)
    talk.desk.type("/STOP")
    await talk.until(lambda: STOPPED in talk.desk.notices)
    talk.doll.quick.set()
    talk.doll.feel("cliff")
    talk.desk.type("Where is your bag?")
    await talk.until(lambda: talk.desk.notices == [STOPPED, STOPPED])
    assert sorted(talk.doll.did) == ["cut", "says", "stop"]
    talk.desk.type("/go")
    talk.desk.type("bye")
    await talk.until(lambda: "bye" in [turn.caregiver for turn in talk.desk.turns])
    assert talk.doll.did[3:5] == ["resume", "says"]
    events = await talk.end()
    assert [event["type"] for event in events if event["type"] in ("stop", "resume")] == ["stop", "resume"]


async def test_stop_overtakes_lines_that_wait(doll: None, random_model: Path, tmp_path: Path) -> None:
    async with talking(random_model, tmp_path) as talk:
        talk.doll.quick.clear()
        talk.desk.type("hello")
        await talk.until(lambda: "says" in talk.doll.did)
        for line in ("what is that?", "why?", "/stop"):
            talk.desk.type(line)
        await talk.until(lambda: talk.desk.notices == [STOPPED] * 3)
        assert sorted(talk.doll.did) == ["cut", "says", "stop"]
        await talk.end()


async def test_stop_overtakes_a_go_that_was_typed_before(doll: None, random_model: Path, tmp_path: Path) -> None:
    async with talking(random_model, tmp_path) as talk:
        talk.doll.quick.clear()
        talk.desk.type("hello")
        await talk.until(lambda: "says" in talk.doll.did)
        for line in ("/go", "/stop", "are you still?"):
            talk.desk.type(line)
        await talk.until(lambda: talk.desk.notices == [STOPPED] * 2)
        assert sorted(talk.doll.did) == ["cut", "says", "stop"]
        await talk.end()


async def test_a_robot_that_cannot_go_on_stays_stopped(talk: Talk) -> None:
    talk.doll.resumes = False
    talk.desk.type("/stop")
    talk.desk.type("/go")
    await talk.until(lambda: "the motors are hot: wait a minute" in talk.desk.notices)
    talk.desk.type("hello")
    await talk.until(lambda: talk.desk.notices.count(STOPPED) == 2)
    assert talk.doll.did == ["stop"]
    await talk.end()


async def test_commands_are_explained(talk: Talk) -> None:
    talk.desk.type("/help")
    talk.desk.type("/dance")
    await talk.until(lambda: len(talk.desk.notices) == 2)
    assert talk.desk.notices == [COMMANDS, f"no command '/dance'. {COMMANDS}"]
    assert talk.doll.did == []
    await talk.end()


async def test_what_the_user_must_know_is_said(doll: None, random_model: Path, tmp_path: Path) -> None:
    notices: list[str] = []
    async with talking(random_model, tmp_path, notices=notices, volume=0.5) as talk:
        assert talk.doll.options.settings == {"volume": 0.5}
        for kind in ("battery_low", "disconnected", "purring"):
            talk.doll.feel(kind)
        await talk.until(lambda: talk.desk.turns)
        events = await talk.end()
    assert [event["kind"] for event in of(events, "robot_event")] == ["battery_low", "disconnected", "purring"]
    said = [notice for notice in notices if notice.startswith("Doll: ")]
    assert said == [f"Doll: {REACTIONS[kind].notice}" for kind in ("battery_low", "disconnected")]
    assert [turn.reply in REACTIONS["battery_low"].answers for turn in talk.desk.turns] == [True]


NAO = """
import asyncio
from robot_runtime.robot import Capabilities, Robot, RobotEvent

class Nao(Robot):
    capabilities = Capabilities("Nao")

    def __init__(self, options): ...
    async def connect(self): ...
    async def close(self): ...
    async def express(self, expression): ...
    async def say(self, speech, expression, on_start=lambda: None):
        on_start()

    async def events(self):
        yield RobotEvent("fallen")
        yield RobotEvent("cliff")
        await asyncio.Event().wait()
"""


async def test_a_pipe_hears_of_the_body_too(random_model: Path, tmp_path: Path) -> None:
    about = tmp_path / "nao_robot-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: nao-robot\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[robot_runtime.robots]\nnao = nao_robot:Nao\n")
    (tmp_path / "nao_robot.py").write_text(NAO)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "robot_runtime", "--model", str(random_model), "--platform", "nao", "--text", "--json"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])},
    )
    assert process.stdout
    try:
        async with asyncio.timeout(60):
            lines = [await process.stdout.readline() for _ in range(2)]
            rest, _ = await process.communicate(b"hello\n")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0
    turns = [json.loads(line) for line in (*lines, rest)]
    assert [turn["heard_as"] for turn in turns] == ["body", "body", "keyboard"]

"""A reply that is hushed and goes on: with a robot of the test's own at the far end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from robot_runtime.record import Record, read_events
from robot_runtime.robot import Capabilities, Expression, Robot
from robot_runtime.saying import Saying
from robot_runtime.turn import Turn
from robot_runtime.voice.speech import Speech, word_starts

RATE = 1000
SPEECH = Speech("me want ball", np.arange(1000, dtype=np.int16), RATE, (), (0.0, 300.0, 700.0))
DEADLINE_S = 10.0


class Gramophone(Robot):
    """Plays as far as the test says, and knows how far that is."""

    capabilities = Capabilities("gramophone")

    def __init__(self) -> None:
        self.played: list[Speech] = []
        self.at_s = 0.0
        self.plays = asyncio.Event()
        self.ended = asyncio.Event()

    async def connect(self) -> None: ...

    async def close(self) -> None: ...

    async def express(self, expression: Expression) -> None: ...

    async def say(self, speech: Speech, expression: Expression, on_start: Callable[[], None] = lambda: None) -> None:
        self.played.append(speech)
        on_start()
        self.plays.set()
        await self.ended.wait()

    def spoken_s(self) -> float:
        return self.at_s


class Stage:
    """A reply that is being said."""

    def __init__(self, folder: Path) -> None:
        self.robot = Gramophone()
        self.record = Record(folder)
        self.turn = Turn("hello", reply=SPEECH.text)
        self.saying = Saying(self.turn, SPEECH, self.robot, self.record, "u2")
        self.starts = 0
        self.running = asyncio.create_task(self.saying.run(self.start))

    def start(self) -> None:
        self.starts += 1

    async def until_it_plays(self) -> None:
        async with asyncio.timeout(DEADLINE_S):
            await self.robot.plays.wait()
        self.robot.plays.clear()

    async def end(self) -> list[str]:
        self.robot.ended.set()
        async with asyncio.timeout(DEADLINE_S):
            await asyncio.wait({self.running})
        self.record.close("end", 1)
        assert self.record.folder
        return [event["type"] for event in read_events(self.record.folder)][:-1]


async def test_what_nothing_came_of_goes_on_from_the_beginning_of_the_word(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    await stage.until_it_plays()
    stage.robot.at_s = 0.5
    stage.saying.hush("voice", word="stop")
    assert stage.saying.hushed
    assert (stage.turn.heard_words, stage.turn.heard) == (1, "me")
    stage.robot.at_s = 0.0
    stage.saying.go_on()
    await stage.until_it_plays()
    assert not stage.saying.hushed
    rest = stage.robot.played[1]
    assert (rest.text, rest.starts_ms, rest.pcm[0]) == ("want ball", (0.0, 400.0), 300)
    assert await stage.end() == ["barge_in", "resumed"]
    assert (stage.turn.heard, stage.turn.resumed, stage.turn.played_s) == (SPEECH.text, 1, 1.0)
    assert stage.starts == 1


async def test_twice_hushed_it_keeps_its_place(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    for at_s, words in ((0.35, 1), (0.45, 2)):
        await stage.until_it_plays()
        stage.robot.at_s = at_s
        stage.saying.hush("voice")
        assert stage.turn.heard_words == words  # the second time counted from the beginning of `want`
        stage.saying.go_on()
    await stage.until_it_plays()
    assert [speech.text for speech in stage.robot.played] == ["me want ball", "want ball", "ball"]
    await stage.end()


async def test_cancelled_it_says_what_was_heard_and_why_it_stopped(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    await stage.until_it_plays()
    stage.robot.at_s = 0.8
    stage.saying.hush("touch")
    stage.saying.hush("line")  # too late: it is silent already
    stage.running.cancel()
    assert await stage.end() == ["barge_in"]
    assert stage.running.cancelled()
    assert (stage.turn.heard, stage.turn.stopped) == ("me want", "touch")
    assert len(stage.robot.played) == 1


@pytest.mark.parametrize(
    ("text", "events", "starts"),
    [
        ("uh-oh, ball", [(0, 0.0), (3, 100.0), (7, 400.0)], (0.0, 400.0)),
        ("me go", [(0, 0.0)], ()),
        ("", [], ()),
    ],
)
def test_words_begin_where_the_engine_says(
    text: str, events: list[tuple[int, float]], starts: tuple[float, ...]
) -> None:
    assert word_starts(text, events) == starts


def test_where_no_engine_tells_each_letter_takes_the_same_time() -> None:
    speech = Speech("me go home", np.zeros(800, np.int16), RATE)
    assert [speech.begins_s(word) for word in range(4)] == [0.0, 0.2, 0.4, 0.8]
    assert speech.rest(3).text == ""

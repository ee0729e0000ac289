"""The face in the terminal, and the virtual robot that wears it."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest

from robot_runtime.expressions import expression_for
from robot_runtime.robot import Expression, RobotOptions
from robot_runtime.virtual import VirtualRobot, face
from robot_runtime.voice.speech import Phoneme, Speech

RATE = 22050


def speech(seconds: float, *phonemes: Phoneme) -> Speech:
    return Speech("x", np.zeros(round(seconds * RATE), np.int16), RATE, phonemes)


async def robot(**options: object) -> VirtualRobot:
    made = VirtualRobot(RobotOptions(sound_device="none", **options))  # type: ignore[arg-type]
    await made.connect()
    return made


@pytest.mark.parametrize("expression", Expression)
def test_every_expression_is_a_face_of_its_own(expression: Expression) -> None:
    lines = face.draw(expression).splitlines()
    assert [len(line) for line in lines] == [13, 13, 13, 13]
    assert sum(face.draw(other) == face.draw(expression) for other in Expression) == 1


def test_a_blink_shuts_the_eyes() -> None:
    assert face.draw(Expression.HAPPY, blink=True).splitlines()[1] == "│  ─     ─  │"


async def test_the_mouth_moves_with_the_words() -> None:
    pip = await robot(interactive=True)
    words = speech(1.2, Phoneme("m", 0), Phoneme("a:", 400), Phoneme("_", 800))
    started = asyncio.Event()
    saying = asyncio.create_task(pip.say(words, Expression.HAPPY, started.set))
    await started.wait()
    began = time.monotonic()
    mouths: dict[float, str] = {}
    while not saying.done():
        mouths[time.monotonic() - began] = pip.picture().splitlines()[2].strip("│ ")
        await asyncio.sleep(0.02)
    assert "O" in [mouth for at, mouth in mouths.items() if 0.4 < at < 0.8]
    assert "O" not in [mouth for at, mouth in mouths.items() if at < 0.3 or 0.9 < at < 1.1]
    assert pip.picture().splitlines()[2] == "│    ╰─╯    │"
    await pip.close()


async def test_a_cancelled_utterance_stops_at_once() -> None:
    pip = await robot(interactive=True)
    started = asyncio.Event()
    saying = asyncio.create_task(pip.say(speech(5.0), Expression.SAD, started.set))
    await started.wait()
    saying.cancel()
    began = time.monotonic()
    with pytest.raises(asyncio.CancelledError):
        await saying
    assert time.monotonic() - began < 1.0  # of 5 s; the bound of 150 ms is for idle computers
    assert "O" not in pip.picture()
    await pip.close()


async def test_where_nobody_watches_nobody_waits() -> None:
    pip = await robot()
    began = time.monotonic()
    await pip.say(speech(30.0), Expression.NEUTRAL)
    assert time.monotonic() - began < 5.0


@pytest.mark.parametrize(
    ("reply", "expression"),
    [
        ("me falled down, ow!", Expression.SAD),
        ("uh oh, ball gone.", Expression.SURPRISED),
        ("me love doggy.", Expression.HAPPY),
        ("me sleepy.", Expression.SLEEPY),
        ("what?", Expression.CONFUSED),
        ("a red ball.", Expression.NEUTRAL),
        ("no!", Expression.NEUTRAL),
        ("big truck!", Expression.HAPPY),
    ],
)
def test_faces_go_with_words(reply: str, expression: Expression) -> None:
    assert expression_for(reply) is expression

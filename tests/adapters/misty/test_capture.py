"""Listening by captures through the whole robot, against the simulator."""

from __future__ import annotations

import asyncio
import wave
from pathlib import Path

import numpy as np
import pytest

from misty_adapter.bench.ear import babble
from misty_adapter.hearing.capture import Ears
from misty_adapter.robot import MistyRobot
from misty_adapter.settings import MistySettings
from misty_talk import Script, robot, until
from robot_runtime.errors import RobotError
from robot_runtime.robot import Expression


def spoken(path: Path) -> Path:
    samples = (8000 * np.sin(np.arange(16_000) / 9)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(samples.tobytes())
    return path


def ears(one: MistyRobot) -> Ears:
    assert isinstance(one.ears, Ears)
    return one.ears


async def test_what_is_said_to_it_is_heard(tmp_path: Path) -> None:
    async with robot(hear=spoken(tmp_path / "a.wav")) as (one, _, _):
        heard = await ears(one).utterance(5.0, 0.5)
        assert heard
        assert heard.rate == 16_000
        assert 0.9 < len(heard.pcm) / heard.rate < 2.5
        assert np.abs(heard.pcm).max() > 4000
        assert await ears(one).utterance(1.0, 0.5) is None


async def test_it_does_not_listen_while_it_speaks_nor_wait_for_ever() -> None:
    async with robot() as (one, simulated, _):
        started = asyncio.Event()
        speaking = asyncio.create_task(one.say(babble(1.0, 1), Expression.SAD, started.set))
        await asyncio.wait_for(started.wait(), 5)
        with pytest.raises(RobotError, match="while it speaks"):
            await ears(one).utterance()
        await speaking
        simulated.faults = Script(**{"audio_speech_capture": ["ignored"]})
        with pytest.raises(RobotError, match="never said what became of it"):
            await ears(one).utterance(0.5, 0.5)


async def test_what_it_would_hear_of_itself_is_given_up() -> None:
    async with robot() as (one, simulated, ear):
        listening = asyncio.create_task(ears(one).utterance(5.0, 3.0))
        await until(lambda: simulated.misty.ears.capturing)
        await one.say(babble(0.3, 1), Expression.SAD)
        with pytest.raises(RobotError, match="heard itself"):
            await listening
        assert ear.heard[0].complete


async def test_the_key_phrase_is_listened_for_again_after_a_capture() -> None:
    async with robot(MistySettings(moves=False, gaze=False, key_phrase=True)) as (one, simulated, _):
        simulated.misty.ears.armed = False  # as on robots, where recording ends it
        assert await ears(one).utterance(0.5, 0.5) is None
        await until(lambda: simulated.misty.ears.armed)


async def test_one_utterance_at_a_time() -> None:
    async with robot() as (one, _, _):
        first = asyncio.create_task(ears(one).utterance(0.5, 0.5))
        await asyncio.sleep(0)
        with pytest.raises(RobotError, match="one utterance at a time"):
            await ears(one).utterance()
        await first


async def test_without_ears() -> None:
    async with robot(MistySettings(moves=False, gaze=False, ears="none")) as (one, simulated, _):
        assert one.ears is None
        assert not one.capabilities.microphone
        assert "VoiceRecord" not in {subscription.type for subscription in simulated.pubsub.subscriptions}

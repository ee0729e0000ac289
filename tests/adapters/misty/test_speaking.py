"""Utterances through the whole robot against the simulator: whole, once, or failed and said why."""

from __future__ import annotations

import asyncio
import dataclasses
import time

import pytest

from misty_adapter.bench.ear import babble
from misty_adapter.connection import assets
from misty_adapter.connection.assets import MOST
from misty_adapter.settings import MistySettings
from misty_talk import STILL, Script, robot, until
from robot_runtime.errors import RobotError
from robot_runtime.robot import Expression


async def test_an_utterance_is_played_whole_and_once() -> None:
    async with robot() as (one, simulated, ear):
        began: list[float] = []
        await one.say(babble(0.5, 1), Expression.HAPPY, lambda: began.append(time.monotonic()))
        (sound,) = ear.heard
        assert sound.complete
        assert len(began) == 1
        assert simulated.misty.loudspeaker.volume == 70
        await one.say(babble(0.0, 1), Expression.HAPPY, lambda: began.append(0))
        assert len(ear.heard) == 1
        assert len(began) == 2


async def test_cancelling_silences_it_at_once() -> None:
    async with robot() as (one, _, ear):
        started = asyncio.Event()
        speaking = asyncio.create_task(one.say(babble(5.0, 1), Expression.SAD, started.set))
        await asyncio.wait_for(started.wait(), 5)
        began = time.monotonic()
        speaking.cancel()
        await asyncio.wait([speaking])
        assert speaking.cancelled()
        assert ear.heard[0].complete is False
        assert time.monotonic() - began < 0.5
        await one.say(babble(0.3, 1), Expression.SAD)
        assert ear.heard[-1].complete


@pytest.mark.parametrize("fault", ["drop_after", "slow"])
async def test_a_lost_answer_does_not_play_it_twice(fault: str) -> None:
    async with robot() as (one, simulated, ear):
        simulated.faults = script = Script(audio_play=[fault])
        await one.say(babble(0.4, 1), Expression.HAPPY)
        assert [sound.complete for sound in ear.heard] == [True]
        assert script.asked.count("audio/play") == 1


@pytest.mark.parametrize("fault", ["hang", "drop_before", "error", "ignored"])
async def test_what_was_not_played_fails_with_its_cause_and_talk_goes_on(fault: str) -> None:
    async with robot() as (one, simulated, ear):
        simulated.faults = Script(audio_play=[fault])
        with pytest.raises(RobotError, match=r"audio/play|did not play it"):
            await one.say(babble(0.4, 1), Expression.HAPPY)
        began = time.monotonic()
        await one.say(babble(0.4, 2), Expression.HAPPY)
        assert [sound.complete for sound in ear.heard] == [True]
        assert time.monotonic() - began < 5


async def test_uploads_and_refused_commands_are_repeated() -> None:
    async with robot() as (one, simulated, ear):
        simulated.faults = Script(
            audio=["drop_before", "error", "drop_after"], audio_play=["unavailable", "bad_request"]
        )
        await one.say(babble(0.4, 1), Expression.HAPPY)
        assert [sound.complete for sound in ear.heard] == [True]


async def test_an_upload_that_did_not_happen_is_repeated_and_nothing_old_is_played() -> None:
    async with robot() as (one, simulated, ear):
        simulated.faults = Script(audio=["", "", "", "", "ignored"])
        lengths = [0.1, 0.2, 0.3, 0.4, 0.5]
        for number, seconds in enumerate(lengths):
            await one.say(babble(seconds, number), Expression.HAPPY)
        assert [sound.seconds for sound in ear.heard] == lengths


async def test_silence_by_somebody_else_is_told() -> None:
    async with robot() as (one, simulated, _):
        started = asyncio.Event()
        speaking = asyncio.create_task(one.say(babble(3.0, 1), Expression.SAD, started.set))
        await asyncio.wait_for(started.wait(), 5)
        simulated.misty.player.stop()
        with pytest.raises(RobotError, match="interrupted while it spoke"):
            await speaking


async def test_what_is_said_again_is_kept_and_files_stay_few() -> None:
    async with robot() as (one, simulated, ear):
        simulated.faults = script = Script()
        for _ in range(4):
            await one.say(babble(0.1, 7), Expression.HAPPY)
        assert script.asked.count("audio") == 2
        for number in range(2 * assets.KEPT):
            await one.say(babble(0.1, number + 10), Expression.HAPPY)
            await one.say(babble(0.1, number + 10), Expression.HAPPY)
        assert simulated.misty.assets.uploaded <= MOST
        assert all(sound.complete for sound in ear.heard)
        with pytest.raises(RobotError, match="too long for Misty"):
            await one.say(babble(70.0, 1), Expression.HAPPY)


async def test_the_robot_fetches_utterances_if_asked_to() -> None:
    async with robot(dataclasses.replace(STILL, fetch=True)) as (one, simulated, ear):
        simulated.faults = script = Script()
        await one.say(babble(0.4, 1), Expression.HAPPY)
        assert [sound.complete for sound in ear.heard] == [True]
        assert "audio" not in script.asked


async def test_misty_s_own_voice_reads_the_words() -> None:
    async with robot(dataclasses.replace(STILL, voice="robot")) as (one, _, ear):
        await one.say(dataclasses.replace(babble(0.4, 1), text="milk & <b>cookies</b>, please!"), Expression.HAPPY)
        assert [sound.complete for sound in ear.heard] == [True]
        started = asyncio.Event()
        long = dataclasses.replace(babble(0.4, 1), text="the little bear goes home " * 8)
        speaking = asyncio.create_task(one.say(long, Expression.HAPPY, started.set))
        await asyncio.wait_for(started.wait(), 5)
        speaking.cancel()
        await asyncio.wait([speaking])
        assert ear.heard[-1].complete is False


async def test_what_is_refused_for_long_and_then_played_was_played() -> None:
    async with robot() as (one, simulated, ear):
        simulated.faults = script = Script(audio_play=["unavailable"] * 4)
        await one.say(babble(2.0, 1), Expression.HAPPY)
        assert [sound.complete for sound in ear.heard] == [True]
        assert script.asked.count("audio/play") == 5


async def test_silenced_before_its_start_is_known_it_has_not_begun() -> None:
    async with robot() as (one, simulated, ear):
        simulated.faults = Script(audio_play=["slow"])
        began: list[bool] = []
        speaking = asyncio.create_task(one.say(babble(3.0, 1), Expression.HAPPY, lambda: began.append(True)))
        await until(lambda: bool(ear.heard))
        await one.stop()
        with pytest.raises(RobotError, match="silenced"):
            await speaking
        assert not began
        await until(lambda: ear.heard[0].complete is False)


async def test_closing_ends_an_utterance() -> None:
    async with robot() as (one, _, ear):
        started = asyncio.Event()
        speaking = asyncio.create_task(one.say(babble(5.0, 1), Expression.HAPPY, started.set))
        await asyncio.wait_for(started.wait(), 5)
        await one.close()
        with pytest.raises(RobotError):
            await asyncio.wait_for(speaking, 10)
        assert ear.heard[0].complete is False


async def test_yes_is_nodded() -> None:
    async with robot(MistySettings(gaze=False)) as (one, simulated, _):
        pitches: set[float] = set()
        speaking = asyncio.create_task(
            one.say(dataclasses.replace(babble(2.0, 1), text="yes, me want it"), Expression.NEUTRAL)
        )
        while not speaking.done():
            pitches.add(simulated.misty.body.pitch.target)
            await asyncio.wait([speaking], timeout=0.02)
        assert {-6 + 10, -6 - 3} <= {round(pitch) for pitch in pitches}

"""Ears: capture, key phrase, recording."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from misty_adapter.simulator.simulated_misty import SimulatedMisty
from misty_adapter.simulator.wav import decode, encode
from misty_wire import Events, Start, call, events, result, tone, until

NOW = {"RequireKeyPhrase": False, "SilenceTimeout": 500}


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    """A folder in which two people have spoken, and something lies that is no sound."""
    folder = tmp_path / "speech"
    folder.mkdir()
    (folder / "a.wav").write_bytes(encode(tone(0.3, 8000), 8000))
    (folder / "a.txt").write_text("hello robot\n")
    (folder / "b.wav").write_bytes(b"RIFF broken")
    (folder / "c.wav").write_bytes(encode(tone(3.0, 16_000), 16_000))
    return folder


async def record(ears: Events) -> dict[str, Any]:
    """The next VoiceRecord."""
    message: dict[str, Any] = (await ears.next())["message"]
    return message


async def seconds_of(robot: SimulatedMisty, name: str) -> float:
    """Length of a file on the robot that has sound in it."""
    data = base64.b64decode((await result(robot.address, "GET", f"audio?FileName={name}&Base64=true"))["base64"])
    samples = decode(data, 16_000)
    assert np.abs(samples).max() > 0.3
    return len(samples) / 16_000


async def test_a_capture_is_a_file_and_an_event(start: Start, speech: Path) -> None:
    robot = await start(hear=speech)
    async with events(robot.address) as ears:
        await ears.subscribe("VoiceRecord")
        await result(robot.address, "POST", "audio/speech/capture", NOW)
        assert (await call(robot.address, "POST", "audio/speech/capture", NOW))[0] == 500
        message = await record(ears)
        del message["created"]
        assert message == {
            "errorCode": 0,
            "errorMessage": "",
            "filename": "capture_Dialogue.wav",
            "speechRecognitionResult": "",
            "success": True,
        }
        assert await seconds_of(robot, "capture_Dialogue.wav") == pytest.approx(0.3, abs=0.01)
        await result(robot.address, "POST", "audio/speech/capture", {**NOW, "MaxSpeechLength": 500})
        assert (await record(ears))["success"]
        assert await seconds_of(robot, "capture_Dialogue.wav") == pytest.approx(0.5, abs=0.01)
        await result(robot.address, "POST", "audio/speech/capture", NOW)
        message = await record(ears)
        assert not message["success"] and message["errorCode"] and message["filename"] == ""
        assert robot.misty.assets.uploaded == 1


async def test_words_that_come_late_are_heard(start: Start, speech: Path, tmp_path: Path) -> None:
    robot = await start(hear=tmp_path / "later")
    async with events(robot.address) as ears:
        await ears.subscribe("VoiceRecord")
        await result(robot.address, "POST", "audio/speech/capture", {**NOW, "SilenceTimeout": 10_000})
        (tmp_path / "later").mkdir()
        (tmp_path / "later" / "x.wav").write_bytes((speech / "a.wav").read_bytes())
        assert (await record(ears))["success"]
        await result(robot.address, "POST", "audio/speech/capture", {**NOW, "SilenceTimeout": 10_000})
        robot.inject(f"hear {speech / 'a.wav'}")
        assert (await record(ears))["success"]


async def test_the_robots_own_recogniser_tells_the_words(start: Start, speech: Path) -> None:
    robot = await start(hear=speech, firmware="docs-2021")
    async with events(robot.address) as ears:
        await ears.subscribe("VoiceRecord")
        await result(robot.address, "POST", "audio/speech/capturevosk", NOW)
        assert (await record(ears))["speechRecognitionResult"] == "hello robot"


async def test_a_capture_waits_for_the_key_phrase_by_default(start: Start, speech: Path) -> None:
    robot = await start(hear=speech)
    async with events(robot.address) as ears:
        await ears.subscribe("VoiceRecord")
        await ears.subscribe("KeyPhraseRecognized")
        await result(robot.address, "POST", "audio/speech/capture")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ears.connection.recv(), 0.6)
        assert robot.misty.ears.capturing and not robot.misty.ears.listening
        robot.inject("keyphrase")
        assert (await ears.next())["message"].keys() == {"confidence", "created"}
        assert (await record(ears))["filename"] == "capture_HeyMisty.wav"


async def test_the_key_phrase_is_heard_once_each_time_it_is_waited_for(robot: SimulatedMisty) -> None:
    async with events(robot.address) as ears:
        await ears.subscribe("KeyPhraseRecognized")
        await ears.subscribe("SerialMessage")
        robot.inject("keyphrase")  # nothing waits for it
        await result(robot.address, "POST", "audio/keyphrase/start")
        robot.inject("keyphrase")
        robot.inject("keyphrase")
        robot.inject("serial end")
        assert [(await ears.next())["eventName"] for _ in range(2)] == ["KeyPhraseRecognized", "SerialMessage"]


async def test_with_a_full_store_nobody_is_told(start: Start, speech: Path) -> None:
    robot = await start(hear=speech)
    robot.misty.assets.most_files = 0
    async with events(robot.address) as ears:
        await ears.subscribe("VoiceRecord")
        await result(robot.address, "POST", "audio/speech/capture", NOW)
        await until(lambda: not robot.misty.ears.capturing)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ears.connection.recv(), 0.2)


async def test_recording(start: Start, speech: Path) -> None:
    robot = await start(hear=speech)
    await result(robot.address, "POST", "audio/keyphrase/start")
    await result(robot.address, "POST", "audio/record/start", {"FileName": "r.wav"})
    assert not robot.misty.ears.armed and robot.misty.led == (0, 0, 255)
    assert (await call(robot.address, "POST", "audio/keyphrase/start"))[0] == 500
    async with events(robot.address) as ears:
        await ears.subscribe("SourceTrackDataMessage")
        assert (await ears.next())["message"]["degreeOfArrivalSpeech"] == 90
    await robot.misty.world.clock.sleep(0.2)
    await result(robot.address, "POST", "audio/record/stop")
    await result(robot.address, "POST", "audio/record/stop")
    assert await seconds_of(robot, "r.wav") >= 0.2


async def test_streaming_makes_deaf_for_all_else(robot: SimulatedMisty, free_port: int) -> None:
    url = {"URL": f"rtspd:{free_port}"}
    assert (await call(robot.address, "POST", "avstreaming/start", url))[0] == 500
    await result(robot.address, "POST", "services/avstreaming/enable")
    assert await result(robot.address, "GET", "services/camera") is False
    await result(robot.address, "POST", "avstreaming/start", url)
    for endpoint in ("audio/speech/capture", "audio/keyphrase/start", "faces/recognition/start"):
        assert (await call(robot.address, "POST", endpoint))[0] == 500
    await result(robot.address, "POST", "avstreaming/stop")
    await result(robot.address, "POST", "audio/speech/capture", NOW)

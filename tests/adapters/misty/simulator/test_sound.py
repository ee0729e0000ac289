"""Sound: it takes its time, is heard in the recording, and its end is told."""

from __future__ import annotations

import asyncio
import functools
import http.server
import json
import threading
import time
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from misty_adapter.simulator.loudspeaker import RATE
from misty_adapter.simulator.simulated_misty import SimulatedMisty
from misty_adapter.simulator.speech import plain
from misty_adapter.simulator.wav import decode, encode
from misty_wire import Events, call, events, result, tone, upload


def heard(folder: Path) -> npt.NDArray[np.float64]:
    """What the recording has, from -1 to 1."""
    with wave.open(str(folder / "speaker.wav")) as file:
        assert file.getframerate() == RATE
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768


def log(folder: Path, type: str) -> list[dict[str, Any]]:
    """The recorded events of a type."""
    lines = (folder / "events.jsonl").read_text().splitlines()
    return [event for event in map(json.loads, lines) if event["type"] == type]


async def test_a_file_is_played_whole_and_then_its_end_is_told(robot: SimulatedMisty, tmp_path: Path) -> None:
    await upload(robot.address, "a.wav", encode(tone(0.6, 16_000), 16_000))
    async with events(robot.address) as ears:
        await ears.subscribe("AudioPlayComplete")
        began = time.monotonic()
        await result(robot.address, "POST", "audio/play", {"FileName": "a.wav"})
        assert robot.misty.player.sound is not None
        message = (await ears.next())["message"]
        assert 0.55 < time.monotonic() - began < 5
    assert message["metaData"] == {"directory": "", "duration": 0.6, "name": "a.wav", "vad": [0, 0, 0]}
    sound = heard(tmp_path / "record")
    loud = np.flatnonzero(np.abs(sound) > 0.01)
    assert (loud[-1] - loud[0]) / RATE == pytest.approx(0.6, abs=0.02)
    assert np.abs(sound).max() == pytest.approx(0.5, abs=0.02)
    (started,) = log(tmp_path / "record", "sound_started")
    assert loud[0] / RATE == pytest.approx(started["t"], abs=0.1)


async def test_volume_scales_what_is_heard(robot: SimulatedMisty, tmp_path: Path) -> None:
    await upload(robot.address, "a.wav", encode(tone(0.2, RATE), RATE))
    async with events(robot.address) as ears:
        await ears.subscribe("AudioPlayComplete")
        await result(robot.address, "POST", "audio/play", {"FileName": "a.wav", "Volume": 20})
        await ears.next()
    assert np.abs(heard(tmp_path / "record")).max() == pytest.approx(0.1, abs=0.01)
    assert await result(robot.address, "GET", "audio/volume") == 20


async def test_stopping_and_replacing_tell_the_end_at_once(robot: SimulatedMisty, tmp_path: Path) -> None:
    for name in ("one", "two"):
        await upload(robot.address, f"{name}.wav", encode(tone(60, 8000), 8000))
    async with events(robot.address) as ears:
        await ears.subscribe("AudioPlayComplete")
        await result(robot.address, "POST", "audio/play", {"FileName": "one.wav"})
        await result(robot.address, "POST", "audio/play", {"FileName": "two.wav"})
        assert (await ears.next())["message"]["metaData"]["name"] == "one.wav"
        await result(robot.address, "POST", "audio/stop")
        assert (await ears.next())["message"]["metaData"]["name"] == "two.wav"
    assert [event["complete"] for event in log(tmp_path / "record", "sound_ended")] == [False, False]
    assert len(heard(tmp_path / "record")) / RATE < 30


async def test_a_pause_holds_the_sound(robot: SimulatedMisty) -> None:
    await upload(robot.address, "a.wav", encode(tone(0.3, 8000), 8000))
    async with events(robot.address) as ears:
        await ears.subscribe("AudioPlayComplete")
        await result(robot.address, "POST", "audio/play", {"FileName": "a.wav"})
        await result(robot.address, "POST", "audio/pause")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ears.connection.recv(), 0.6)
        await result(robot.address, "POST", "audio/pause")
        await ears.next()


async def test_a_missing_file_is_never_answered(robot: SimulatedMisty) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(call_kept_open(robot.address, "none.wav"), 0.4)
    await result(robot.address, "GET", "battery")


async def call_kept_open(address: str, name: str) -> None:
    """Ask to play a file, and wait for whatever comes."""
    reader, writer = await asyncio.open_connection(*address.split(":"))
    body = json.dumps({"FileName": name}).encode()
    try:
        writer.write(b"POST /api/audio/play HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await reader.read()
    finally:
        writer.close()


async def test_what_cannot_be_decoded_is_an_error(robot: SimulatedMisty) -> None:
    await upload(robot.address, "broken.wav", b"RIFF and so on")
    assert (await call(robot.address, "POST", "audio/play", {"FileName": "broken.wav"}))[0] == 500


@pytest.fixture
def files(tmp_path: Path) -> Iterator[str]:
    """A web server of files, which has a.wav."""
    (tmp_path / "a.wav").write_bytes(encode(tone(0.1, RATE), RATE))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(QuietHandler, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


async def test_a_file_from_an_address(robot: SimulatedMisty, files: str) -> None:
    async with events(robot.address) as ears:
        await ears.subscribe("AudioPlayComplete")
        await result(robot.address, "POST", "audio/play", {"FileName": f"{files}/a.wav"})
        assert (await ears.next())["message"]["metaData"]["name"] == f"{files}/a.wav"
    assert (await call(robot.address, "POST", "audio/play", {"FileName": f"{files}/b.wav"}))[0] == 500
    assert (await call(robot.address, "POST", "audio/play", {"FileName": "rtsp://x"}))[0] == 400


async def spoken(ears: Events) -> tuple[str, bool]:
    """The next utterance that ended, and whether it was interrupted."""
    message = (await ears.next())["message"]
    return message["utteranceId"], message["interrupted"]


async def test_texts_are_spoken_one_after_the_other(robot: SimulatedMisty, tmp_path: Path) -> None:
    async with events(robot.address) as ears:
        await ears.subscribe("TextToSpeechComplete")
        for number in range(3):
            await result(robot.address, "POST", "tts/speak", {"Text": "a ball", "UtteranceId": f"u{number}"})
        await result(robot.address, "POST", "tts/speak", {"Text": "unnamed"})
        assert [await spoken(ears) for _ in range(3)] == [("u0", False), ("u1", False), ("u2", False)]
    sound = np.abs(heard(tmp_path / "record"))
    assert sound.max() > 0.1 and np.mean(sound > 0.02) > 0.5


async def test_flush_and_stop_interrupt(robot: SimulatedMisty) -> None:
    long = "a very long story about a very small robot and a ball " * 5
    async with events(robot.address) as ears:
        await ears.subscribe("TextToSpeechComplete")
        await result(robot.address, "POST", "tts/speak", {"Text": long, "UtteranceId": "one"})
        await result(robot.address, "POST", "tts/speak", {"Text": long, "UtteranceId": "two"})
        await result(robot.address, "POST", "tts/speak", {"Text": long, "UtteranceId": "three", "Flush": True})
        assert {await spoken(ears), await spoken(ears)} == {("one", True), ("two", True)}
        assert robot.misty.speech.saying == long
        await result(robot.address, "POST", "audio/stop")  # has no say in speech
        await result(robot.address, "POST", "tts/stop")
        assert await spoken(ears) == ("three", True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hi there", "Hi there"),
        ("<speak>Hi <break time='1s'/>there</speak>", "Hi there"),
        ("a <emphasis>big</emphasis> dog &amp; me", "a big dog & me"),
        ("<speak>Hi", None),
        ("salt & pepper", None),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><speak>&a;</speak>", None),
    ],
)
async def test_markup_must_be_well_formed(robot: SimulatedMisty, text: str, words: str | None) -> None:
    status, _ = await call(robot.address, "POST", "tts/speak", {"Text": text})
    assert status == (400 if words is None else 200)
    assert words is None or plain(text) == words


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_wav_files_of_every_width(tmp_path: Path, width: int) -> None:
    sound = tone(0.1, 8000)
    with wave.open(str(tmp_path / "x.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(width)
        file.setframerate(8000)
        scaled = np.repeat(sound * (2 ** (8 * width - 1) - 1), 2).astype("<i4")
        if width == 1:
            file.writeframes((scaled + 128).astype(np.uint8).tobytes())
        else:
            file.writeframes(scaled.view(np.uint8).reshape(-1, 4)[:, :width].tobytes())
    again = decode((tmp_path / "x.wav").read_bytes(), 16_000)
    assert len(again) == 1600
    assert np.abs(again[::2] - sound).max() < 0.02

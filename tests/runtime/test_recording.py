"""Recordings of simulated robots."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from robot_runtime.errors import RecordError
from robot_runtime.simulation.recording import EVENTS, SPEAKER, Recording


class Time:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_sound_stands_where_it_was_heard(tmp_path: Path) -> None:
    recording = Recording(tmp_path, 1000)
    recording.sound(np.full(100, 7, np.int16), at=0.5)
    recording.sound(np.full(100, 8, np.int16))
    recording.sound(np.full(10, 9, np.int16), at=0.1)  # the file has passed that already
    with wave.open(str(tmp_path / SPEAKER)) as sound:  # valid while it grows
        assert sound.getframerate() == 1000
        pcm = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    assert pcm.tolist() == [0] * 500 + [7] * 100 + [8] * 100 + [9] * 10
    recording.close()
    recording.close()
    recording.sound(np.ones(3, np.int16))


def test_events_and_pictures(tmp_path: Path) -> None:
    clock = Time()
    recording = Recording(tmp_path / "new", 1000, clock)
    clock.now += 1.5
    recording.event("said", text="half a pair: \ud83d", size=np.int64(3))
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert recording.picture("face", pixels) == "face-0001.png"
    assert recording.picture("face", np.stack([pixels] * 3, axis=-1)) == "face-0002.png"
    recording.close()
    (line,) = (tmp_path / "new" / EVENTS).read_text("utf-8").splitlines()
    assert json.loads(line) == {"t": 1.5, "type": "said", "text": "half a pair: \ud83d", "size": "3"}
    with Image.open(tmp_path / "new" / "face-0001.png") as grey, Image.open(tmp_path / "new" / "face-0002.png") as rgb:
        assert (np.asarray(grey) == pixels).all()
        assert rgb.mode == "RGB"


def test_a_full_disk_ends_the_recording_and_nothing_else(tmp_path: Path) -> None:
    told: list[str] = []
    recording = Recording(tmp_path, 1000, failed=told.append)
    recording.event("before")
    recording._sound.close()
    recording._sound = open("/dev/full", "wb", buffering=0)
    recording.sound(np.ones(10, np.int16))
    recording.event("after")
    recording.picture("face", np.zeros((2, 2), np.uint8))
    recording.close()
    assert told == [f"recording to {tmp_path} has ended: No space left on device"]
    assert [json.loads(line)["type"] for line in (tmp_path / EVENTS).read_text().splitlines()] == ["before"]
    assert not list(tmp_path.glob("*.png"))


def test_one_folder_one_recording(tmp_path: Path) -> None:
    Recording(tmp_path, 1000).close()
    with pytest.raises(RecordError, match="holds a recording already: choose another folder"):
        Recording(tmp_path, 1000)
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordError, match="cannot record to"):
        Recording(tmp_path / "file" / "folder", 1000)


def test_a_recording_of_more_than_a_header_can_tell_goes_on(tmp_path: Path) -> None:
    recording = Recording(tmp_path, 1000)
    recording.sound(np.ones(10, np.int16), at=3_000_000.0)
    recording.sound(np.ones(10, np.int16))
    recording.close()
    assert (tmp_path / SPEAKER).stat().st_size == 44 + 2 * (3_000_000_000 + 20)

"""The whole program and the simulator as two processes, as a user starts them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from cozmo_adapter.speech.loudness import prepared
from cozmo_adapter.speech.ulaw import RATE_HZ
from robot_runtime.record import read_events
from robot_runtime.voice.speech import Speech


class Simulator:
    """`toddler-robot simulate cozmo` with a record."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [*toddler_robot("simulate", "cozmo", "--port", "0", "--no-view", "--record", str(folder))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.address = self.process.stdout.readline().rsplit(" ", 1)[1].strip()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=10)

    def heard(self, talk: Path) -> list[float]:
        """Where the loudspeaker played each utterance of a talk's record, in seconds; only whole ones are found."""
        played = samples(self.folder / "speaker.wav").pcm.astype(float)
        spoken = (event["wav"] for event in read_events(talk) if event["type"] == "child_says")
        places = (place_of(prepared(samples(talk / name), 0.0).astype(float), played) for name in spoken)
        return [place / RATE_HZ for place in places if place is not None]

    def faces(self) -> int:
        return len(list(self.folder.glob("face-*.png")))


def samples(path: Path) -> Speech:
    with wave.open(str(path)) as sound:
        return Speech("", np.frombuffer(sound.readframes(sound.getnframes()), "<i2"), sound.getframerate())


def place_of(wanted: npt.NDArray[np.float64], played: npt.NDArray[np.float64]) -> int | None:
    """The sample at which `wanted` is found in `played`: the two correlate by 0.99 or more there."""
    if len(played) < len(wanted):
        return None
    size = len(played) + len(wanted)
    product = np.fft.irfft(np.fft.rfft(played, size) * np.conj(np.fft.rfft(wanted, size)), size)
    place = int(np.argmax(product[: len(played) - len(wanted) + 1]))
    found = played[place : place + len(wanted)]
    return place if np.corrcoef(found, wanted)[0, 1] > 0.99 else None


def toddler_robot(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "robot_runtime", *arguments]


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    simulator = Simulator(tmp_path / "robot")
    yield simulator
    if simulator.process.poll() is None:
        simulator.stop()


def test_two_lines_leave_two_utterances_in_the_robots_loudspeaker(simulator: Simulator, tmp_path: Path) -> None:
    done = subprocess.run(
        toddler_robot("--platform", "cozmo", "--ip", simulator.address, "--text", "--record", str(tmp_path / "talks")),
        input="hello\nWhere is your bag?\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 2
    simulator.stop()
    (talk,) = (tmp_path / "talks").iterdir()
    first, second = simulator.heard(talk)
    assert first < second
    assert simulator.faces() > 3
    events = list(read_events(talk))
    assert [event["interrupted"] for event in events if event["type"] == "turn_completed"] == [False, False]
    assert not [event for event in events if event["type"] == "notice" and "Cozmo has gone" in event["text"]]


def test_a_restart_in_the_middle_leaves_talk_and_record_intact(simulator: Simulator, tmp_path: Path) -> None:
    talk = subprocess.Popen(
        toddler_robot(
            "--platform", "cozmo", "--ip", simulator.address, "--text", "--json", "--record", str(tmp_path / "t")
        ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert talk.stdin
    assert talk.stdout
    talk.stdin.write("hello\n")
    talk.stdin.flush()
    turns = [json.loads(talk.stdout.readline())]
    assert simulator.process.stdin
    talk.stdin.write("Where is your bag?\n")
    talk.stdin.flush()
    simulator.process.stdin.write("reboot\n")
    simulator.process.stdin.flush()
    turns.append(json.loads(talk.stdout.readline()))
    rest, _ = talk.communicate("What is that?\n", timeout=60)
    turns += [json.loads(line) for line in rest.splitlines()]
    assert talk.returncode == 0
    assert [turn["caregiver"] for turn in turns] == ["hello", "Where is your bag?", "What is that?"]
    assert all(turn["reply"] for turn in turns)
    (folder,) = (tmp_path / "t").iterdir()
    events = list(read_events(folder))
    assert {"disconnected", "reconnected"} <= {event["kind"] for event in events if event["type"] == "robot_event"}
    assert sum(event["type"] == "turn_completed" for event in events) == 3
    simulator.stop()
    assert len(simulator.heard(folder)) == 3


def test_being_picked_up_gets_an_answer(simulator: Simulator, tmp_path: Path) -> None:
    talk = subprocess.Popen(
        toddler_robot("--platform", "cozmo", "--ip", simulator.address, "--text", "--json"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert talk.stdin
    assert talk.stdout
    talk.stdin.write("hello\n")
    talk.stdin.flush()
    talk.stdout.readline()
    assert simulator.process.stdin
    simulator.process.stdin.write("picked_up\n")
    simulator.process.stdin.flush()
    turn = json.loads(talk.stdout.readline())
    talk.communicate(timeout=20)
    assert turn["heard_as"] == "body"
    assert turn["reply"]


def test_no_robot_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    profile = tmp_path / "quick.toml"
    profile.write_text("[robot]\nconnect_s = 1\n")
    done = subprocess.run(
        toddler_robot("--platform", "cozmo", "--ip", "127.0.0.1:9", "--text", "--profile", str(profile)),
        input="hello\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("toddler-robot: cannot reach Cozmo at 127.0.0.1:9")

"""The commands that a user types, in processes of their own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import wave
from pathlib import Path

import numpy as np
import pytest

from misty_adapter.entry import open_robot
from robot_runtime.errors import SettingsError
from robot_runtime.robot import RobotOptions

RUN = [sys.executable, "-m", "robot_runtime"]


def test_a_conversation_is_heard(tmp_path: Path, random_model: Path) -> None:
    simulator = subprocess.Popen(
        [*RUN, "simulate", "misty", "--port", "0", "--record", str(tmp_path / "heard")],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert simulator.stdout
        simulator.stdout.readline()
        address = simulator.stdout.readline().split()[-1]
        done = subprocess.run(
            [*RUN, "--platform", "misty", "--ip", address, "--text", "--model", str(random_model)],
            input="hello\nWhere is your bag?\n",
            capture_output=True,
            text=True,
            timeout=90,
            env=os.environ | {"TODDLER_ROBOT_ROBOT_GAZE": "false"},
        )
    finally:
        simulator.send_signal(signal.SIGTERM)
        simulator.communicate(timeout=20)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 2
    lines = (tmp_path / "heard" / "events.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    with wave.open(str(tmp_path / "heard" / "speaker.wav")) as file:
        rate = file.getframerate()
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    starts = [event["t"] for event in events if event["type"] == "sound_started"]
    assert [event["complete"] for event in events if event["type"] == "sound_ended"] == [True, True]
    for start in starts:
        assert np.abs(pcm[round(start * rate) : round((start + 0.5) * rate)]).max() > 1000


def test_an_address_is_needed_and_checked() -> None:
    with pytest.raises(SettingsError, match=r"--ip 10\.0\.0\.5"):
        open_robot(RobotOptions())
    with pytest.raises(SettingsError, match="no robot's address"):
        open_robot(RobotOptions(address="10.0.0.500"))
    with pytest.raises(SettingsError, match="did you mean 'volume'"):
        open_robot(RobotOptions(address="10.0.0.5", settings={"volumes": 1}))
    with pytest.raises(SettingsError, match="choose ours or robot"):
        open_robot(RobotOptions(address="10.0.0.5", settings={"voice": "mine"}))


def test_settings_that_exclude_each_other_are_refused() -> None:
    for settings, message in (
        ({"ears": "both"}, "choose capture, stream or none"),
        ({"ears": "stream"}, "goes without gaze: .* Set gaze = false, or"),
        ({"ears": "stream", "gaze": False, "key_phrase": True}, "goes without key_phrase"),
        ({"voice": "robot", "fetch": True}, "has nothing to fetch"),
    ):
        with pytest.raises(SettingsError, match=message):
            open_robot(RobotOptions(address="10.0.0.5", settings=settings))
    open_robot(RobotOptions(address="10.0.0.5", settings={"ears": "stream", "gaze": False}))


def test_the_bench_measures() -> None:
    options = "--rounds 3 --turns 4 --fault-rate 0.2 --hours 0.3 --accelerated 300 --messages 800 --json"
    done = subprocess.run(
        [*RUN, "bench", "misty", *options.split()],
        capture_output=True,
        text=True,
        timeout=180,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["latency"]["first_sample_ms"]["n"] == 3
    assert not any(figures["turns"]["wrong"].values())
    assert figures["turns"]["played_whole"] + sum(figures["turns"]["failed"].values()) == 4
    assert figures["day"]["most_files"] <= 32
    assert figures["day"]["turns"] > 2
    assert figures["fuzz"]["still_talks"]


@pytest.mark.parametrize("ears", ["capture", "stream"])
def test_it_is_spoken_with_through_the_robots_own_microphones(ears: str, tmp_path: Path) -> None:
    tests = Path(__file__).parents[2]
    (tmp_path / "said").mkdir()
    for number, name in enumerate(("where-is-your-bag", "i-love-you")):
        shutil.copy(tests / "data" / "speech" / f"{name}.wav", tmp_path / "said" / f"{number}.wav")
    simulator = subprocess.Popen(
        [*RUN, "simulate", "misty", "--port", "0", "--hear", str(tmp_path / "said")],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    talk = None
    try:
        assert simulator.stdout
        simulator.stdout.readline()
        address = simulator.stdout.readline().split()[-1]
        talk = subprocess.Popen(
            [*RUN, "--platform", "misty", "--ip", address, "--json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ
            | {"TODDLER_ROBOT_ROBOT_GAZE": "false", "TODDLER_ROBOT_ROBOT_EARS": ears}
            | {"TODDLER_ROBOT_EAR_MODEL": str(tests / "vosk_model" / "model")},
        )
        watchdog = threading.Timer(60, talk.kill)
        watchdog.start()
        assert talk.stdout
        turns = [json.loads(talk.stdout.readline()) for _ in range(2)]
        talk.send_signal(signal.SIGINT)
        talk.communicate(timeout=20)
        watchdog.cancel()
    finally:
        if talk and talk.poll() is None:
            talk.kill()
        simulator.send_signal(signal.SIGTERM)
        simulator.communicate(timeout=20)
    assert [(turn["caregiver"], turn["heard_as"]) for turn in turns] == [
        ("where is your bag", "microphone"),
        ("i love you", "microphone"),
    ]
    assert talk.returncode == 130

"""Talk without hands: real recordings through voice activity, Vosk, endpoint, early thinking, model and check."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from robot_runtime.check.words import words_of
from robot_runtime.listener import claiming
from robot_runtime.record import read_events

ROOT = Path(__file__).parents[2]
SPEECH = ROOT / "tests" / "data" / "speech"
EAR = ROOT / "tests" / "vosk_model" / "model"


def script(folder: Path, *names: str) -> Path:
    """Recordings in an order."""
    folder.mkdir()
    for number, name in enumerate(names):
        shutil.copy(SPEECH / f"{name}.wav", folder / f"{number}.wav")
    return folder


def talk(*arguments: str, ear: dict[str, str] | None = None, typed: str = "") -> subprocess.CompletedProcess[str]:
    ear = {"MODEL": str(EAR), "REALTIME": "false"} if ear is None else ear
    return subprocess.run(
        [sys.executable, "-m", "robot_runtime", "--seed", "1", *arguments],
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ
        | {"TODDLER_ROBOT_SESSION_SOUND_DEVICE": "none"}
        | {f"TODDLER_ROBOT_EAR_{key}": value for key, value in ear.items()},
    )


def recorded(folder: Path) -> list[dict[str, Any]]:
    (session,) = folder.iterdir()
    return list(read_events(session))


def test_what_is_said_is_heard_and_answered(tmp_path: Path) -> None:
    said = script(tmp_path / "said", "where-is-your-bag", "what-is-in-it", "i-love-you")
    done = talk("--hear", str(said), "--json", "--record", str(tmp_path / "record"))
    assert done.returncode == 0, done.stderr
    turns = [json.loads(line) for line in done.stdout.splitlines()]
    assert [turn["caregiver"] for turn in turns] == ["where is your bag", "what is in it", "i love you"]
    assert {turn["heard_as"] for turn in turns} == {"microphone"}
    assert all(200 < turn["stages_ms"]["hold"] < 1600 for turn in turns)
    events = recorded(tmp_path / "record")
    heard = [event for event in events if event["type"] == "heard"]
    assert [event["fate"] for event in heard] == ["answered"] * 3
    assert all(event["endpoint_s"] > event["speech_end_s"] > 0 for event in heard)
    (folder,) = (tmp_path / "record").iterdir()
    assert all((folder / event["wav"]).stat().st_size > 20_000 for event in heard)


def test_replies_are_ready_when_the_turn_is_over(tmp_path: Path) -> None:
    said = script(tmp_path / "said", "where-is-your-bag", "do-you-want-milk")
    done = talk(
        "--hear", str(said), "--json", "--record", str(tmp_path / "record"), ear={"MODEL": str(EAR), "REALTIME": "true"}
    )
    turns = [json.loads(line) for line in done.stdout.splitlines()]
    assert [turn["early"] for turn in turns] == [True, True]
    events = recorded(tmp_path / "record")
    (tally,) = [event for event in events if event["type"] == "early_thinking"]
    assert tally["hits"] == 2
    assert tally["drafts"] >= 2
    thoughts = [event for event in events if event["type"] == "thought"]
    assert any(each["cached_tokens"] == each["prompt_tokens"] for each in thoughts)  # read before it was answered
    spoken = [event["text"] for event in events if event["type"] == "child_says"]
    assert spoken == [turn["reply"] for turn in turns]  # what was drafted and dropped was never said


def test_early_and_late_thinking_say_the_same(tmp_path: Path) -> None:
    said = script(tmp_path / "said", "where-is-your-bag", "do-you-want-milk")
    replies = [
        talk("--hear", str(said), ear={"MODEL": str(EAR), "REALTIME": "false", "EARLY": early}).stdout
        for early in ("true", "false")
    ]
    assert replies[0] == replies[1]
    assert len(replies[0].splitlines()) == 2


def test_what_is_not_understood_is_asked_about_twice_and_then_left(tmp_path: Path) -> None:
    said = script(tmp_path / "said", *["i-love-you"] * 4)
    done = talk(
        "--hear", str(said), "--record", str(tmp_path / "record"),
        ear={"MODEL": str(EAR), "REALTIME": "false", "PHRASES": "do you want milk", "CONFIDENCE": "0.99"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    fates = Counter(event["fate"] for event in recorded(tmp_path / "record") if event["type"] == "heard")
    assert set(fates) <= {"unclear", "ignored"}
    assert fates["unclear"] <= 2
    assert len(done.stdout.splitlines()) == fates["unclear"]


def test_lines_can_be_typed_meanwhile(tmp_path: Path) -> None:
    said = script(tmp_path / "said", "where-is-your-bag")
    done = talk("--hear", str(said), "--json", typed="hello\n", ear={"MODEL": str(EAR), "REALTIME": "true"})
    heard = {json.loads(line)["caregiver"]: json.loads(line)["heard_as"] for line in done.stdout.splitlines()}
    assert heard == {"hello": "keyboard", "where is your bag": "microphone"}


@pytest.mark.parametrize(
    ("arguments", "ear", "says"),
    [
        (("--hear", "no/such/folder"), {"MODEL": str(EAR)}, "There is nothing to hear at no/such/folder"),
        (("--hear", str(SPEECH)), {"MODEL": "no/such/model"}, "no/such/model"),
        (("--hear", str(SPEECH)), {"RECOGNISER": "ear-trumpet"}, "recogniser 'ear-trumpet' is not installed"),
        (("--hear", str(SPEECH)), {"ENDPOINT": "short"}, "endpoint"),
        (("--hear", str(SPEECH)), {"TAIL_S": "9"}, "tail_s = 9 is outside 0 to 3"),
    ],
)
def test_mistakes_get_one_line(arguments: tuple[str, ...], ear: dict[str, str], says: str) -> None:
    done = talk(*arguments, ear=ear)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert says in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("partial", "says", "word"),
    [
        ("where is", "me want more juice", "where"),
        ("okay stop", "me want more juice", "stop"),
        ("uh huh okay", "me want more juice", None),
        ("okay", "me want more juice", None),
        ("want juice", "Me want more juice!", None),
        ("more milk", "me want more juice", "milk"),
        ("", "me want more juice", None),
    ],
)
def test_who_claims_the_floor_says_a_word_of_their_own(partial: str, says: str, word: str | None) -> None:
    assert claiming(partial, words_of(says)) == word

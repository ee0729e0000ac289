"""The product as it is shipped: the bundled model behind the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from robot_runtime.bench.numbers import resident_mb
from robot_runtime.check import Check
from robot_runtime.mind.engine import Engine
from robot_runtime.mind.prompt import Exchange, Piece, prompt_format
from robot_runtime.model_store import locate, verify
from robot_runtime.record import read_events
from robot_runtime.session import open_session
from robot_runtime.settings import SessionSettings, Settings
from robot_runtime.stimuli import load_reactions

LINES = "Hello Pip!\nWhere is your bag?\nWhat is it?\nDo you want some juice?\nGood night!\n"
ENVIRONMENT = os.environ | {"TODDLER_ROBOT_SESSION_SOUND_DEVICE": "none"}
COMMAND = [sys.executable, "-m", "robot_runtime"]


def test_it_is_what_its_summary_says() -> None:
    model = locate(None)
    assert model.prompt_format == "nursery"
    assert model.path.stat().st_size <= 16_000_000
    report = verify(model)
    assert report.ok, report.text


def test_its_markers_are_one_token_each() -> None:
    model = locate(None)
    engine = Engine(model.path)
    form = prompt_format("nursery")
    pieces = [*form.opening(), *form.exchange(Exchange("hi", "hi.")), *form.question("why?")]
    for piece in pieces:
        if piece.markup:
            count = piece.text.count("<|")
            assert len(engine.tokenize([piece])) == count
    assert len(engine.tokenize([Piece("<|end|>", False)])) > 1
    engine.close()


async def test_it_has_words_for_what_happens_to_its_body() -> None:
    async with open_session(Settings(session=SessionSettings(seed=1, sound_device="none"))) as session:
        for kind, reaction in load_reactions().items():
            for line in () if reaction.fixed else reaction.says:
                turn = await session.dialogue.respond(line, "body", answers=reaction.answers)
                assert turn.source == "model", (kind, line)


def test_the_same_seed_gives_the_same_talk_in_another_process() -> None:
    def talk(seed: str) -> str:
        done = subprocess.run(
            [*COMMAND, "--seed", seed], input=LINES, capture_output=True, text=True, timeout=60, env=ENVIRONMENT
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    first = talk("1")
    assert len(first.splitlines()) == 5
    assert talk("1") == first
    assert any(talk(seed) != first for seed in ("2", "3", "4"))


def test_every_reply_has_passed_the_check() -> None:
    done = subprocess.run(
        [*COMMAND, "--json", "--seed", "5"], input=LINES, capture_output=True, text=True, timeout=60, env=ENVIRONMENT
    )
    turns = [json.loads(line) for line in done.stdout.splitlines()]
    thought = [turn for turn in turns if turn["source"] == "model"]
    assert thought
    for turn in thought:
        assert Check().judge(turn["caregiver"], turn["reply"], []).refusals == ()


def test_kill_minus_nine_in_the_middle_of_a_talk_loses_no_completed_turn(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "--record", str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=ENVIRONMENT,
    )
    assert process.stdin
    assert process.stdout
    replies = []
    for line in LINES.splitlines():
        process.stdin.write(line + "\n")
        process.stdin.flush()
        replies.append(process.stdout.readline().strip())
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdin.close()
    process.stdout.close()
    (session,) = tmp_path.iterdir()
    events = list(read_events(session))
    completed = {event["utterance"] for event in events if event["type"] == "turn_completed"}
    said = [event for event in events if event["type"] == "child_says"]
    assert [event["text"] for event in said] == replies
    assert {event["utterance"] for event in said[:-1]} <= completed  # the last was killed while it was being spoken
    assert all((session / event["wav"]).stat().st_size > 1000 for event in said)


@pytest.mark.skipif(not os.path.exists("/proc/self/smaps_rollup"), reason="no /proc here")
async def test_all_processes_together_stay_small() -> None:
    """The suite's own process is larger than the product's, so only the worker is measured, with half of the 250 MB."""
    settings = Settings(session=SessionSettings(sound_device="none"))
    async with open_session(settings) as session:
        await session.dialogue.respond("hello")
        assert session.mind.pid
        memory = resident_mb([session.mind.pid])
    assert memory
    assert memory["rss"] < 125

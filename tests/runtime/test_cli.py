"""The command line as a user meets it: a process, its output and its exit code."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from robot_runtime import __version__
from robot_runtime.record import read_events

ENVIRONMENT = os.environ | {"TODDLER_ROBOT_SESSION_SOUND_DEVICE": "none"}


def toddler_robot(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "robot_runtime", *arguments],
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        env=ENVIRONMENT,
    )


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; from robot_runtime.cli import parser; parser().format_help()\n"
        "heavy = {'numpy', 'llama_cpp', 'prompt_toolkit', 'gguf', 'huggingface_hub', 'torch'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_version() -> None:
    assert toddler_robot("--version").stdout == f"toddler-robot {__version__}\n"


def test_one_line_in_one_line_out(random_model: Path) -> None:
    done = toddler_robot("--model", str(random_model), typed="Where is your bag?\n")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1


def test_every_line_is_answered_in_turn(random_model: Path, tmp_path: Path) -> None:
    done = toddler_robot("--model", str(random_model), "--record", str(tmp_path), typed="hello\n\n  \nwhy?\nbye")
    assert len(done.stdout.splitlines()) == 3
    (session,) = tmp_path.iterdir()
    events = list(read_events(session))
    assert [e["text"] for e in events if e["type"] == "caregiver_said"] == ["hello", "why?", "bye"]
    assert events[-1]["type"] == "session_ended"
    assert events[-1]["turns"] == 3
    assert len(list(session.glob("*.wav"))) == 3


def test_json_lines(random_model: Path) -> None:
    done = toddler_robot("--model", str(random_model), "--json", typed="hello\nwhy?\n")
    turns = [json.loads(line) for line in done.stdout.splitlines()]
    assert [turn["caregiver"] for turn in turns] == ["hello", "why?"]


def test_bytes_that_are_no_text_are_answered_too(random_model: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "robot_runtime", "--model", str(random_model)],
        input=b"hel\xff\xfelo \x00 <|im_end|>\n" + "🧸".encode() * 5000 + b"\nbye\n",
        capture_output=True,
        timeout=120,
        env=ENVIRONMENT,
    )
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 3


def test_ask_tells_everything(random_model: Path) -> None:
    done = toddler_robot("ask", "Where is your bag?", "--json", "--seed", "4", "--model", str(random_model))
    turn = json.loads(done.stdout)
    assert turn["reply"]
    assert len(turn["candidates"]) == 8
    assert all({"text", "score", "scores", "refusals", "chosen"} <= set(c) for c in turn["candidates"])
    assert turn["candidates"][0]["refusals"][0]["rule"]
    assert {"think", "check", "voice", "first_sample"} <= set(turn["stages_ms"])
    plain = toddler_robot("ask", "Where is your bag?", "--seed", "4", "--model", str(random_model))
    assert plain.stdout == turn["reply"] + "\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--platform", "nao"], "platform 'nao' is not installed; installed here: virtual"),
        (["--model", "toddler-nursry"], "toddler-nursery"),
        (["--model", "missing.gguf"], "missing.gguf"),
        (["--model", "smollm2-360m-instruct"], "toddler-robot models pull smollm2-360m-instruct"),
        (["--profile", "missing.toml"], "cannot read the profile missing.toml"),
        (["ask", "  "], "nothing to answer"),
        (["bench", "turn", "--rounds", "0"], "--rounds must be at least 1"),
        (["bench", "llm", "--shape", "gpt-5"], "no shape 'gpt-5'; there are: smollm2-360m"),
    ],
)
def test_mistakes_get_one_line_and_exit_2(arguments: list[str], message: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "robot_runtime", *arguments],
        input="",
        capture_output=True,
        text=True,
        timeout=60,
        env=ENVIRONMENT | {"TODDLER_ROBOT_CACHE": str(tmp_path)},
    )
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_a_bad_profile_key(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text("[mind]\ncandidtes = 3\n")
    done = toddler_robot("--profile", str(tmp_path / "p.toml"))
    assert done.returncode == 2
    assert "did you mean 'candidates'?" in done.stderr


def test_in_a_terminal_the_face_is_drawn_and_the_talk_scrolls_by(random_model: Path) -> None:
    limit = time.monotonic() + 120
    keyboard, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "robot_runtime", "--model", str(random_model)],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env=ENVIRONMENT | {"TERM": "xterm"},
    )
    os.close(terminal)
    seen = _read_until(keyboard, "you>")
    assert "╭───────────╮" in seen
    os.write(keyboard, b"hello\r")
    seen = _read_until(keyboard, "Pip: ")
    assert "you: hello" in seen
    os.write(keyboard, b"/stop\r")
    _read_until(keyboard, "stopped: /go goes on")
    os.write(keyboard, b"/go\r")
    _read_until(keyboard, "going on")
    while process.poll() is None and time.monotonic() < limit:
        os.write(keyboard, b"\x04")  # again and again: a terminal swallows it between two prompts
        with contextlib.suppress(OSError):  # the other side has closed it
            if select.select([keyboard], [], [], 0.2)[0]:
                os.read(keyboard, 65536)
    assert process.wait(timeout=1) == 0
    os.close(keyboard)


def _read_until(keyboard: int, text: str) -> str:
    """What the terminal shows until some text has appeared."""
    seen = b""
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        try:
            chunk = os.read(keyboard, 65536)
        except OSError:  # the other side has closed it
            break
        if not chunk:
            break
        seen += chunk
        if b"\x1b[6n" in chunk:  # asked where the cursor is
            os.write(keyboard, b"\x1b[1;1R")
        if text.encode() in seen:
            return seen.decode("utf-8", "replace")
    pytest.fail(f"{text!r} did not appear in {seen!r}")

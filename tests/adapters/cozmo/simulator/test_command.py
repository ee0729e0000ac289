"""`toddler-robot simulate cozmo`, as a process of its own."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

DEADLINE_S = 30
"""For anything that the process has to do."""

COMMAND = [sys.executable, "-m", "robot_runtime", "simulate", "cozmo"]


@contextmanager
def simulator(*options: object) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*COMMAND, *map(str, options)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    deadline = threading.Timer(DEADLINE_S, process.kill)
    deadline.start()
    try:
        yield process
    finally:
        deadline.cancel()
        process.kill()
        process.communicate()


def line_that(process: subprocess.Popen[str], begins: str) -> str:
    """What the rest of the next line with that beginning is."""
    assert process.stdout is not None
    before = []
    for line in process.stdout:
        if line.startswith(begins):
            return line.removeprefix(begins).strip()
        before.append(line)
    raise AssertionError(f"no line {begins!r} in {before}")


def do(process: subprocess.Popen[str], event: str) -> None:
    assert process.stdin is not None
    print(event, file=process.stdin, flush=True)


def refused(*options: object) -> str:
    """What is said to options that cannot be used."""
    ended = subprocess.run([*COMMAND, *map(str, options)], capture_output=True, text=True, timeout=DEADLINE_S)
    assert ended.returncode == 2
    return ended.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_life_from_address_to_signal(tmp_path: Path, number: signal.Signals) -> None:
    folder = tmp_path / "record"
    with simulator("--port", 0, "--record", folder, "--battery", 3.9) as process:
        host, _, port = line_that(process, "Cozmo simulator at ").partition(":")
        assert host == "127.0.0.1" and int(port) > 0
        assert line_that(process, "Talk with it: ").endswith(f"--ip 127.0.0.1:{port}")
        do(process, "picked_up")
        line_that(process, "picked up")
        do(process, "battery=3.6")
        assert line_that(process, "battery") == "3.60 V, low"
        process.send_signal(number)
        assert process.wait(DEADLINE_S) == 0
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    injected = [event["event"] for event in events if event["type"] == "injected"]
    assert injected == ["battery=3.9", "picked_up", "battery=3.6"]


def test_an_unknown_event_is_answered_with_those_that_there_are() -> None:
    with simulator("--port", 0) as process:
        do(process, "explode")
        do(process, "put_down")
        assert "cube_tap" in line_that(process, "'explode'")


def test_the_end_of_input_is_not_the_end() -> None:
    with simulator("--port", 0) as process:
        line_that(process, "Cozmo simulator at ")
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_S) == 0


def test_a_port_in_use() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert f"cannot listen at UDP 127.0.0.1:{port}" in refused("--port", port)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--port", 70000], "--port is a number from 0 to 65535"),
        (["--loss-up", 1.5], "loss_up is a probability"),
        (["--delay-ms", -1], "delay_ms is a time"),
        (["--firmware", 1], "invalid choice"),
        (["--port", 0, "--battery", 12], "battery=12"),
    ],
)
def test_options_that_cannot_be(options: list[object], complaint: str) -> None:
    assert complaint in refused(*options)


def test_a_record_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").touch()
    assert "holds a recording already" in refused("--port", 0, "--record", tmp_path)

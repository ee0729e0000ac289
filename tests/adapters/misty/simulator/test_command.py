"""`toddler-robot simulate misty` as a process."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

import pytest

from misty_adapter.simulator.command import add_arguments, faults_of
from misty_wire import DEADLINE_S, result

PROGRAM = """
import argparse, sys
from misty_adapter.simulator.command import add_arguments
parser = argparse.ArgumentParser()
add_arguments(parser)
options = parser.parse_args()
sys.exit(options.run(options))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_says_where_it_is_takes_events_and_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, "--port", "0", "--record", str(tmp_path / "record"),
        stdin=pipe, stdout=pipe, stderr=pipe,
    )  # fmt: skip
    assert process.stdin and process.stdout and process.stderr
    try:
        async with asyncio.timeout(DEADLINE_S):
            first = (await process.stdout.readline()).decode().strip()
            second = (await process.stdout.readline()).decode().strip()
            address = first.rpartition("http://")[2].rstrip("/")
            assert second == f"toddler-robot --platform misty --ip {address}"
            process.stdin.write(b"battery 42\nnonsense\n")
            assert b"there is no event 'nonsense'" in await process.stderr.readline()
            assert (await result(address, "GET", "battery"))["chargePercent"] == 0.42
            process.send_signal(number)
            _, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert (process.returncode, errors) == (0, b"")
    events = [json.loads(line) for line in (tmp_path / "record" / "events.jsonl").read_text().splitlines()]
    assert {"injected", "command", "started"} <= {event["type"] for event in events}


def test_options_become_faults() -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    arguments = [
        "--fault-rate",
        "0.07",
        "--fault-hang",
        "0",
        "--delay-ms",
        "30",
        "--reboot-at",
        "5",
        "--reboot-at",
        "9",
    ]
    faults = faults_of(parser.parse_args(arguments))
    assert faults.error == pytest.approx(0.01)
    assert (faults.hang, faults.ignored) == (0, 0.07)
    assert (faults.delay_ms, faults.reboot_at_s) == (30, (5, 9))


def test_a_probability_is_no_more_than_one(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["--fault-error", "5"])
    assert "5 is no probability from 0 to 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    "option", ["--delay-ms nan", "--boot-s -1", "--reboot-at inf", "--port 70000", "--fault-hang nan"]
)
def test_numbers_are_checked(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(option.split())
    assert f"{option.split()[1]} is no " in capsys.readouterr().err

"""The session record."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from robot_runtime.errors import RecordError
from robot_runtime.record import EVENTS, Record, read_events


def test_events_are_numbered_and_timed(tmp_path: Path) -> None:
    record = Record(tmp_path)
    record.event("caregiver_said", utterance=record.utterance(), text="hé Pip")
    record.event("notice", text="x")
    record.close("end of input", 1)
    assert record.folder
    events = list(read_events(record.folder))
    assert [event["type"] for event in events] == ["caregiver_said", "notice", "session_ended"]
    assert [event["n"] for event in events] == [0, 1, 2]
    assert all(event["v"] == 1 for event in events)
    assert events[0]["t"] <= events[1]["t"] <= events[2]["t"]
    assert events[0]["text"] == "hé Pip"


def test_kill_minus_nine_loses_nothing_that_was_written(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from robot_runtime.record import Record\n"
        "record = Record(Path(sys.argv[1]))\n"
        "for n in range(500): record.event('turn_completed' if n % 2 else 'thought', number=n)\n"
        f"os.kill(os.getpid(), {int(signal.SIGKILL)})"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], timeout=60)
    assert done.returncode == -signal.SIGKILL
    (session,) = tmp_path.iterdir()
    assert [event["number"] for event in read_events(session)] == list(range(500))


def test_a_last_line_cut_off_anywhere_is_passed_over(tmp_path: Path) -> None:
    record = Record(tmp_path)
    for text in ("one", "zwölf", "three"):
        record.event("notice", text=text)
    assert record.folder
    record._file.close()
    path = record.folder / EVENTS
    whole = path.read_bytes()
    second = whole.rindex(b"\n", 0, -1)
    for end in range(second + 1, len(whole) - 1):
        path.write_bytes(whole[:end])
        assert [event["text"] for event in read_events(record.folder)] == ["one", "zwölf"]


def test_damage_elsewhere_is_an_error(tmp_path: Path) -> None:
    (tmp_path / EVENTS).write_text('{"n": 0}\n{"n": 1\n{"n": 2}\n')
    with pytest.raises(RecordError, match=r"events\.jsonl:2 is damaged"):
        list(read_events(tmp_path))


def test_two_sessions_of_one_second_get_folders_of_their_own(tmp_path: Path) -> None:
    records = [Record(tmp_path) for _ in range(4)]
    assert len({record.folder for record in records}) == 4
    for record in records:
        record.close("test", 0)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordError, match="cannot record to"):
        Record(tmp_path / "file" / "below")


def test_a_full_disk_is_said() -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    record = Record(None)
    record.folder = Path("/dev")
    with open("/dev/full", "w", buffering=1) as record._file:
        with pytest.raises(RecordError, match="No space left"):
            record.event("notice", text="x" * 10_000)
        os.dup2(os.open(os.devnull, os.O_WRONLY), record._file.fileno())


def test_no_folder_no_record() -> None:
    record = Record(None)
    record.event("notice", text="x")
    assert record.utterance() == "u1"
    record.close("end of input", 0)


def test_nothing_recorded_there(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="cannot read"):
        list(read_events(tmp_path))


def test_every_line_is_json_by_itself(tmp_path: Path) -> None:
    record = Record(tmp_path)
    record.event("notice", text="a\nb\udcff", path=Path("x"))
    assert record.folder
    record._file.close()
    (line,) = (record.folder / EVENTS).read_text().splitlines()
    assert json.loads(line)["text"] == "a\nb\udcff"

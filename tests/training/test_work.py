from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from robot_runtime.errors import SettingsError, TrainingStopped
from toddler_training.kept_lines import kept_lines
from toddler_training.work import Work, do, summary_of


def work(root: Path, step: str, lines: list[str]) -> Work:
    return Work(root, step, tell=lines.append)


def test_a_step_is_done_once_for_the_same_settings_and_inputs(tmp_path: Path) -> None:
    lines: list[str] = []
    calls: list[str] = []

    def run(step: Work) -> dict[str, Any]:
        calls.append(step.step)
        (step.out / "made.txt").write_text("x", "utf-8")
        return {"lines": len(calls)}

    assert do(work(tmp_path, "data", lines), {"age": 24}, (), run)
    assert not do(work(tmp_path, "data", lines), {"age": 24}, (), run)
    assert do(work(tmp_path, "grpo", lines), {}, ("data",), run)
    assert not do(work(tmp_path, "grpo", lines), {}, ("data",), run)
    assert lines[1].startswith("data: done in ") and lines[2] == "data: already there"

    assert do(work(tmp_path, "data", lines), {"age": 30}, (), run)  # other settings
    assert do(work(tmp_path, "grpo", lines), {}, ("data",), run)  # other input
    assert calls == ["data", "grpo", "data", "grpo"]
    summary = summary_of(tmp_path / "data")
    assert summary is not None
    assert (summary["step"], summary["settings"], summary["report"]) == ("data", {"age": 30}, {"lines": 3})
    assert summary["seconds"] >= 0 and summary["peak_memory_mb"] > 0


def test_a_step_that_was_cut_short_finds_what_it_left_unless_its_settings_changed(tmp_path: Path) -> None:
    found: list[bool] = []

    def cut_short(step: Work) -> dict[str, Any]:
        found.append((step.out / "checkpoint").is_file())
        (step.out / "checkpoint").write_text("half", "utf-8")
        raise TrainingStopped("run it again to go on")

    for settings in ({"steps": 5}, {"steps": 5}, {"steps": 6}):
        with pytest.raises(TrainingStopped):
            do(work(tmp_path, "grpo", []), settings, (), cut_short)
    assert found == [False, True, False]
    assert summary_of(tmp_path / "grpo") is None


def test_a_missing_step_is_named_with_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no finished step 'data'.*toddler-robot train data --out"):
        do(work(tmp_path, "grpo", []), {}, ("data",), lambda step: {})
    assert not (tmp_path / "grpo").exists()


def test_a_damaged_summary_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text("{", "utf-8")
    with pytest.raises(SettingsError, match="delete it"):
        summary_of(tmp_path)


def test_what_a_step_made_is_found(tmp_path: Path) -> None:
    do(work(tmp_path, "data", []), {}, (), lambda step: {})
    assert work(tmp_path, "grpo", []).made("data", "pairs.parquet") == tmp_path / "data" / "pairs.parquet"
    assert json.loads((tmp_path / "data" / "summary.json").read_text("utf-8"))["report"] == {}


def test_what_was_made_with_other_settings_is_kept_beside_the_step_and_named(tmp_path: Path) -> None:
    def run(step: Work) -> dict[str, Any]:
        (step.out / "model").write_text(str(settings["grpo"]["steps"]), "utf-8")
        return {}

    lines: list[str] = []
    for steps in (5, 6, 7):
        settings = {"grpo": {"steps": steps, "rank": 8}}
        do(work(tmp_path, "grpo", lines), settings, (), run)
    assert (tmp_path / "grpo.previous" / "model").read_text("utf-8") == "6"
    told = [line for line in lines if "other" in line]
    assert told[1] == (
        f"grpo: other settings.grpo.steps than before; what was made then is in {tmp_path / 'grpo.previous'}"
    )


def test_of_several_processes_the_first_keeps_the_books_and_none_goes_ahead(tmp_path: Path) -> None:
    (tmp_path / "grpo").mkdir()
    (tmp_path / "grpo" / "old").touch()
    barrier = threading.Barrier(2, timeout=30)
    events: list[tuple[str, bool, bool]] = []

    def wait() -> None:
        barrier.wait()

    def process(number: int) -> bool:
        def run(step: Work) -> dict[str, Any]:
            events.append(("run", (step.out / "old").exists(), (step.out / "begun.json").is_file()))
            return {"by": number}

        step = Work(tmp_path, "grpo", tell=lambda line: None, first=number == 0, wait=wait)
        return do(step, {"steps": 5}, (), run)

    for had_to in (True, False):
        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(process, range(2))) == [had_to, had_to]
    assert events == [("run", False, True)] * 2
    summary = summary_of(tmp_path / "grpo")
    assert summary is not None and summary["report"] == {"by": 0}


def test_a_run_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="cannot write into the folder of the run"):
        do(work(tmp_path / "file", "data", []), {}, (), lambda step: {})


def test_a_line_that_was_cut_short_is_dropped_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    assert kept_lines(path) == []
    path.write_text('{"a": 1}\n{"a": 2}\n{"a"', "utf-8")
    assert kept_lines(path) == [{"a": 1}, {"a": 2}]
    assert path.read_text("utf-8") == '{"a": 1}\n{"a": 2}\n'

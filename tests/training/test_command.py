from __future__ import annotations

from pathlib import Path

import pytest

from robot_runtime.cli import main as toddler_robot
from toddler_training.command import main


def test_the_runtime_hands_train_over_whole(capsys: pytest.CaptureFixture[str]) -> None:
    for run, arguments in ((toddler_robot, ["train", "grpo", "--help"]), (main, ["grpo", "--help"])):
        with pytest.raises(SystemExit) as ended:
            run(arguments)
        assert ended.value.code == 0
        assert "usage: toddler-robot train grpo" in capsys.readouterr().out


def test_train_is_listed_among_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        toddler_robot(["--help"])
    assert "train the language model" in capsys.readouterr().out


def test_a_step_without_the_one_before_it_says_which_command_makes_that(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert toddler_robot(["train", "filter", "--out", str(tmp_path / "run")]) == 2
    error = capsys.readouterr().err
    assert "no finished step 'data'" in error and error.count("\n") == 1


def test_two_steps_of_a_run_and_then_nothing_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = tmp_path / "run"
    command = ["train", "data", "--config", "demo-small", "--out", str(run), "--set", "data.samples=20"]
    assert toddler_robot(command) == 0
    assert capsys.readouterr().out.strip() == str(run / "data")
    assert (run / "data" / "pairs.parquet").is_file() and (run / "data" / "plot.png").is_file()
    assert toddler_robot(command) == 0
    assert "data: already there" in capsys.readouterr().err


def test_steps_of_one_process_refuse_several(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    for step, named in (("rewards", "rewards"), ("all", "data")):
        assert toddler_robot(["train", step, "--config", "demo-small", "--out", str(tmp_path / "run")]) == 2
        assert f"the step {named} runs in one process: start it without torchrun" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()

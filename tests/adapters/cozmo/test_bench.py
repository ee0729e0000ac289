"""The benches run, in their shortest form; what they measure is not judged here."""

from __future__ import annotations

import json

import pytest

from robot_runtime.cli import main


def measured(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, dict[str, object]]:
    assert main(["bench", "cozmo", "--json", *options]) == 0
    figures: dict[str, dict[str, object]] = json.loads(capsys.readouterr().out)
    return figures


def test_sound_and_cancel(capsys: pytest.CaptureFixture[str]) -> None:
    figures = measured(capsys, "--only", "sound,cancel", "--rounds", "1")
    assert set(figures) == {"sound", "cancel"}
    assert set(figures["sound"]) == {"speech", "full-scale square wave", "u-law alone"}
    assert figures["cancel"]["next_whole"] == 1


def test_fuzz(capsys: pytest.CaptureFixture[str]) -> None:
    figures = measured(capsys, "--only", "fuzz", "--datagrams", "2000")
    assert figures["fuzz"]["same_session"] is True
    assert figures["fuzz"]["heard_afterwards"] == 1.0


def test_what_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "cozmo", "--only", "wheels"]) == 2
    assert "bench cozmo has no part 'wheels'; there are link, sound" in capsys.readouterr().err
    assert main(["bench", "cozmo", "--rounds", "0"]) == 2
    assert "--rounds must be from 1 to 10000" in capsys.readouterr().err

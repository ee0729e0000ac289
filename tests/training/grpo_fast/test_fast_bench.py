"""`toddler-robot bench grpo`."""

from __future__ import annotations

import argparse
import json

import pytest

from robot_runtime.errors import SettingsError
from toddler_training.bench.command import add_arguments
from toddler_training.bench.grpo import Clock, measure


def options(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(arguments)


@pytest.mark.parametrize("given", ["--steps=0", "--completions=4", "--completions=20"])
def test_what_cannot_be_measured_is_refused(given: str) -> None:
    chosen = options(given)
    with pytest.raises(SettingsError, match=given.partition("=")[0]):
        chosen.run(chosen)


def test_without_a_gpu_there_is_nothing_to_measure_on_one() -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is one")
    with pytest.raises(SettingsError, match="no GPU"):
        measure("fast", "small", "cuda", 1, 8)


def test_the_parts_of_a_step_are_within_it() -> None:
    clock = Clock(lambda: None)
    for _ in range(2):
        clock.begin()
        with clock.part("generate"), clock.part("rewards"):
            pass
        clock.end()
    for step in clock.steps:
        assert 0 < step["rewards"] <= step["generate"] <= step["step"]


@pytest.mark.slow
def test_both_trainers_do_the_same_work(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = options("--steps=1", "--completions=64", "--json")
    assert chosen.run(chosen) == 0
    figures = json.loads(capsys.readouterr().out)
    for name in ("trl", "fast"):
        parts = sum(figures[name][f"{part}_s"] for part in ("generate", "rewards", "train"))
        assert parts == pytest.approx(figures[name]["step_s"], abs=0.01)
        assert 2 < figures[name]["reply_tokens"] < 10
    assert figures["ratio"]["step_s"] > 1

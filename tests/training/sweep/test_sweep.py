from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy
import pytest

from model_fixtures import make_model
from robot_runtime.errors import SettingsError, TrainingStopped
from tiny_run import finish, make_data, make_prompts, make_rewards
from toddler_training.base.settings import BaseSettings
from toddler_training.config import TrainingConfig
from toddler_training.evaluate.bootstrap import resamples
from toddler_training.grpo.settings import GrpoSettings
from toddler_training.sweep.cell import REWARDS, Cell
from toddler_training.sweep.observations import observations, settled_at
from toddler_training.sweep.plot import pareto
from toddler_training.sweep.settings import SweepSettings, Weights
from toddler_training.sweep.step import CARD, run
from toddler_training.work import Work

GRID = SweepSettings(childish="1", coherence="0,0.2", length="0,0.5", steps=2, completions=8, prompts=4, draws=100)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    run_folder = tmp_path / "run"
    for make in (make_data, make_rewards, make_prompts):
        make(run_folder)
    finish(run_folder, "sft")
    (run_folder / "sweep").mkdir()
    return run_folder


def config(tmp_path: Path) -> TrainingConfig:
    folder = tmp_path / "hf"
    if not folder.exists():
        make_model(folder)
    return TrainingConfig(
        base=BaseSettings(model=str(folder), prompt_format="chatml", precision="fp32", seed=5, system=""),
        grpo=GrpoSettings(completions=8, generations=4, max_reply_tokens=6, lora_rank=4, lora_alpha=4),
        sweep=GRID,
    )


def test_a_sweep_is_resumed_by_cells_and_says_what_it_shows(root: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    settings = config(tmp_path)

    def stop() -> bool:
        return any("cell 2 of 4" in line for line in lines)

    with pytest.raises(TrainingStopped, match="2 of 4 cells"):
        run(Work(root, "sweep", tell=lines.append, stop=stop), settings)
    done = {path: path.stat().st_mtime_ns for path in (root / "sweep").glob("*/cell.json")}
    assert len(done) == 2

    lines.clear()
    table = run(Work(root, "sweep", tell=lines.append), settings)
    assert {path: path.stat().st_mtime_ns for path in done} == done
    assert json.loads((root / "sweep" / "table.json").read_text("utf-8")) == table
    assert (root / "sweep" / "plot.png").read_bytes().startswith(b"\x89PNG")
    assert [cell["name"] for cell in table["cells"]] == [
        "base",
        "1 / 0 / 0",
        "1 / 0 / 0.5",
        "1 / 0.2 / 0",
        "1 / 0.2 / 0.5",
    ]
    assert all(0 <= cell[name]["low"] <= cell[name]["high"] <= 1 for cell in table["cells"] for name in REWARDS)
    assert table["cells"][0]["against_base"] is None
    assert any(cell["unbeaten"] for cell in table["cells"])
    assert [each["shows"] is None for each in table["observations"]] == [False, True, False]
    assert "Cannot be seen here: no cell with more of RM-2." in lines[-2]
    assert not list((root / "sweep").glob("*/checkpoint-*"))


def cell(weights: Weights, childish: float, coherence: float, length: float, course: list[float] | None = None) -> Cell:
    rng = numpy.random.default_rng(1)
    scores = {
        name: list(numpy.clip(rng.normal(level, 0.1, 80), 0, 1))
        for name, level in zip(REWARDS, (childish, coherence, length), strict=True)
    }
    rising = list(numpy.linspace(0.3, childish, 100) + rng.normal(0, 0.01, 100))
    courses = {"childish": rising, "coherence": [0.5] * 100, "length": course or rising}
    return Cell(weights, scores, ["no"] * 80, courses)


BASE = cell((0, 0, 0), 0.3, 0.5, 0.6)
EARLY = [min(0.97, 0.6 + 0.02 * step) for step in range(100)]


def test_the_three_observations_where_they_show() -> None:
    cells = [cell(CARD, 0.7, 0.6, 0.97, EARLY), cell((1, 0, 0), 0.9, 0.2, 0.5), cell((1, 4, 0.5), 0.4, 0.8, 0.9)]
    found = observations(cells, BASE, CARD, resamples(80, 500, 1))
    assert json.loads(json.dumps(found)) == found
    assert [each["shows"] for each in found] == [True, True, True]
    assert "coherence is 0.188" in found[0]["text"] and "p 0.00" in found[0]["text"]
    assert "length settles at step" in found[2]["text"] and "coherence does not rise" in found[2]["text"]


def test_the_three_observations_where_they_do_not_show() -> None:
    cells = [cell(CARD, 0.7, 0.6, 0.7), cell((1, 0, 0), 0.9, 0.6, 0.5), cell((1, 4, 0.5), 0.7, 0.8, 0.9)]
    found = observations(cells, BASE, CARD, resamples(80, 500, 1))
    assert [each["shows"] for each in found] == [False, False, False]
    assert all(each["text"].startswith("Does not show") for each in found)
    assert [each["shows"] for each in observations(cells[1:], BASE, CARD, resamples(80, 100, 1))] == [None] * 3


def test_when_a_reward_has_settled() -> None:
    rng = numpy.random.default_rng(2)
    quick = [min(1.0, step / 20) for step in range(100)]
    assert settled_at(quick) == pytest.approx(24, abs=3)
    assert settled_at(list(rng.normal(0.5, 0.1, 100))) is None
    assert settled_at([0.1, 0.9]) is None


def test_the_unbeaten_cells() -> None:
    assert pareto([(0.1, 0.9), (0.5, 0.5), (0.4, 0.4), (0.9, 0.1), (0.5, 0.4)]) == [0, 1, 3]
    assert pareto([(0.5, 0.5), (0.5, 0.5)]) == [0, 1]


def test_the_cells() -> None:
    assert SweepSettings(childish="0,1", coherence="0", length="0, 0.5").combinations() == [
        (0, 0, 0.5),
        (1, 0, 0),
        (1, 0, 0.5),
    ]
    assert CARD in SweepSettings().combinations()
    assert SweepSettings(cells="1/0/0, 1/0.2/0.5, 1/0/0").combinations() == [(1, 0, 0), CARD]
    for wrong in (
        {"coherence": "0,x"},
        {"childish": "-1"},
        {"childish": "0", "coherence": "0", "length": "0"},
        {"cells": "1/0"},
        {"cells": "0/0/0"},
        {"steps": 0},
    ):
        with pytest.raises(SettingsError):
            replace(GRID, **wrong)

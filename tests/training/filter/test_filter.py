"""From caregiver lines to prompts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from model_fixtures import make_model
from robot_runtime.errors import SettingsError
from toddler_training.base.base import load_tokenizer
from toddler_training.base.prompting import Prompter
from toddler_training.config import TrainingConfig, load_config
from toddler_training.filter.step import Line, clearest, distinct_lines
from toddler_training.rewards.reward import LearnedReward, Reading
from toddler_training.rewards.scorer import new_bert, new_tokenizer
from toddler_training.steps import run_step


class Longer:
    """Finds longer lines clearer."""

    name = "clarity"

    def score(self, caregivers: Sequence[str], replies: Sequence[str]) -> list[float]:
        return [len(line) / 100 for line in caregivers]


def test_lines_are_distinct_and_none_is_a_test_child_s() -> None:
    lines = [
        Line("Where is it ?", "train"),
        Line("where  is it ?", "train"),
        Line("what is that ?", "train"),
        Line("What is that ?", "test"),
        Line("look .", "train"),
        Line("look .", "validation"),
    ]
    kept, dropped = distinct_lines(lines)
    assert kept == [Line("Where is it ?", "train"), Line("look .", "validation")]
    assert dropped == {"said before": 2, "said to a test child": 2}


def test_the_clearest_share_of_each_split() -> None:
    lines = [Line("a" * size, split) for split, most in (("train", 20), ("validation", 5)) for size in range(1, most)]
    prompts, dropped = clearest(lines, [len(line.text) for line in lines], Longer(), 0.2, 10)
    assert [(prompt.split, prompt.tokens) for prompt in prompts] == [
        ("train", 10),
        ("train", 9),
        ("validation", 4),
    ]
    assert prompts[0].clarity == 0.1
    assert dropped == {"longer than 10 tokens": 9, "less clear": 11}


def run_with(root: Path, base: Path, *changes: str) -> None:
    run_step("filter", root, config(base, *changes), tell=lambda line: None)


def config(base: Path, *changes: str) -> TrainingConfig:
    return load_config("card", [f"base.model={base}", "base.prompt_format=chatml", "base.system=", *changes])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A run with finished steps before, and a base."""
    root, base = tmp_path_factory.mktemp("run"), make_model(tmp_path_factory.mktemp("base") / "hf")
    things = ("ball", "dog", "cup", "hat", "car", "cow", "pig", "box", "bed", "tree")
    lines = [(f"where is the {thing} ?", "train") for thing in things]
    lines += [(f"do you want the {thing} ?", "validation") for thing in things]
    lines += [("who is that ?", "test"), ("and then " * 200, "train"), (lines[0][0], "train")]
    for step in ("data", "rewards"):
        (root / step).mkdir()
        (root / step / "summary.json").write_text('{"settings": {}, "inputs": {}, "report": {}}')
    table = {"caregiver": [text for text, _ in lines], "split": [split for _, split in lines]}
    parquet.write_table(pa.table(table), root / "data" / "pairs.parquet")
    tokenizer = new_tokenizer(table["caregiver"], 100)
    clarity = LearnedReward("clarity", new_bert(tokenizer, 16, 1, 2, 0.0), tokenizer, Reading("caregiver", 32))
    clarity.save(root / "rewards" / "clarity")
    return root, base


def test_the_step(made: tuple[Path, Path]) -> None:
    root, base = made
    run_with(root, base, "filter.share=0.5")
    rows = parquet.read_table(root / "filter" / "prompts.parquet").to_pylist()
    assert [row["split"] for row in rows] == ["train"] * 5 + ["validation"] * 5
    prompter = Prompter(load_tokenizer(base), "chatml", "")
    for row in rows:
        assert row["tokens"] == len(prompter.prompt_ids(row["prompt"])) <= 96
        assert 0 < row["clarity"] < 1
    for split in ("train", "validation"):
        scores = [row["clarity"] for row in rows if row["split"] == split]
        assert scores == sorted(scores, reverse=True)
    report = json.loads((root / "filter" / "summary.json").read_text())["report"]
    assert report["dropped"] == {
        "said before": 1,
        "said to a test child": 1,
        "longer than 96 tokens": 1,
        "less clear": 10,
    }
    assert report["lines"] == 23 == sum(report["prompts"].values()) + sum(report["dropped"].values())
    assert (root / "filter" / "plot.png").stat().st_size > 1000


def test_no_prompt_is_an_error(made: tuple[Path, Path]) -> None:
    root, base = made
    with pytest.raises(SettingsError, match=r"no prompt is left .*filter\.max_tokens"):
        run_with(root, base, "filter.max_tokens=3")


@pytest.mark.parametrize("change", ["filter.share=0", "filter.share=1.5", "filter.max_tokens=0"])
def test_impossible_settings(change: str) -> None:
    with pytest.raises(SettingsError, match=r"\[filter\]"):
        load_config("card", [change])

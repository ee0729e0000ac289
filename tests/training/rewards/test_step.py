"""The step as it is run, on made-up transcripts."""

from __future__ import annotations

import json
import shutil
import statistics
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest

from robot_runtime.errors import SettingsError, TrainingStopped
from toddler_training.config import TrainingConfig, load_config
from toddler_training.rewards.reward import load_rewards
from toddler_training.steps import run_step

TINY = (
    "data.samples=40",
    "rewards.base=scratch",
    "rewards.hidden=32",
    "rewards.layers=1",
    "rewards.heads=2",
    "rewards.vocabulary=400",
    "rewards.childish_batch=32",
    "rewards.coherence_batch=32",
    "rewards.clarity_batch=32",
    "rewards.learning_rate=0.003",
    "rewards.evaluate_every=60",
    "rewards.max_steps=60",
    "rewards.precision=fp32",
    "rewards.childish_labels=published",
    "rewards.length=fitted",
)


def config(*changes: str) -> TrainingConfig:
    return load_config("card", [*TINY, *changes])


def quiet(_line: str) -> None:
    pass


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("run")
    run_step("data", root, config(), tell=quiet)
    run_step("rewards", root, config(), tell=quiet)
    return root


def report(root: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((root / "rewards" / "summary.json").read_text())["report"]
    return content


def test_everything_is_made(made: Path) -> None:
    folder = made / "rewards"
    rewards = load_rewards(folder)
    assert rewards.keys() == {"childish", "coherence", "clarity", "length"}
    for name in ("childish", "coherence", "clarity"):
        files = {path.name for path in (folder / name).iterdir()}
        wanted = {"model.safetensors", "config.json", "tokenizer.json", "reward.json", "metrics.json", "README.md"}
        assert files == wanted | {"calibration.png"}
        card = (folder / name / "README.md").read_text()
        assert "CC BY-NC-SA" in card and "| Sample/" in card
        assert report(made)[name]["test"]["examples"] > 0
    assert (folder / "plot.png").stat().st_size > 1000
    assert not list(folder.rglob("checkpoint*"))
    assert all(0 <= score <= 1 for score in rewards["coherence"].score(["a ball?"] * 2, ["yes", "no ball"]))


def test_rewards_learn_something(made: Path) -> None:
    lines = parquet.read_table(made / "data" / "pairs.parquet").column("caregiver").to_pylist()
    questions = [line for line in lines if len(line.split()) > 4]
    clear, cut = (
        statistics.fmean(load_rewards(made / "rewards")["clarity"].score(texts, [""] * len(texts)))
        for texts in (questions, [" ".join(line.split()[1:3]) for line in questions])
    )
    assert clear > cut
    said = parquet.read_table(made / "data" / "utterances.parquet").to_pylist()
    said = [row for row in said if row["role"] == "Target_Child"]
    childish = load_rewards(made / "rewards")["childish"]
    young, old = (
        statistics.fmean(childish.score([""] * len(texts), texts))
        for texts in (
            [row["text"] for row in said if row["age_months"] < 24],
            [row["text"] for row in said if row["age_months"] >= 36],
        )
    )
    assert young > old + 0.05


def test_scores_and_contrast_are_both_learnt_from(made: Path) -> None:
    assert report(made)["coherence"]["validation"]["sources"].keys() > {"scored", "true", "shuffled"}


def test_the_length_is_fitted(made: Path) -> None:
    length = json.loads((made / "rewards" / "length.json").read_text())
    assert length.keys() == {"median", "left_variance", "right_variance", "temperature", "utterances", "source"}
    assert length["utterances"] > 50 and "fitted" in length["source"]


def test_held_out_children_are_the_data_s(made: Path) -> None:
    splits = json.loads((made / "data" / "summary.json").read_text())["report"]["split_of_children"]
    metrics = json.loads((made / "rewards" / "coherence" / "metrics.json").read_text())
    for split in ("validation", "test"):
        assert metrics[split]["children"].keys() <= {child for child, side in splits.items() if side == split}


def test_a_stopped_step_goes_on(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "data", tmp_path / "data")
    asked = iter(range(1000))
    told: list[str] = []
    with pytest.raises(TrainingStopped):
        run_step("rewards", tmp_path, config(), tell=told.append, stop=lambda: next(asked) == 74)
    assert (tmp_path / "rewards" / "childish" / "metrics.json").is_file()
    assert (tmp_path / "rewards" / "coherence" / "checkpoint.pt").is_file()
    run_step("rewards", tmp_path, config(), tell=told.append)
    assert report(tmp_path) == report(made)


def test_finished_models_are_taken_over(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "data", tmp_path / "data")
    given = made / "rewards" / "coherence"
    changes = ("rewards.labels=contrast", "rewards.length=published", f"rewards.coherence_model={given}")
    run_step("rewards", tmp_path, config(*changes), tell=quiet)
    found = report(tmp_path)
    assert found["coherence"]["model"] == str(given) and found["coherence"]["test"]["against"]
    assert "base" in found["childish"]
    assert json.loads((tmp_path / "rewards" / "length.json").read_text())["utterances"] == 3500
    reading = json.loads((tmp_path / "rewards" / "coherence" / "reward.json").read_text())
    assert 0 <= reading["low"] < reading["high"] <= 1 and reading["reads"] == "both"


def test_coherence_by_match(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "data", tmp_path / "data")
    given = [f"rewards.{name}_model={made / 'rewards' / name}" for name in ("childish", "clarity")]
    start = ("rewards.coherence_base=toddler-nursery", "rewards.coherence_layers=1", "rewards.max_steps=3")
    changes = ("rewards.coherence_form=match", *start)
    run_step("rewards", tmp_path, config(*given, *changes), tell=quiet)
    assert report(tmp_path)["coherence"]["architecture"] == "Match"
    assert "toddler-nursery" in (tmp_path / "rewards" / "coherence" / "README.md").read_text()
    scores = load_rewards(tmp_path / "rewards")["coherence"].score(["a ball?"] * 2, ["yes", "no ball"])
    assert all(0 <= score <= 1 for score in scores) and scores[0] != scores[1]
    data = report(tmp_path)["coherence"]["data"]
    assert data["train"]["children"] < data["test"]["children"]  # scored exchanges are all held out
    with pytest.raises(SettingsError, match="true exchanges"):
        config("rewards.coherence_form=match", "rewards.labels=scored")

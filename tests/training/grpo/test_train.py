"""Training by rewards on a model small enough for a test."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from model_fixtures import make_model
from robot_runtime.check.length import SplitGaussian
from robot_runtime.errors import SettingsError, ToddlerRobotError, TrainingStopped
from toddler_training.base.settings import BaseSettings
from toddler_training.grpo.settings import GrpoSettings
from toddler_training.grpo.train import Prompts, train_grpo
from toddler_training.grpo.watch import read_log
from toddler_training.rewards.reward import LengthReward, Reward


class Vowels:
    """Rewards the share of vowels: something that a model of random weights can learn."""

    name = "childish"

    def score(self, caregivers: Sequence[str], replies: Sequence[str]) -> list[float]:
        return [sum(char in "aeiou" for char in reply) / max(1, len(reply)) for reply in replies]


class Constant:
    """Is content with everything, to one degree."""

    name = "coherence"

    def __init__(self, value: float) -> None:
        self._value = value

    def score(self, caregivers: Sequence[str], replies: Sequence[str]) -> list[float]:
        return [self._value for _ in replies]


REWARDS: dict[str, Reward] = {
    "childish": Vowels(),
    "coherence": Constant(0.5),
    "length": LengthReward(SplitGaussian()),
}
PROMPTS = Prompts(
    train=[f"Where is the {thing}?" for thing in ("ball", "dog", "car", "bag", "juice", "bear", "cup", "hat")],
    validation=[f"Do you want the {thing}?" for thing in ("ball", "dog", "car", "bag")],
)
BASE = BaseSettings(prompt_format="chatml", precision="fp32", seed=5, system="")
SETTINGS = GrpoSettings(
    steps=6,
    completions=16,
    generations=4,
    max_reply_tokens=8,
    learning_rate=1e-2,
    lora_rank=4,
    lora_alpha=4,
    save_every=3,
    held_out_prompts=4,
    max_clipped=1.0,
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("base") / "hf")


def course(out: Path) -> list[dict[str, object]]:
    return read_log(out / "log.jsonl")


def test_a_whole_run(model: Path, tmp_path: Path) -> None:
    told: list[str] = []
    report = train_grpo(model, PROMPTS, REWARDS, BASE, SETTINGS, tmp_path, tell=told.append)
    assert report["steps"] == 6
    assert report["best_step"] in (3, 6)
    assert report["collapse"] is None
    assert report["parameters"]["trained"] < report["parameters"]["total"]
    assert sorted(path.name for path in (tmp_path / "best").iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
    ]
    assert json.loads((tmp_path / "base.json").read_text()) == {"folder": str(model)}
    lines = course(tmp_path)
    assert [line["step"] for line in lines if "held_out" not in line] == [1, 2, 3, 4, 5, 6]
    assert [line["step"] for line in lines if "held_out" in line] == [0, 3, 6]
    wanted = {"loss", "reward", "childish", "coherence", "length", "copying", "repeated", "commonest", "baby_words"}
    assert wanted | {"non_words", "non_english", "clipped", "kl", "grad_norm", "learning_rate"} <= lines[1].keys()
    assert len(told) == 3
    scores = {line["step"]: line["held_out"]["reward"] for line in lines if "held_out" in line}  # type: ignore[index]
    assert report["held_out"]["best"]["reward"] == max(scores[3], scores[6])


def test_resuming_changes_nothing(model: Path, tmp_path: Path) -> None:
    train_grpo(model, PROMPTS, REWARDS, BASE, SETTINGS, tmp_path / "whole")
    asked = iter([False] * 3 + [True] * 9)
    with pytest.raises(TrainingStopped, match="after 4 steps"):
        train_grpo(model, PROMPTS, REWARDS, BASE, SETTINGS, tmp_path / "cut", stop=lambda: next(asked))
    train_grpo(model, PROMPTS, REWARDS, BASE, SETTINGS, tmp_path / "cut")
    whole, cut = course(tmp_path / "whole"), course(tmp_path / "cut")
    assert len(cut) == len(whole)
    for line, other in zip(whole, cut, strict=True):
        assert other.get("held_out", other) == pytest.approx(line.get("held_out", line), abs=1e-5)


def test_a_done_training_is_not_done_again(model: Path, tmp_path: Path) -> None:
    report = train_grpo(model, PROMPTS, REWARDS, BASE, SETTINGS, tmp_path)
    lines = course(tmp_path)
    assert train_grpo(model, PROMPTS, REWARDS, BASE, SETTINGS, tmp_path) == report
    assert course(tmp_path) == lines


def test_the_rewards_rise(model: Path, tmp_path: Path) -> None:
    settings = dataclasses.replace(
        SETTINGS, steps=30, save_every=30, completions=64, generations=8, max_commonest=1.0, beta=0.0, patience=99
    )
    report = train_grpo(model, PROMPTS, REWARDS, BASE, settings, tmp_path)
    before, best = report["held_out"]["before"], report["held_out"]["best"]
    assert best["childish"] > before["childish"] + 0.1


def test_a_collapse_ends_it_and_the_last_good_checkpoint_stays(model: Path, tmp_path: Path) -> None:
    incoherent = REWARDS | {"coherence": Constant(0.05)}
    settings = dataclasses.replace(SETTINGS, save_every=2, patience=3, steps=9)
    told: list[str] = []
    report = train_grpo(model, PROMPTS, incoherent, BASE, settings, tmp_path, tell=told.append)
    assert report["steps"] == 3
    assert report["best_step"] == 2
    assert "coherence stays below 0.1" in report["collapse"]
    assert "coherence" in told[-1]
    assert (tmp_path / "best" / "adapter_model.safetensors").is_file()
    with pytest.raises(ToddlerRobotError, match="before its first checkpoint"):
        train_grpo(model, PROMPTS, incoherent, BASE, dataclasses.replace(settings, patience=1), tmp_path / "early")


def test_what_does_not_fit_is_said(model: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="multiple of generations"):
        dataclasses.replace(SETTINGS, completions=18)
    with pytest.raises(SettingsError, match="no prompts"):
        train_grpo(model, Prompts([], []), REWARDS, BASE, SETTINGS, tmp_path)
    with pytest.raises(SettingsError, match="pip install 'trl"):
        train_grpo(model, PROMPTS, REWARDS, BASE, dataclasses.replace(SETTINGS, use_vllm=True), tmp_path)
    with pytest.raises(SettingsError, match="'length' is missing"):
        some = {name: REWARDS[name] for name in ("childish", "coherence")}
        train_grpo(model, PROMPTS, some, BASE, SETTINGS, tmp_path)

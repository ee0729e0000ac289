"""Supervised fine-tuning on a model small enough for a test."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
import torch

from model_fixtures import make_model
from robot_runtime.errors import SettingsError, TrainingStopped
from robot_runtime.model_store.safetensors_file import stored_tensors
from toddler_training.base.base import load_model
from toddler_training.base.settings import BaseSettings
from toddler_training.config import TrainingConfig
from toddler_training.sft.settings import SftSettings
from toddler_training.sft.train import collate, train_sft
from toddler_training.steps import run_step

PAIRS = [(f"Where is the {thing}?", f"{thing} in the car.") for thing in ("ball", "dog", "bag", "bear", "cup")] * 4
BASE = BaseSettings(prompt_format="chatml", precision="fp32", seed=5, system="")
SETTINGS = SftSettings(enabled=True, steps=12, batch=8, learning_rate=1e-2, lora_rank=8, save_every=4)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("base") / "hf")


@pytest.mark.parametrize("rank", [8, 0])
def test_replies_become_likelier(model: Path, tmp_path: Path, rank: int) -> None:
    settings = dataclasses.replace(SETTINGS, lora_rank=rank, longest=40)
    too_long = [("word " * 50, "no")]
    report = train_sft(model, PAIRS + too_long, PAIRS[:5], BASE, settings, tmp_path)
    assert list(report["losses"]) == ["0", "4", "8", "12"]
    assert report["losses"]["12"] < report["losses"]["0"] - 0.5
    assert (report["pairs"], report["too_long"], report["steps"]) == (20, 1, 12)
    assert (tmp_path / "model" / "tokenizer.json").read_bytes() == (model / "tokenizer.json").read_bytes()
    load_model(tmp_path / "model")


def test_resuming_changes_nothing(model: Path, tmp_path: Path) -> None:
    whole = train_sft(model, PAIRS, PAIRS[:5], BASE, SETTINGS, tmp_path / "whole")
    asked = iter([False] * 5 + [True] * 9)
    with pytest.raises(TrainingStopped, match="after 6 steps"):
        train_sft(model, PAIRS, PAIRS[:5], BASE, SETTINGS, tmp_path / "cut", stop=lambda: next(asked))
    assert train_sft(model, PAIRS, PAIRS[:5], BASE, SETTINGS, tmp_path / "cut") == whole
    first, second = (
        {tensor.name: tensor.read() for tensor in stored_tensors(tmp_path / name / "model" / "model.safetensors")}
        for name in ("whole", "cut")
    )
    assert all(abs(first[name] - second[name]).max() < 1e-5 for name in first)


def test_only_replies_are_learnt() -> None:
    batch = collate([([5, 6, 7], [8, 9]), ([4], [3])])
    assert batch["input_ids"].tolist() == [[5, 6, 7, 8, 9], [4, 3, 0, 0, 0]]
    assert batch["labels"].tolist() == [[-100, -100, -100, 8, 9], [-100, 3, -100, -100, -100]]
    assert torch.equal(batch["attention_mask"].sum(1), torch.tensor([5, 2]))


def test_no_pairs(model: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no pairs"):
        train_sft(model, [], [], BASE, SETTINGS, tmp_path)


def test_the_step(model: Path, tmp_path: Path) -> None:
    rows = [{"caregiver": a, "child_reply": c, "split": "train"} for a, c in PAIRS]
    rows += [row | {"split": "validation"} for row in rows[:5]]
    (tmp_path / "data").mkdir()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "data" / "pairs.parquet")
    (tmp_path / "data" / "summary.json").write_text("{}")
    base = dataclasses.replace(BASE, model=str(model))
    run_step("sft", tmp_path, TrainingConfig(base=base))
    assert not (tmp_path / "sft" / "model").exists()
    run_step("sft", tmp_path, TrainingConfig(base=base, sft=SETTINGS))
    assert (tmp_path / "sft" / "plot.png").is_file()
    assert (tmp_path / "sft" / "model" / "model.safetensors").is_file()

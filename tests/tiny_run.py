"""A run of the training whose early steps are made by the tests: few pairs of our own words, tiny reward models."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow
import torch
from pyarrow import parquet

from toddler_training.rewards.fit import Budget
from toddler_training.rewards.reward import LearnedReward, Reading
from toddler_training.rewards.scorer import new_bert, new_tokenizer

PAIRS = (
    ("do you want some milk?", "yeah milk."),
    ("what does the dog say?", "woof woof."),
    ("where is your teddy?", "teddy in bed."),
    ("what are you eating?", "me eat apple."),
    ("are you tired?", "no."),
    ("who is at the door?", "daddy."),
    ("what color is the ball?", "ball red."),
    ("did you go to the park?", "we goed on the swing."),
    ("shall we read a book?", "book about trucks."),
    ("is that your hat?", "I don't know."),
)
"""A caregiver's line and a child's reply."""

READS = {"childish": "reply", "coherence": "both", "clarity": "caregiver"}


def tiny_budget(**changes: object) -> Budget:
    """Enough for a tiny classifier to learn a few dozen examples by heart."""
    usual: dict[str, object] = {"epochs": 24, "batch": 8, "max_steps": 0, "learning_rate": 5e-3, "warm_up": 0.1}
    usual |= {"weight_decay": 0.01, "evaluate_every": 5, "patience": 99, "precision": "fp32", "seed": 1}
    return Budget(**(usual | changes))  # type: ignore[arg-type]


def finish(root: Path, step: str) -> Path:
    """Mark a step as done."""
    (root / step).mkdir(parents=True, exist_ok=True)
    (root / step / "summary.json").write_text(json.dumps({"step": step, "report": {}}), encoding="utf-8")
    return root / step


def make_data(root: Path, splits: Sequence[str] = ("train", "test")) -> None:
    """What the step `data` leaves: the pairs, in turns of these splits."""
    rows = [
        {"caregiver": caregiver, "child_reply": reply, "child": f"Made/{split}", "split": split}
        for number, (caregiver, reply) in enumerate(PAIRS)
        for split in (splits[number % len(splits)],)
    ]
    parquet.write_table(pyarrow.Table.from_pylist(rows), finish(root, "data") / "pairs.parquet")


def make_rewards(root: Path) -> None:
    """What the step `rewards` leaves: models with random weights."""
    folder = finish(root, "rewards")
    torch.manual_seed(0)
    for name, reads in READS.items():
        tokenizer = new_tokenizer([text for pair in PAIRS for text in pair], 200)
        LearnedReward(name, new_bert(tokenizer, 16, 1, 2, 0.0), tokenizer, Reading(reads, 32)).save(folder / name)
    shape = {"median": 2.0, "left_variance": 0.68, "right_variance": 10.31, "temperature": 4.0}
    (folder / "length.json").write_text(json.dumps(shape), encoding="utf-8")


def make_prompts(root: Path) -> None:
    """What the step `filter` leaves."""
    rows = [
        {"prompt": caregiver, "split": "validation" if number % 2 else "train"}
        for number, (caregiver, _) in enumerate(PAIRS)
    ]
    parquet.write_table(pyarrow.Table.from_pylist(rows), finish(root, "filter") / "prompts.parquet")

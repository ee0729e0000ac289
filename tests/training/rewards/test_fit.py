"""The training of a classifier on what a tiny one can learn: whether a text names an animal."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest
import torch

from robot_runtime.errors import TrainingStopped
from tiny_run import tiny_budget
from toddler_training.rewards.fit import Encodings, Training
from toddler_training.rewards.scorer import new_bert, new_tokenizer

WORDS = ("cow", "dog", "pig", "cup", "hat", "box")
TEXTS = [" ".join(words) for words in itertools.product(("big", "my", "the"), WORDS, ("here", "gone", "red"))]
TOKENIZER = new_tokenizer(TEXTS, 100)
BUDGET = tiny_budget()


def encodings(texts: list[str]) -> Encodings:
    labels = [0.9 if any(animal in text for animal in WORDS[:3]) else 0.1 for text in texts]
    return Encodings([(item.ids, item.type_ids) for item in TOKENIZER.encode_batch(texts)], labels)


def training(**changes: object) -> Training:
    torch.manual_seed(0)
    mixed = random.Random(1).sample(TEXTS, len(TEXTS))
    return Training(
        new_bert(TOKENIZER, 16, 1, 2, 0.1), encodings(mixed[:40]), encodings(mixed[40:]), tiny_budget(**changes)
    )


def never() -> bool:
    return False


def test_it_learns_soft_labels(tmp_path: Path) -> None:
    learning = training()
    learning.run(tmp_path, never, iter)
    floor = torch.nn.functional.binary_cross_entropy(torch.tensor([0.9]), torch.tensor([0.9])).item()
    assert learning.history[0]["held_out_loss"] > 0.6
    assert min(look["held_out_loss"] for look in learning.history) < floor + 0.1
    assert learning.step == 120


def test_the_best_model_remains_and_no_progress_ends_it(tmp_path: Path) -> None:
    learning = training(learning_rate=0.3, patience=2)
    learning.run(tmp_path, never, iter)
    assert learning.step < 120
    assert learning.step == learning.best_step + 2 * BUDGET.evaluate_every
    best = min(look["held_out_loss"] for look in learning.history)
    assert learning._held_out_loss() == pytest.approx(best, abs=1e-6)


def test_a_stopped_training_goes_on_as_if_nothing_had_been(tmp_path: Path) -> None:
    whole, first, second = training(), training(), training()
    whole.run(tmp_path / "whole", never, iter)
    asked = iter(range(1, 100))
    with pytest.raises(TrainingStopped, match="step 13"):
        first.run(tmp_path / "parts", lambda: next(asked) == 13, iter)
    second.run(tmp_path / "parts", never, iter)
    assert second.history == whole.history
    for one, other in zip(whole.model.parameters(), second.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_finished_training_is_not_done_again(tmp_path: Path) -> None:
    done, again = training(max_steps=5), training(max_steps=5)
    done.run(tmp_path, never, iter)
    again.run(tmp_path, lambda: True, iter)
    assert again.history == done.history


def test_bf16(tmp_path: Path) -> None:
    learning = training(precision="bf16", max_steps=10)
    learning.run(tmp_path, never, iter)
    assert learning.history[-1]["held_out_loss"] < 0.75
    assert all(parameter.dtype == torch.float32 for parameter in learning.model.parameters())

"""What is seen of a training: monitors, log, guards."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from toddler_training.grpo.monitors import MONITORS
from toddler_training.grpo.settings import GrpoSettings
from toddler_training.grpo.train import in_order, last_checkpoint
from toddler_training.grpo.watch import Guards, Log, plain_names, read_log

LINES = ["do you want the big red ball?", "where is the dog?", "what is this?", "more juice?"]
REPLIES = ["want the big red ball", "dat way", "dat way", "mommy blorp größe"]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("copying", [1.0, 0.0, 0.0, 0.0]),
        ("repeated", [0.0, 1.0, 1.0, 0.0]),
        ("commonest", [0.5] * 4),
        ("baby_words", [0.0, 0.0, 0.0, 1 / 3]),
        ("non_english", [0.0, 0.0, 0.0, 2 / 15]),
        ("empty", [0.0] * 4),
    ],
)
def test_monitors(name: str, wanted: list[float]) -> None:
    assert MONITORS[name](LINES, REPLIES) == pytest.approx(wanted)


def test_words_that_nobody_knows() -> None:
    assert MONITORS["non_words"](["say blorp"], ["blorp"]) == [0.0]
    assert MONITORS["non_words"](["say it", "hi"], ["blorp", ""]) == [1.0, 0.0]
    assert MONITORS["empty"](["hi"], [" ?!"]) == [1.0]


def test_names_of_the_log() -> None:
    logs = {"rewards/childish/mean": 0.5, "rewards/childish/std": 0.1, "completions/clipped_ratio": 0.2, "epoch": 1.0}
    assert plain_names(logs | {"kl": None}) == {"childish": 0.5, "childish_std": 0.1, "clipped": 0.2, "kl": None}


def test_a_log_goes_on_after_the_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"step": 1}\n{"step": 2}\n{"step": 3}\n{"st')
    Log(path, 2).write({"step": 3, "loss": 0.5})
    assert read_log(path) == [{"step": 1}, {"step": 2}, {"step": 3, "loss": 0.5}]
    Log(path, 0)
    assert read_log(path) == []


GOOD = {"loss": 0.0, "reward": 1.0, "commonest": 0.1, "clipped": 0.1, "coherence": 0.5, "kl": 0.1}


@pytest.mark.parametrize(
    ("numbers", "word"),
    [
        ({"commonest": 0.95}, "one and the same"),
        ({"clipped": 1.0}, "no longer ends"),
        ({"coherence": 0.05}, "coherence"),
        ({"kl": 7.0}, "KL"),
    ],
)
def test_guards_need_patience(numbers: dict[str, float], word: str) -> None:
    guards = Guards(GrpoSettings(patience=3))
    for _ in range(2):
        assert guards.verdict(GOOD | numbers) is None
    assert guards.verdict(GOOD) is None
    for _ in range(2):
        assert guards.verdict(GOOD | numbers) is None
    assert word in str(guards.verdict(GOOD | numbers))


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("name", ["loss", "grad_norm"])
def test_what_is_no_number_ends_it_at_once(name: str, value: float) -> None:
    assert "no number" in str(Guards(GrpoSettings()).verdict(GOOD | {name: value}))


def test_prompts_come_in_rounds() -> None:
    ordered = in_order(["a", "b", "c"], 8, seed=1)
    assert len(ordered) == 8
    assert sorted(ordered[:3]) == sorted(ordered[3:6]) == ["a", "b", "c"]
    assert in_order(["a", "b", "c"], 5, seed=1) == ordered[:5]


def test_a_checkpoint_that_was_cut_off_does_not_count(tmp_path: Path) -> None:
    for step in (5, 10, 100):
        (tmp_path / f"checkpoint-{step}").mkdir()
    assert last_checkpoint(tmp_path) is None
    for step in (5, 10):
        (tmp_path / f"checkpoint-{step}" / "trainer_state.json").touch()
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-10"

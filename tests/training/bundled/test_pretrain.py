from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from robot_runtime.errors import SettingsError
from toddler_training.bundled.learner import Learner
from toddler_training.bundled.muon import orthogonal
from toddler_training.bundled.packing import Rows, Turns, conversations, mark_dialogues, pack
from toddler_training.bundled.pretrain import CHECKPOINT, Budget, Pauses, pretrain, rate
from toddler_training.bundled.settings import TrainSettings
from toddler_training.bundled.shape import ModelShape, parameter_count
from toddler_training.bundled.tokenizer import ADULT, CHILD, END, START, padded_vocabulary, train_tokenizer
from toddler_training.corpus.build import build

QUICK = TrainSettings(
    row_length=96, batch_rows=4, learning_rate=1e-2, warm_up_steps=10, weight_decay=0.0, compile=False
)


def silence(_line: str) -> None:
    pass


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Nursery:
    """80 exchanges of the real corpus, each question once, and what belongs to them."""

    def __init__(self) -> None:
        exchanges = {said: reply for dialogue in build(200, 5) for said, reply in dialogue.turns[:1]}
        self.pairs = list(exchanges.items())[:80]
        self.tokenizer: Tokenizer = train_tokenizer((line for pair in self.pairs for line in pair), 512)
        dialogues: list[Turns] = [[pair] for pair in self.pairs]
        marked = mark_dialogues(dialogues, self.tokenizer)
        self.rows: Rows = pack(conversations(marked, 96, random.Random(1)), 96)
        self.shape = ModelShape(
            vocabulary=padded_vocabulary(self.tokenizer), hidden=64, layers=2, heads=2, kv_heads=1, feed_forward=96
        )

    def learner(self, settings: TrainSettings = QUICK) -> Learner:
        return Learner(self.shape, settings, self.rows)

    def reply(self, learner: Learner, said: str) -> str:
        ids = [START, ADULT, *self.tokenizer.encode(said).ids, CHILD]
        question = len(ids)
        while ids[-1] != END and len(ids) < 96:
            ids.append(int(learner.model(torch.tensor([ids])).logits[0, -1].argmax()))
        return str(self.tokenizer.decode(ids[question:]))


@pytest.fixture(scope="module")
def nursery() -> Nursery:
    return Nursery()


def test_a_tiny_model_learns_the_corpus_by_heart(nursery: Nursery, tmp_path: Path) -> None:
    learner = nursery.learner()
    assert parameter_count(learner.model) < 100_000
    before = learner.held_out(nursery.rows)
    assert before["child"] == pytest.approx(torch.tensor(512.0).log().item(), rel=0.1)
    notes = pretrain(learner, nursery.rows, Budget(steps=60), tmp_path, tell=silence)
    assert notes is not None
    assert notes["held_out_child"] < 0.2 * before["child"]
    right = [nursery.reply(learner, said) == reply for said, reply in nursery.pairs[:40]]
    assert sum(right) >= 5


def stop_after(steps: int) -> Callable[[], bool]:
    asked = iter(range(1, steps + 1))
    return lambda: next(asked) >= steps


def test_a_resumed_run_is_the_uninterrupted_run(nursery: Nursery, tmp_path: Path) -> None:
    straight, first, second = nursery.learner(), nursery.learner(), nursery.learner()
    budget = Budget(steps=14)
    whole = pretrain(straight, nursery.rows, budget, tmp_path / "whole", tell=silence)
    assert pretrain(first, nursery.rows, budget, tmp_path, tell=silence, stop=stop_after(6)) is None
    assert first.step == 6
    resumed = pretrain(second, nursery.rows, budget, tmp_path, tell=silence, resume=True)
    assert whole is not None and resumed is not None
    assert {key: whole[key] for key in whole if key != "seconds"} == {
        key: resumed[key] for key in resumed if key != "seconds"
    }
    for one, other in zip(straight.model.parameters(), second.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_model_grows_by_layers_without_a_change_and_then_learns(nursery: Nursery) -> None:
    small = nursery.learner()
    small.learn(1.0)
    more = replace(nursery.shape, layers=5)
    tall = Learner(more, QUICK, nursery.rows, small.model)
    tokens = torch.from_numpy(nursery.rows.tokens[:2].astype("int64"))
    torch.testing.assert_close(tall.model(tokens).logits, small.model(tokens).logits)
    copied = [layer.mlp.down_proj.weight for layer in tall.model.model.layers]
    assert [bool(weight.any()) for weight in copied] == [True, False, False, True, False]
    tall.learn(1.0)
    assert all(weight.any() for weight in copied)

    with pytest.raises(SettingsError, match="as many layers or fewer"):
        Learner(nursery.shape, QUICK, nursery.rows, tall.model)
    with pytest.raises(SettingsError, match="same vocabulary"):
        Learner(replace(more, vocabulary=1024), QUICK, nursery.rows, small.model)


def test_without_resume_the_run_begins_afresh(nursery: Nursery, tmp_path: Path) -> None:
    pretrain(nursery.learner(), nursery.rows, Budget(steps=3), tmp_path, tell=silence)
    learner = nursery.learner()
    pretrain(learner, nursery.rows, Budget(steps=2), tmp_path, tell=silence)
    assert learner.step == 2


def test_a_checkpoint_of_other_settings_is_refused(nursery: Nursery, tmp_path: Path) -> None:
    pretrain(nursery.learner(), nursery.rows, Budget(steps=1), tmp_path, tell=silence)
    other = nursery.learner(TrainSettings(row_length=96, batch_rows=4, compile=False))
    with pytest.raises(SettingsError, match=f"{CHECKPOINT} belongs to a run with other settings"):
        pretrain(other, nursery.rows, Budget(steps=2), tmp_path, tell=silence, resume=True)


def test_progress_and_checkpoints_are_told(nursery: Nursery, tmp_path: Path) -> None:
    lines: list[str] = []
    pauses = Pauses(progress_s=0.0, checkpoint_s=0.0)
    pretrain(nursery.learner(), nursery.rows, Budget(steps=2), tmp_path, tell=lines.append, pauses=pauses)
    assert [line.split(":")[0] for line in lines if "held-out" in line] == [
        "checkpoint at step 1",
        "checkpoint at step 2",
        "trained 2 steps",
    ]
    assert ["min left" in line for line in lines if "tokens/s" in line] == [False, True]  # at first nobody knows


def test_a_conversation_does_not_see_its_neighbour_in_the_row(nursery: Nursery) -> None:
    learner = nursery.learner()
    for _ in range(3):
        learner.learn(1.0)
    rows = nursery.rows
    shared = (rows.talks == 1).any(axis=1).nonzero()[0][:1]
    twins = Rows(rows.tokens[shared], rows.kinds[shared], rows.talks[shared])
    second = twins.talks[0] == 1
    assert second.any()
    alone = learner.held_out(Rows(twins.tokens, twins.kinds * second, twins.talks))
    twins.tokens[0, twins.talks[0] == 0] = END
    assert learner.held_out(Rows(twins.tokens, twins.kinds * second, twins.talks)) == pytest.approx(alone, abs=1e-5)


def test_time_ends_a_run(nursery: Nursery, tmp_path: Path) -> None:
    notes = pretrain(nursery.learner(), nursery.rows, Budget(minutes=0.005), tmp_path, tell=silence)
    assert notes is not None
    assert 0.3 <= notes["seconds"] < 5


@pytest.mark.parametrize("budget", [{}, {"minutes": 0.0}, {"steps": -1, "minutes": 2.0}])
def test_a_budget_without_end_is_refused(budget: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="needs an end"):
        Budget(**budget)  # type: ignore[arg-type]


def test_learning_rate_rises_stays_and_falls() -> None:
    settings = TrainSettings(warm_up_steps=10, decay_share=0.3)
    assert rate(settings, 0, 0.0) == pytest.approx(0.1)
    assert rate(settings, 9, 0.1) == 1.0
    assert rate(settings, 500, 0.7) == pytest.approx(1.0)
    assert rate(settings, 800, 0.85) == pytest.approx(0.5)
    assert rate(settings, 1000, 1.0) == 0.0


@pytest.mark.parametrize("shape", [(3, 16, 40), (3, 40, 16)])
def test_muon_makes_steps_orthogonal(shape: tuple[int, int, int]) -> None:
    matrices = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    singular = torch.linalg.svdvals(orthogonal(matrices, 5))
    assert 0.6 < singular.min() and singular.max() < 1.3

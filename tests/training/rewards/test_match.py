"""RM-2 as two readings: that it learns which reply belongs to which line, and is kept."""

from __future__ import annotations

import itertools
import statistics
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from model_fixtures import make_model
from tiny_run import tiny_budget
from toddler_training.rewards.causal import prompt_tokenizer
from toddler_training.rewards.example import Example
from toddler_training.rewards.fit import Training
from toddler_training.rewards.match import (
    HEADS,
    Match,
    MatchReward,
    encoded_replies,
    exchanges,
    parroted,
)
from toddler_training.rewards.reward import Reading, load_learned
from toddler_training.rewards.scorer import new_bert, new_tokenizer, pretrained

SOUNDS = {"cow": "moo", "dog": "woof", "cat": "meow", "duck": "quack", "pig": "oink", "bee": "buzz"}
LINES = [f"{opening} the {animal} say?" for opening in ("what does", "how does", "and does") for animal in SOUNDS]
REPLIES = [f"{sound}." for _ in range(3) for sound in SOUNDS.values()]
OTHERS = REPLIES[1:] + REPLIES[:1]
READING = Reading("both", 200)
BUDGET = tiny_budget(epochs=30, batch=6, evaluate_every=10)


def scratch() -> tuple[Match, Tokenizer]:
    torch.manual_seed(0)
    tokenizer = new_tokenizer(LINES + REPLIES, 200)
    READING.apply(tokenizer)
    return Match(new_bert(tokenizer, 32, 1, 2, 0.0).base_model), tokenizer


def examples(worse: list[str]) -> list[Example]:
    """Each exchange, and the same with a worse reply."""
    rows = zip(LINES, REPLIES, worse, strict=True)
    return [
        Example(line, said, 0.9, "a", "train", source)
        for line, reply, poor in rows
        for said, source in ((reply, "true"), (poor, "stammered"))
    ]


def test_the_worse_reply_is_never_an_echo() -> None:
    _, tokenizer = scratch()
    said = [
        ("what does the cow say?", "moo.", "true"),
        ("what does the cow say?", "woof.", "shuffled"),
        ("what does the cow say?", "moo moo moo.", "stammered"),
        ("what does the dog say?", "woof.", "true"),
        ("what does the dog say?", "meow.", "shuffled"),
        ("what does the dog say?", "what the dog.", "echoed"),
        ("what does the cat say?", "meow.", "true"),
        ("what does the cat say?", "what does the cat say?", "parroted"),
        ("what does the cat say?", "meow!", "scored"),
    ]
    found = exchanges([Example(line, reply, 0.9, "a", "train", source) for line, reply, source in said], tokenizer)
    wanted = encoded_replies(tokenizer, ["moo moo moo.", "meow."])
    assert [worse for _, _, worse in found.inputs] == wanted and len(found.labels) == 2
    assert len(exchanges(examples(OTHERS), tokenizer, 4).inputs) == 4


def test_it_learns_which_reply_belongs_to_a_line(tmp_path: Path) -> None:
    match, tokenizer = scratch()
    worse = [" ".join([reply] * 3) for reply in REPLIES]
    data = exchanges(examples(worse), tokenizer)
    training = Training(match, data, data, BUDGET, lambda model, inputs, _: model.loss(inputs))
    training.run(tmp_path, lambda: False, iter)
    reward = MatchReward("coherence", match, tokenizer, READING)
    pairs = [(line, reply) for said in (REPLIES, OTHERS, worse) for line, reply in zip(LINES, said, strict=True)]
    reward.calibrate(pairs, [0.9] * len(LINES) + [0.1] * len(LINES) * 2)
    true, other, poor = (statistics.fmean(reward.score(LINES, said)) for said in (REPLIES, OTHERS, worse))
    assert true > 0.7 > 0.4 > max(other, poor)


def test_the_loss_is_choices_and_comparisons() -> None:
    match, tokenizer = scratch()
    match.eval()
    found = exchanges(examples(OTHERS), tokenizer).inputs
    lines, replies, others = (list(texts) for texts in zip(*found, strict=True))
    asked, (said, alone), (poor, poor_alone) = match.lines(lines), match.replies(replies), match.replies(others)
    fits = asked @ said.T + alone
    rows = [-fits[at].log_softmax(0)[at] - fits[:, at].log_softmax(0)[at] for at in range(len(LINES))]
    more = [asked[at] @ poor[at] + poor_alone[at] - fits[at, at] for at in range(len(LINES))]
    worse = [value.exp().log1p() for value in more]
    expected = (torch.stack(rows) / 2 + 0.5 * torch.stack(worse)).mean()
    assert match.loss(found).item() == pytest.approx(expected.item(), abs=1e-5)


def test_a_calibrated_model_says_what_the_labels_say_on_average() -> None:
    match, tokenizer = scratch()
    reward = MatchReward("coherence", match, tokenizer, READING)
    pairs = list(zip(LINES + LINES, REPLIES + OTHERS, strict=True))
    plain = reward.sigmoids(pairs)
    labels = [0.2 + 0.6 * (at % 3 == 0) for at in range(len(pairs))]
    reward.calibrate(pairs, labels)
    scores = reward.sigmoids(pairs)
    assert statistics.fmean(scores) == pytest.approx(statistics.fmean(labels), abs=1e-3)
    assert all((a < b) <= (c <= d) for (a, c), (b, d) in itertools.pairwise(zip(plain, scores, strict=True)))


def test_what_is_only_said_back_earns_less() -> None:
    match, tokenizer = scratch()
    reward = MatchReward("coherence", match, tokenizer, READING)
    line = "is that your big red dog ?"
    replies = ["Dog!", "is that my big red dog", "red dog", "a big dog mommy look there", "no, a cat"]
    assert [parroted(line, reply) for reply in replies] == [0, 1, 0.5, 0, 0]
    logits = reward._logits([(line, reply) for reply in replies])
    kept = torch.tensor([1, 0.4, 0.7, 1, 1])
    assert reward.score([line] * 5, replies) == pytest.approx((kept * logits.sigmoid()).tolist(), abs=1e-6)


def test_a_causal_model_is_saved_and_loaded_again(tmp_path: Path) -> None:
    base = make_model(tmp_path / "base")
    tokenizer, end_id = prompt_tokenizer(base, "toddler-llm", "both")
    torch.manual_seed(0)
    match = Match(pretrained(base, 0.0, pad_id=int(end_id == 0)).base_model)
    reward = MatchReward("coherence", match, tokenizer, READING)
    reward.calibrate(list(zip(LINES, OTHERS, strict=True)), [0.3] * len(LINES))
    scores = reward.score(LINES, REPLIES)
    assert scores == pytest.approx([reward.score([a], [b])[0] for a, b in zip(LINES, REPLIES, strict=True)], abs=1e-5)
    reward.save(tmp_path / "made")
    assert (tmp_path / "made" / HEADS).is_file()
    assert load_learned("coherence", tmp_path / "made").score(LINES, REPLIES) == pytest.approx(scores, abs=1e-6)

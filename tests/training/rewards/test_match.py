"""RM-2 as two readings: that it learns which reply belongs to which line, and is kept."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from model_fixtures import make_model
from tiny_run import tiny_budget
from toddler_training.rewards.causal import prompt_tokenizer
from toddler_training.rewards.fit import Encodings, Training
from toddler_training.rewards.match import HEADS, Match, MatchReward, encoded_lines, encoded_replies
from toddler_training.rewards.reward import Reading, load_bert
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


def test_it_learns_which_reply_belongs_to_a_line(tmp_path: Path) -> None:
    match, tokenizer = scratch()
    damaged = [" ".join([reply] * 3) for reply in REPLIES]
    texts = (encoded_lines(tokenizer, LINES), encoded_replies(tokenizer, REPLIES), encoded_replies(tokenizer, damaged))
    exchanges = list(zip(*texts, strict=True))
    data = Encodings(exchanges, [0.9] * len(exchanges))
    training = Training(match, data, data, BUDGET, lambda model, inputs, _: model.loss(inputs))
    training.run(tmp_path, lambda: False, iter)
    match.balance(exchanges)
    reward = MatchReward("coherence", match, tokenizer, READING)
    true, other, worse = (statistics.fmean(reward.score(LINES, said)) for said in (REPLIES, OTHERS, damaged))
    assert true > 0.7 > 0.4 > other and true > worse


def test_a_balanced_model_neither_favours_nor_fears_a_reply_by_lot() -> None:
    match, tokenizer = scratch()
    lines, replies = encoded_lines(tokenizer, LINES), encoded_replies(tokenizer, REPLIES)
    match.balance(list(zip(lines, replies, replies, strict=True)))
    reward = MatchReward("coherence", match, tokenizer, READING)
    pairs = [(line, reply) for line in LINES for reply in REPLIES]
    odds = [score / (1 - score) for score in reward.score([line for line, _ in pairs], [reply for _, reply in pairs])]
    assert statistics.fmean(odds) == pytest.approx(1.0, rel=1e-3)


def test_a_line_said_back_is_no_answer() -> None:
    match, tokenizer = scratch()
    scores = MatchReward("coherence", match, tokenizer, READING).score(LINES[:2], ["What does the cow say.", "no"])
    assert scores[0] == 0 < scores[1]


def test_a_causal_model_is_saved_and_loaded_again(tmp_path: Path) -> None:
    base = make_model(tmp_path / "base")
    tokenizer, end_id = prompt_tokenizer(base, "toddler-llm", "both")
    torch.manual_seed(0)
    match = Match(pretrained(base, 0.0, pad_id=int(end_id == 0)).base_model)
    reward = MatchReward("coherence", match, tokenizer, READING)
    scores = reward.score(LINES, REPLIES)
    assert scores == pytest.approx([reward.score([a], [b])[0] for a, b in zip(LINES, REPLIES, strict=True)], abs=1e-5)
    reward.save(tmp_path / "made")
    assert (tmp_path / "made" / HEADS).is_file()
    assert load_bert("coherence", tmp_path / "made").score(LINES, REPLIES) == pytest.approx(scores, abs=1e-6)

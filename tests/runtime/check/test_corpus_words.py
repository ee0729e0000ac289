"""The check and the corpus that the bundled model learns from must speak the same language."""

from __future__ import annotations

from collections import Counter

import pytest

from robot_runtime.check import Check
from robot_runtime.check.lexicon import load_lexicon
from robot_runtime.check.words import words_of
from toddler_training.corpus import build

PAIRS = 20_000
"""Distinct pairs looked at."""


@pytest.fixture(scope="module")
def corpus() -> list[tuple[str, str]]:
    return [turn for dialogue in build(PAIRS, seed=11) for turn in dialogue.turns]


def test_every_word_of_the_corpus_may_be_said(corpus: list[tuple[str, str]]) -> None:
    lexicon = load_lexicon()
    assert Counter(word for _, reply in corpus for word in lexicon.unknown(words_of(reply))) == {}


def test_the_replies_of_the_corpus_pass(corpus: list[tuple[str, str]]) -> None:
    check = Check()
    verdicts = ((caregiver, check.judge(caregiver, reply)) for caregiver, reply in corpus)
    refused = [(caregiver, verdict.reply, verdict.refusals) for caregiver, verdict in verdicts if not verdict.passed]
    assert len(corpus) >= PAIRS
    assert len(refused) <= 0.01 * len(corpus), refused[:20]

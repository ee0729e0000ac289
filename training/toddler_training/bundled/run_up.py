"""Sentences before a question: what a caregiver says in one breath is often more than what is to be answered.

Of the questions to two-year-olds in the public pairs of CHILDES, 45 % come after another sentence (79 of 174). The
written corpus has one sentence a line, seldom two; here others of its sentences are put before some questions, while
the model is trained: remarks and questions of other dialogues, and, since caregivers say again what a child said,
replies.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from toddler_training.bundled.packing import Turns
from toddler_training.corpus.recogniser import plain_words

SECOND = 0.3
"""Share of run-ups that have two sentences."""
REPLIES = 0.35
"""Share of their sentences that are something that a child said."""
LONGEST = 7
"""Words of one sentence of a run-up at most."""
POOL = 20_000
"""Sentences that are drawn from, of either kind at most."""

_QUESTION = re.compile(
    r"(?:what|where|who|whose|why|how|which|when|do|does|did|is|are|was|were|can|could|will|would|shall|should|have|has)"
    r"(?:'s|'re|'d)?\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?]\s")


def with_run_ups(dialogues: Sequence[Turns], source: Sequence[Turns], share: float, rng: random.Random) -> list[Turns]:
    """Put sentences out of `source` before a share of the questions of `dialogues`; replies stay as they are."""
    lines, replies = _pools(source)
    if not lines or not replies:
        return list(dialogues)

    def led(line: str) -> str:
        if not _QUESTION.match(line) or rng.random() >= share:
            return line
        heard = line == " ".join(plain_words(line))
        before = []
        for _ in range(1 + (rng.random() < SECOND)):
            sentence = rng.choice(replies if rng.random() < REPLIES else lines)
            before.append(" ".join(plain_words(sentence)) if heard else _ended(sentence))
        return " ".join([*before, line])

    return [[(led(said), reply) for said, reply in turns] for turns in dialogues]


def _pools(dialogues: Sequence[Turns]) -> tuple[list[str], list[str]]:
    """Single short sentences of caregivers, and of children, from dialogues evenly spread."""
    some = dialogues[:: max(1, len(dialogues) // POOL)]
    exchanges = [exchange for turns in some for exchange in turns]
    return (
        [said for said, _ in exchanges if len(said.split()) <= LONGEST and not _SENTENCE_END.search(said)],
        [reply for _, reply in exchanges if len(reply.split()) <= LONGEST],
    )


def _ended(sentence: str) -> str:
    return sentence if sentence[-1] in ".!?" else f"{sentence}."

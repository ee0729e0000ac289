"""No baby-word spam: the words that a length-and-childishness reward teaches a model to sprinkle everywhere."""

from __future__ import annotations

from itertools import pairwise

from robot_runtime.check.verdict import Refusal
from robot_runtime.check.words import words_of

BABY_WORDS = frozenset("mommy daddy tummy diaper more ball".split())
"""The six words that the published training code counts (enochlev/CHILDES_LLM_training, bffc013)."""


def hits(reply: str) -> int:
    """Count the baby words in the reply."""
    return sum(word in BABY_WORDS for word in words_of(reply))


def baby_factor(reply: str) -> float:
    """Give the published factor 1 / (1 + hits), in (0, 1]; training uses it on the whole reply."""
    return 1.0 / (1 + hits(reply))


def unasked_factor(caregiver: str, reply: str) -> float:
    """Give 1 / (1 + hits) counting only baby words that the caregiver did not say, in (0, 1]."""
    heard = frozenset(words_of(caregiver))
    return 1.0 / (1 + sum(word in BABY_WORDS and word not in heard for word in words_of(reply)))


def refuse_baby_words(caregiver: str, reply: str, max_hits: int) -> list[Refusal]:
    """Refuse more than `max_hits` baby words, or the same one twice in a row that the caregiver did not say."""
    count = hits(reply)
    if count > max_hits:
        return [Refusal("babywords", f"{count} baby words, at most {max_hits}")]
    words, heard = words_of(reply), frozenset(words_of(caregiver))
    for word, following in pairwise(words):
        if word == following and word in BABY_WORDS and word not in heard:
            return [Refusal("babywords", f"{word!r} twice in a row")]
    return []

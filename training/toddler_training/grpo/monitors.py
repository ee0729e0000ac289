"""What is watched and not rewarded: known ways in which a toddler in training goes wrong, each a share in [0, 1]."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from robot_runtime.check.babywords import BABY_WORDS
from robot_runtime.check.echo import copied_share
from robot_runtime.check.lexicon import load_lexicon
from robot_runtime.check.words import words_of

Monitor = Callable[[Sequence[str], Sequence[str]], list[float]]
"""From caregivers' lines and the replies to them to a number for each reply."""


def copying(caregivers: Sequence[str], replies: Sequence[str]) -> list[float]:
    """Share of the reply's pairs of content words that stand in the caregiver's line."""
    return [copied_share(line, reply) for line, reply in zip(caregivers, replies, strict=True)]


def repeated(caregivers: Sequence[str], replies: Sequence[str]) -> list[float]:
    """1 where the same reply was given to another line of the batch."""
    lines: dict[tuple[str, ...], set[str]] = {}
    for line, reply in zip(caregivers, replies, strict=True):
        lines.setdefault(words_of(reply), set()).add(line)
    return [float(len(lines[words_of(reply)]) > 1) for reply in replies]


def commonest(caregivers: Sequence[str], replies: Sequence[str]) -> list[float]:
    """Share of the batch that the commonest reply makes up, the same number for each reply."""
    counts = Counter(map(words_of, replies))
    return [max(counts.values(), default=0) / len(replies)] * len(replies)


def baby_words(caregivers: Sequence[str], replies: Sequence[str]) -> list[float]:
    """Share of the words that are the six published baby words and not the caregiver's."""
    return [_share(words, BABY_WORDS.__contains__) for words in _own_words(caregivers, replies)]


def non_words(caregivers: Sequence[str], replies: Sequence[str]) -> list[float]:
    """Share of the words that are neither on the runtime's list of toddlers' words nor the caregiver's."""
    lexicon = load_lexicon()
    return [_share(words, lambda word: bool(word) and word not in lexicon) for words in _own_words(caregivers, replies)]


def non_english(caregivers: Sequence[str], replies: Sequence[str]) -> list[float]:
    """Share of the letters that are not English ones: the base model may know other languages."""
    return [_share([char for char in reply if char.isalpha()], lambda char: not char.isascii()) for reply in replies]


def empty(caregivers: Sequence[str], replies: Sequence[str]) -> list[float]:
    """1 where the reply has no word."""
    return [float(not words_of(reply)) for reply in replies]


MONITORS: Mapping[str, Monitor] = {
    "copying": copying,
    "repeated": repeated,
    "commonest": commonest,
    "baby_words": baby_words,
    "non_words": non_words,
    "non_english": non_english,
    "empty": empty,
}
"""All monitors by name; how many replies are clipped, and the KL divergence, TRL itself tells."""


def _own_words(caregivers: Sequence[str], replies: Sequence[str]) -> list[list[str]]:
    """The words of each reply, those of the caregiver's line blanked."""
    heard = [frozenset(words_of(line)) for line in caregivers]
    return [
        ["" if word in known else word for word in words_of(reply)] for known, reply in zip(heard, replies, strict=True)
    ]


def _share(items: Sequence[str], counts: Callable[[str], bool]) -> float:
    return sum(map(counts, items)) / len(items) if items else 0.0

"""What a small speech recogniser makes of a line: no capitals, no punctuation, now and then a wrong or missing word."""

from __future__ import annotations

import random
import re

_SOUND_ALIKE = {
    "your": "you",
    "you": "your",
    "you're": "your",
    "where": "were",
    "where's": "wheres",
    "are": "our",
    "the": "a",
    "a": "the",
    "to": "too",
    "is": "as",
    "want": "what",
    "for": "four",
    "see": "sea",
    "hear": "here",
    "this": "the",
    "what": "but",
    "what's": "what",
    "that's": "that",
    "did": "do",
    "can": "and",
    "in": "and",
    "his": "is",
    "our": "are",
    "there": "their",
    "it's": "its",
    "who": "you",
    "it": "at",
    "they": "day",
    "some": "sum",
    "one": "won",
    "do": "to",
    "go": "goat",
    "bear": "bare",
    "wear": "where",
    "won't": "want",
}
"""Small words -> what a small recogniser writes for them; our own list."""
_SWALLOWED = frozenset(("a", "the", "is", "are", "do", "to", "your", "you", "of", "and", "it", "that"))
_PUNCTUATION = re.compile(r"[^\w\s']")


def plain_words(line: str) -> list[str]:
    """The words of a line in lower case without punctuation; apostrophes stay."""
    return _PUNCTUATION.sub(" ", line).lower().split()


def mishear(words: list[str], rng: random.Random) -> list[str]:
    """One small word wrong or missing; words that carry the meaning stay, and so do lines of one or two words."""
    places = [at for at, word in enumerate(words) if word in _SOUND_ALIKE or word in _SWALLOWED]
    if len(words) < 3 or not places:
        return words
    at = rng.choice(places)
    swallowed = words[at] in _SWALLOWED and (words[at] not in _SOUND_ALIKE or rng.random() < 0.5)
    return [*words[:at], *([] if swallowed else [_SOUND_ALIKE[words[at]]]), *words[at + 1 :]]

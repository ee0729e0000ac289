"""Replies that avoid an answer."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

EVASIONS = frozenset(
    tuple(line.split())
    for line in "huh|what|what's that|what that|hm|hmm|um|uh|mm|i dunno|me dunno|dunno|not sure|i forget".split("|")
)
"""Whole replies that avoid an answer. Our own list."""

NOT_KNOWING = (("don't", "know"), ("not", "know"), ("no", "know"))
"""Two words in a row that make an evasion of any reply."""


def is_evasive(words: Sequence[str]) -> bool:
    """Whether a reply avoids an answer."""
    return tuple(words) in EVASIONS or any(pair in NOT_KNOWING for pair in pairwise(words))

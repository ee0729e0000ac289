"""No saying the same again and again."""

from __future__ import annotations

from collections.abc import Sequence

from robot_runtime.check.verdict import Refusal
from robot_runtime.check.words import NO, YES, content_words, words_of

_SHORT = YES | NO | frozenset({"hi", "hello", "bye", "please", "thanks", "thank", "you", "bye-bye", "me", "huh"})


def times_said(reply: str, recent: Sequence[str]) -> int:
    """Count the recent replies with the same words, or with the same two or more content words in any order."""
    words = words_of(reply)
    content = frozenset(content_words(words))
    count = 0
    for earlier in map(words_of, recent):
        same_content = len(content) >= 2 and frozenset(content_words(earlier)) == content
        count += words == earlier or same_content
    return count


def refuse_repeat(reply: str, recent: Sequence[str], tolerated: int) -> list[Refusal]:
    """Refuse a reply that was said before; one of only yes/no/polite words is tolerated `tolerated` times."""
    said = times_said(reply, recent)
    limit = tolerated if all(word in _SHORT for word in words_of(reply)) else 0
    return [Refusal("repeat", f"said {said} time(s) just before")] if said > limit else []

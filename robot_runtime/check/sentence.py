"""One short sentence: tidying what the model wrote, and refusing what is still more than that."""

from __future__ import annotations

import re

from robot_runtime.check.verdict import Refusal
from robot_runtime.check.words import plain, words_of

_SPACE = re.compile(r"\s+")
_DOTS = re.compile(r"\s*(?:\.{2,}|\u2026)\s*(?=\w)")
_END = re.compile(r"[.!?]+")
_QUOTES = re.compile('["\u201c\u201d\u00ab\u00bb*_`]')
_ODD = re.compile(r"[^\w\s.,!?'-]|[_\d]")


def tidy(reply: str) -> str:
    """Turn the model's raw text into one speakable sentence.

    White space is folded, quotation and emphasis marks are dropped, dots in the middle become a comma, a run of
    end marks becomes one, and everything after the first sentence end is cut off. May give an empty string.
    """
    text = _SPACE.sub(" ", _QUOTES.sub("", plain(reply).replace("\u2026", "..."))).strip()
    text = _DOTS.sub(", ", text).lstrip(" .,!?;:-")
    end = _END.search(text)
    if end:
        mark = "?" if "?" in end.group() else end.group()[0]
        text = text[: end.start()].rstrip(" ,;:-") + mark
    return text.rstrip(" ,;:-")


def refuse_sentence(reply: str, max_words: int) -> list[Refusal]:
    """Refuse an empty reply, more than one sentence, too many words and marks that cannot be spoken."""
    words = words_of(reply)
    if not words:
        return [Refusal("empty", "there is no word in it")]
    refusals = []
    if len([part for part in _END.split(reply) if words_of(part)]) > 1:
        refusals.append(Refusal("sentence.several", "more than one sentence"))
    if len(words) > max_words:
        refusals.append(Refusal("sentence.long", f"{len(words)} words, at most {max_words}"))
    odd = _ODD.search(reply)
    if odd:
        refusals.append(Refusal("sentence.marks", f"{odd.group()!r} cannot be spoken"))
    return refusals

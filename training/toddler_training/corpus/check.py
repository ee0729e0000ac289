"""What is wrong with the scenes: every problem with its place, found without building the corpus."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from toddler_training.corpus.build import MAX_CHILD_WORDS
from toddler_training.corpus.expand import Expander

_SAMPLES = 60
_INNER_END = re.compile(r"[.!?] \S")
_MARKS = re.compile(r"[.,!?][.,]|\.[?!]| [.,!?]")
_TWICE = re.compile(r"\b(the|a|an|my|your|some|is|to|in|it|do|you) \1\b|\b(?:a|an|the) (?:a|an|the|some|my)\b")
_WRONG_ARTICLE = re.compile(r"\ban [^aeiouh]")


def problems(expander: Expander, seed: int = 0) -> Iterator[str]:
    """Describe the faults of one frame, each once, as `file:line: what`."""
    source = expander.frame.source
    rng = random.Random(seed)
    said: set[str] = set()
    for _ in range(_SAMPLES):
        for line, reply in expander.draw(rng):
            for text, fault in ((line, _adult_fault(line)), (reply, _child_fault(reply))):
                if fault and fault not in said:
                    said.add(fault)
                    yield f"{source}: {fault}: '{text}'"


def _adult_fault(line: str) -> str:
    if line[-1:] not in ".?!":
        return "caregiver line without final punctuation"
    return _grammar_fault(line)


def _child_fault(reply: str) -> str:
    if len(reply.split()) > MAX_CHILD_WORDS:
        return f"child reply longer than {MAX_CHILD_WORDS} words"
    if _INNER_END.search(reply):
        return "child reply of more than one sentence"
    if reply[-1:] not in ".?!":
        return "child reply without final punctuation"
    if reply[:1].isupper() and not re.match(r"I\b|[A-Z][a-z]+\b", reply):
        return "child reply starts with a capital"
    return _grammar_fault(reply)


def _grammar_fault(text: str) -> str:
    if _MARKS.search(text):
        return "doubled punctuation"
    if _TWICE.search(text):
        return "a small word twice"
    if _WRONG_ARTICLE.search(text):
        return "a/an does not fit"
    return ""

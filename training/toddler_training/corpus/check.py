"""What is wrong with the scenes: every problem with its place, found without building the corpus."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from toddler_training.corpus.build import CorpusSettings
from toddler_training.corpus.expand import Expander

_SAMPLES = 60
_INNER_END = re.compile(r"[.!?] \S")
_MARKS = re.compile(r"[.,!?][.,]|\.[?!]| [.,!?]")
_TWICE = re.compile(r"\b(the|a|an|my|your|some|is|to|in|it|do|you) \1\b|\b(?:a|an|the) (?:a|an|the|some|my)\b")
_WRONG_ARTICLE = re.compile(r"\ban [^aeiouh]")


def problems(expander: Expander, longest_reply: int = CorpusSettings.longest_reply, seed: int = 0) -> Iterator[str]:
    """Describe the faults of one frame, each once, as `file:line: what`; a reply has at most `longest_reply` words."""
    source = expander.frame.source
    rng = random.Random(seed)
    said: set[str] = set()
    for _ in range(_SAMPLES):
        for line, reply in expander.draw(rng):
            faults = (_adult_fault(line), _child_fault(reply, longest_reply))
            for text, fault in zip((line, reply), faults, strict=True):
                if expander.english:
                    fault = fault or _grammar_fault(text)
                if fault and fault not in said:
                    said.add(fault)
                    yield f"{source}: {fault}: '{text}'"


def _adult_fault(line: str) -> str:
    if line[-1:] not in ".?!":
        return "caregiver line without final punctuation"
    return _marks_fault(line)


def _child_fault(reply: str, longest: int) -> str:
    if len(reply.split()) > longest:
        return f"child reply longer than {longest} words"
    if _INNER_END.search(reply):
        return "child reply of more than one sentence"
    if reply[-1:] not in ".?!":
        return "child reply without final punctuation"
    if reply[:1].isupper() and not re.match(r"I\b|[A-Z][a-z]+\b", reply):
        return "child reply starts with a capital"
    return _marks_fault(reply)


def _marks_fault(text: str) -> str:
    return "doubled punctuation" if _MARKS.search(text) else ""


def _grammar_fault(text: str) -> str:
    if _TWICE.search(text):
        return "a small word twice"
    if _WRONG_ARTICLE.search(text):
        return "a/an does not fit"
    return ""

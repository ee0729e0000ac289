"""Scores of exchanges by a language model on any OpenAI-compatible server."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from toddler_training.chat_server import ChatServer

RUBRIC = """You rate one exchange between a caregiver and a child of two or three years. Small children leave words \
out, use baby grammar and have funny ideas: that costs nothing. Give two numbers from 0 to 1.
"caregiver": can the caregiver's line be understood by somebody who hears nothing else? 1: complete, and clear what it \
is about. 0.5: one can guess. 0: a fragment, or it hangs on something that was said or seen before.
"reply": does the child's reply fit the line? 1: it answers, or follows from it at once. 0.5: on the subject, but \
beside the point. 0: about something else, only the line said back, or not to be understood.
Answer with JSON only, for instance {"caregiver": 0.7, "reply": 0.4}."""
"""Our own words."""

FLOOR = 0.05
"""Lowest sample that enters the harmonic mean, which would be 0 otherwise (published)."""

_OBJECT = re.compile(r"\{[^{}]*\}")

Scores = tuple[float, float]
"""Of the caregiver's line and of the reply, each in [0, 1]."""


def harmonic_mean(samples: Sequence[float]) -> float:
    """The harmonic mean, samples below `FLOOR` counted as that, rounded to 2 places (published).

    One bad sample weighs more than one good one.
    """
    return round(len(samples) / sum(1 / max(sample, FLOOR) for sample in samples), 2)


def ask(server: ChatServer, caregiver: str, reply: str) -> Scores:
    """One sample of the scores of an exchange.

    Raises:
        SettingsError: the server refuses, cannot be reached, or does not answer in the form asked for.
    """
    return server.ask(RUBRIC, json.dumps({"caregiver": caregiver, "reply": reply}, ensure_ascii=False), read_scores)


def read_scores(text: str) -> Scores:
    """The scores in an answer, whatever stands around them.

    Raises:
        ValueError: there are none, or one is outside [0, 1].
    """
    found = _OBJECT.search(text)
    if found is None:
        raise ValueError(f"no scores in its answer {text[:80]!r}")
    table = json.loads(found[0])
    scores = float(table["caregiver"]), float(table["reply"])
    if not all(0 <= score <= 1 for score in scores):
        raise ValueError(f"scores outside [0, 1] in its answer {text[:80]!r}")
    return scores

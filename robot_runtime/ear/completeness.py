"""Whether words sound finished, judged by a few of them: no grammar, no model, no time.

It only sets how long a silence has to be, so a wrong judgement costs a fraction of a second.
"""

from __future__ import annotations

import re
from enum import Enum

_BE = frozenset("am is are was were be been isn't aren't wasn't what's where's who's how's it's that's there's".split())
_DO = frozenset(
    "do does did don't doesn't didn't have has had haven't hasn't can could can't couldn't will would won't wouldn't "
    "shall should may might must i'm i've i'll i'd you're you've you'll we're we've we'll they're he's she's".split()
)
_AUXILIARIES = _BE | _DO
_QUESTION_WORDS = frozenset("what where who whose which when why how what's where's who's how's".split())
_DETERMINERS = frozenset("a an the my your his its our their some any every another these those very too so".split())
_LINKS = frozenset("and or but because if when while than then as so unless until just also let's".split())
_PREPOSITIONS = frozenset("of to in on at for with from by about into onto under over behind between near".split())
_STRANDED = frozenset("of to in on at for with from about by".split())
"""Prepositions that may end a question: `who is it for`."""
_SUBJECTS = frozenset("i we they he she".split())
_TRANSITIVE = frozenset(
    "want wants need needs get gets got give gives take takes make makes put bring show tell find like likes love "
    "loves see hear hold know think say says said call open close give found told made took".split()
)
_ADJECTIVES = frozenset(
    "big little small new old red blue green yellow white black pink orange purple brown good bad nice pretty funny "
    "favorite favourite other same different great tiny soft warm cold hot".split()
)
_ANSWERS = frozenset("yes yeah no nope".split())
_FILLERS = frozenset("um uh er erm hmm mm well".split())


class Completeness(Enum):
    """How finished words sound."""

    COMPLETE = "complete"
    """The turn is probably over: `where is your bag`, `yes`, `i love you`."""
    UNCLEAR = "unclear"
    """It may be: `do you want`."""
    UNFINISHED = "unfinished"
    """Somebody looks for words: `and then the`, `um`, nothing at all."""


def completeness(text: str) -> Completeness:
    """Judge what was recognised so far: any text, in any case, with or without punctuation."""
    words = re.findall(r"[a-z0-9']+", text.lower())
    if not words:
        return Completeness.UNFINISHED
    *before, last = words
    if _expects_more(before, last):
        return Completeness.UNFINISHED
    asks_which = words[0] in _QUESTION_WORDS
    asks_whether = words[0] in _AUXILIARIES and len(words) > 1
    if last in _TRANSITIVE and not (asks_which and len(words) > 2):
        return Completeness.UNCLEAR
    if asks_which and len(words) < (2 if words[0] in _AUXILIARIES else 3):  # `what`, `where ball`; but `who's that`
        return Completeness.UNCLEAR
    if asks_whether and len(words) < 3 and not asks_which:  # `are you`, `don't cry`
        return Completeness.UNCLEAR
    return Completeness.COMPLETE


def _expects_more(before: list[str], last: str) -> bool:
    """Whether a speaker hardly ever stops after `last`."""
    question = bool(before) and before[0] in _QUESTION_WORDS | _AUXILIARIES
    if last in _FILLERS | _DETERMINERS | _LINKS:
        return True
    if last in _PREPOSITIONS:  # `who is it for`, but not `what is in`
        return not (question and last in _STRANDED and len(before) >= 2 and before[-1] not in _AUXILIARIES)
    if last in _AUXILIARIES:  # `yes i do`, `what can you do`, but not `what do`
        answers = bool(before) and before[0] in _ANSWERS
        return not (answers or (question and last in ("do", "have") and len(before) >= 3))
    if last in _SUBJECTS:  # `who are they`, but not `what did he`
        return not (question and before[-1] in _BE)
    if last in ("you", "it") and before and (before[-1] in _DO or before in (["what", "are"], ["why", "are"])):
        return True
    return last in _ADJECTIVES and bool(before) and before[-1] in _DETERMINERS - {"very", "too", "so"}

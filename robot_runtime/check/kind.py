"""What kind of line the caregiver said: enough to choose a fitting canned reply."""

from __future__ import annotations

import re
from enum import StrEnum

from robot_runtime.check.deny import Denied, find
from robot_runtime.check.words import plain, words_of


class Kind(StrEnum):
    """A kind of caregiver's line; the values are the keys of data/canned.toml."""

    YES_NO = "yes-no"
    CHOICE = "choice"
    WHAT = "what"
    WHERE = "where"
    WHO = "who"
    WHOSE = "whose"
    WHY = "why"
    WHEN = "when"
    HOW_MANY = "how-many"
    HOW = "how"
    COLOR = "color"
    NAME = "name"
    AGE = "age"
    WELLBEING = "wellbeing"
    REQUEST = "request"
    PROHIBITION = "prohibition"
    COMMENT = "comment"
    GREETING = "greeting"
    FAREWELL = "farewell"
    THANKS = "thanks"
    SAD = "sad"
    DISTRESS = "distress"
    PERSONAL_DATA = "personal-data"
    DENIED = "denied"
    NOTHING_HEARD = "nothing-heard"
    THINKING_FAILED = "thinking-failed"

    @property
    def fixed(self) -> bool:
        """Whether the canned line is the answer, whatever the model says: talk that a toddler must not go into."""
        return self in (Kind.DISTRESS, Kind.PERSONAL_DATA, Kind.DENIED)


_OPENERS = re.compile(
    r"^(?:(?:so|oh|well|and|but|hey|okay|ok|now|then|hmm|um|uh|wow|look|please|pip|sweetie|honey|buddy|darling|sweetheart"
    r"|dear|love|baby|kiddo|no|yes|yeah|right|alright|huh|can you tell me|tell me|do you know|guess)\b[\s,.!]*)*"
)
_AUXILIARY = (
    r"(?:do|does|did|is|are|am|was|were|can|could|will|would|shall|should|have|has|had|may|don't|doesn't|didn't|isn't"
    r"|aren't|wasn't|weren't|can't|couldn't|won't|wouldn't|haven't|hasn't|didja|wanna)"
)
_VERB = (
    r"(?:give|show|tell|come|go|put|get|take|bring|say|look|sit|stand|hold|open|close|shut|eat|drink|try|help|let's|lets"
    r"|let|wash|brush|pick|throw|catch|find|sing|dance|jump|play|read|count|make|wait|listen|watch|point|touch|turn|roll"
    r"|kick|blow|clap|wave|hug|kiss|share|move|hurry|be|stop|clean|push|pull|draw|finish|keep|drop|leave|run|lie|use)"
)
_WHOLE = frozenset({Kind.GREETING, Kind.FAREWELL})
"""Kinds that are told by the opening words, which the other rules skip."""

_SENTENCE_GAP = re.compile(r"(?<=[.!?])\s+")
_RULES: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (Kind.NAME, r"\b(?:what's|what is|whats) your name\b|\bwho are you\b|\bwhat are you called\b"),
        (Kind.AGE, r"\bhow old are you\b|\bwhat age are you\b"),
        (Kind.WELLBEING, r"\bhow are you\b|\bhow's it going\b|\bhow do you (?:do|feel)\b"),
        (
            Kind.SAD,
            r"\bi(?:'m| am| feel) (?:so |very |really |a little )?(?:sad|hurt|crying|scared|lonely)\b|\bi hurt my",
        ),
        (Kind.FAREWELL, r"^(?:bye|bye-bye|goodbye|good-bye|see you|see ya|good night|night-night|nighty)\b|\bbye\W*$"),
        (Kind.GREETING, r"^(?:hi|hello|hey|hiya|good morning|good afternoon|good evening)\b(?:\W+\w+){0,2}\W*$"),
        (Kind.THANKS, r"^(?:thank you|thanks)\b"),
        (
            Kind.PROHIBITION,
            r"^(?:don't|do not|stop|never|no more|no \w+ing|you can't|you mustn't|leave)\b[^?]*$",
        ),
        (Kind.COLOR, r"^(?:what|which) colou?r\b"),
        (Kind.HOW_MANY, r"^how (?:many|much)\b"),
        (Kind.WHOSE, r"^whose\b"),
        (Kind.WHERE, r"^where\b"),
        (Kind.WHO, r"^who\b"),
        (Kind.WHY, r"^(?:why|how come|what for)\b"),
        (Kind.WHEN, r"^(?:when|what time|what day|how long)\b"),
        (Kind.HOW, r"^how\b"),
        (Kind.CHOICE, rf"^(?:which\b|(?:{_AUXILIARY}\b|what\b).*\bor\b|\w+ or (?:a |the )?\w+\W*\?)"),
        (Kind.WHAT, r"^what\b"),
        (Kind.REQUEST, rf"^(?:(?:can|could|will|would) you (?:please )?)?{_VERB}\b"),
        (Kind.YES_NO, rf"^{_AUXILIARY}\b"),
        (Kind.YES_NO, r"\?\W*$"),
    )
)


def kind_of(text: str, denied: tuple[Denied, ...] | None = None) -> Kind:
    """Tell what kind of line this is; anything that fits no rule is a comment.

    Args:
        text: the caregiver's line, with or without punctuation and capitals.
        denied: what `deny.find(text)` gave, when the caller has it already.
    """
    found = {item.kind for item in (find(text) if denied is None else denied)}
    if "self-harm" in found:
        return Kind.DISTRESS
    if found:
        return Kind.PERSONAL_DATA if found == {"personal-data"} else Kind.DENIED
    if not words_of(text):
        return Kind.NOTHING_HEARD
    line = " ".join(plain(text).lower().split())
    said = [_OPENERS.sub("", part).strip(" ,.!?") and part for part in _SENTENCE_GAP.split(line)]
    for part in (*filter(None, reversed(said)), line):
        topic = _OPENERS.sub("", part)
        for kind, pattern in _RULES:
            if pattern.search(part if kind in _WHOLE else topic):
                return kind
    return Kind.COMMENT

"""Which face goes with which words."""

from __future__ import annotations

import re

from robot_runtime.robot import Expression

FEELINGS: tuple[tuple[Expression, re.Pattern[str]], ...] = tuple(
    (expression, re.compile(rf"\b(?:{words})\b"))
    for expression, words in (
        (
            Expression.SAD,
            "sad|cry|crying|cried|hurt|hurts|ow|ouch|boo ?boo|sorry|miss|lost|broke|breaked|broken",
        ),
        (Expression.SURPRISED, "wow|uh ?oh|oh no|whoa|oops|look|big big|scared|scary|boo"),
        (Expression.SLEEPY, "sleepy|tired|night|nap|bed|sleep"),
        (
            Expression.HAPPY,
            "yay|love|like|happy|hug|kiss|fun|yummy|thank|hi|hello|haha|funny|good|play|please",
        ),
        (Expression.CONFUSED, "huh|what that|me no know|don't know"),
    )
)
"""Whole words of a reply, in the order in which they are tried."""


def expression_for(reply: str) -> Expression:
    """The face to speak a reply with."""
    text = reply.lower()
    for expression, words in FEELINGS:
        if words.search(text):
            return expression
    if text in ("what?", "why?", "who?", "where?"):
        return Expression.CONFUSED
    return Expression.HAPPY if text.endswith("!") and not text.startswith("no") else Expression.NEUTRAL

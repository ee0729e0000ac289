"""How long the toddler takes to answer, where a study sets it: from the end of the caregiver's speech.

A robot that answers as fast as it can is faster than a child. People like an answer best after about a second, and want
one within two (Shiwa et al., 2008); three-year-olds take some 80 ms longer for each morpheme of what they say (Smith et
al., 2026). What was computed and what was intended are recorded apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from robot_runtime.check.words import words_of
from robot_runtime.errors import SettingsError

_CONTRACTED = re.compile(r"\w(?:'(?:s|m|re|ll|ve|d)|n't)$")
_INFLECTED = re.compile(r"(?:\w\wing|\w\w(?<!e)ed|\w[^su'i]s)$")
_WHOLE = frozenset(
    """
    this his was has does yes always bus glass kiss dress us is as gas red bed need feed seed sled shed
    sing ring thing king bring string swing wing something nothing everything morning evening
    """.split()
)
"""Words that only look inflected, of those that a toddler says."""


@dataclass(frozen=True)
class TimingSettings:
    """When to answer: `[timing]`. All 0, the default, is at once."""

    delay_s: float = 0.0
    """Seconds from the end of the caregiver's speech, or from the typed line, to the answer: 0 to 5."""
    per_morpheme_s: float = 0.0
    """Seconds more for each morpheme of the answer: 0 to 1."""

    def __post_init__(self) -> None:
        """Refuse values outside the ranges named above."""
        for key, most in (("delay_s", 5), ("per_morpheme_s", 1)):
            if not 0 <= getattr(self, key) <= most:
                raise SettingsError(f"{key} = {getattr(self, key):g} is outside 0 to {most}")

    def intended_s(self, reply: str) -> float:
        """How long after the caregiver's last sound a reply is due."""
        return self.delay_s + self.per_morpheme_s * morphemes(reply)


AT_ONCE = TimingSettings()
"""No delay."""


def morphemes(text: str) -> int:
    """Words, and one more for each contracted word (that's), plural or third person (dogs, runs), -ing and -ed.

    An approximation of Brown's rules (1973) by endings alone.
    """
    return sum(1 + _has_ending(word) for word in words_of(text))


def _has_ending(word: str) -> bool:
    return bool(_CONTRACTED.search(word) or (word not in _WHOLE and _INFLECTED.search(word)))

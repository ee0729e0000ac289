"""What can be counted in one reply, as numbers that add up over replies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from robot_runtime.check import Check
from robot_runtime.check.echo import copied_share
from robot_runtime.check.evasive import is_evasive
from robot_runtime.check.length import load_norms
from robot_runtime.check.lexicon import load_lexicon, names_in
from robot_runtime.check.words import plain, words_of
from robot_runtime.timing import morphemes
from toddler_training.evaluate.norms import AgesOfAcquisition, EarlyWords

LONGEST = 11
"""Replies of this many words or more are counted together, as in models/toddler_models/length_norms.toml."""

ROBOT = "pip"
"""What the toddler is called: a name, and so of no age, though norms have it as the seed of an apple."""


@dataclass(frozen=True)
class Norms:
    """The user's norms; None where there are none."""

    ages: AgesOfAcquisition | None = None
    """Ages of acquisition."""
    adult_years: float = 7.0
    """Words learned later are adult."""
    early: EarlyWords | None = None
    """Words of the CDI."""


@dataclass(frozen=True)
class Said:
    """One reply, whoever gave it."""

    caregiver: str
    """What was said to it."""
    reply: str | None
    """None when the check refused every candidate."""


Features = dict[str, float]


class Counter:
    """Counts in replies; holds the check and the norms."""

    def __init__(self, norms: Norms) -> None:
        """Load the check's word lists."""
        self._norms = norms
        self._check = Check()
        self._lexicon = load_lexicon()

    def count(self, said: Said) -> Features:
        """Everything about a reply that can be counted; where there is none, only that."""
        if said.reply is None:
            return {"asked": 1.0, "answered": 0.0, "unanswered": 1.0}
        words = words_of(said.reply)
        names = names_in(said.caregiver)
        known = [word in self._lexicon or word.removesuffix("'s") in names for word in words]
        features = {
            "asked": 1.0,
            "answered": 1.0,
            "unanswered": 0.0,
            "words": float(len(words)),
            "morphemes": float(morphemes(said.reply)),
            "unknown_words": float(known.count(False)),
            "copied": copied_share(said.caregiver, said.reply),
            "refused": float(bool(self.rules(said))),
            "evasive": float(is_evasive(words)),
            "length_class": float(length_class(said.reply)),
        }
        return features | self._acquired(words)

    def rules(self, said: Said) -> tuple[str, ...]:
        """The rules of the runtime's check that refuse the reply."""
        refusals = self._check.judge(said.caregiver, said.reply or "").refusals
        return tuple(dict.fromkeys(refusal.rule for refusal in refusals))

    def _acquired(self, words: Sequence[str]) -> Features:
        features: Features = {}
        if self._norms.ages:
            years = [age for word in words if word != ROBOT and (age := self._norms.ages.of(word)) is not None]
            features["rated_words"] = float(len(years))
            features["rated_years"] = sum(years)
            features["adult_words"] = float(sum(age > self._norms.adult_years for age in years))
        if early := self._norms.early:
            since = [month for word in words if (month := early.first_month(word)) is not None]
            for month in early.months:
                features[early_key(month)] = float(sum(first <= month for first in since))
        return features


def early_key(month: int) -> str:
    """Name of the count of words that children of so many months say."""
    return f"early_words_{month}"


def length_class(text: str) -> int:
    """Words between blanks, as the norms of length count them; 0 for none, `LONGEST` for that many and more."""
    return min(len(plain(text).split()), LONGEST)


def type_token(replies: Sequence[str], window: int = 50) -> float | None:
    """Different words among so many in a row, averaged over all places (MATTR, Covington and McFall 2010).

    Unlike the plain ratio it does not fall with the number of replies. None with fewer words than the window.
    """
    words = [word for reply in replies for word in words_of(reply)]
    if len(words) < window:
        return None
    held: dict[str, int] = {}
    total = 0
    for place, word in enumerate(words):
        held[word] = held.get(word, 0) + 1
        if place >= window:
            left = words[place - window]
            held[left] -= 1
            if not held[left]:
                del held[left]
        if place >= window - 1:
            total += len(held)
    return total / (len(words) - window + 1) / window


def distinct(replies: Sequence[str]) -> float | None:
    """Share of replies that differ, by their words, from all before them; None without replies."""
    return len({words_of(reply) for reply in replies}) / len(replies) if replies else None


def childes_lengths() -> dict[int, float]:
    """The runtime's norms of two-year-olds' utterances, as `shares` gives a model's replies."""
    norms = load_norms()
    return shares({**norms.probability, LONGEST: norms.tail})


def shares(classes: Mapping[int, float]) -> dict[int, float]:
    """Counts of length classes 1 to `LONGEST`, as shares."""
    total = sum(classes.get(length, 0.0) for length in range(1, LONGEST + 1))
    return {length: classes.get(length, 0.0) / total if total else 0.0 for length in range(1, LONGEST + 1)}

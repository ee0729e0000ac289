"""Judging candidates and choosing the one to speak."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

from robot_runtime.check.babywords import refuse_baby_words, unasked_factor
from robot_runtime.check.coherence import load_coherence
from robot_runtime.check.deny import load_deny_list, refuse_denied
from robot_runtime.check.echo import EchoLimits, copied_share, refuse_echo
from robot_runtime.check.evasive import is_evasive
from robot_runtime.check.length import SplitGaussian, load_norms
from robot_runtime.check.lexicon import load_lexicon, names_in, refuse_unknown
from robot_runtime.check.repeat import refuse_repeat, times_said
from robot_runtime.check.sentence import refuse_sentence
from robot_runtime.check.verdict import Ranking, Refusal, Verdict
from robot_runtime.check.words import NO, YES, content_words, words_of
from robot_runtime.errors import SettingsError

LIKELIHOOD_ROOT = 6
"""Root of a reply's probability that makes a term of the score: probabilities themselves are all near 0. Our choice."""


@dataclass(frozen=True)
class Weights:
    """How much each term counts in the score; only their proportions matter.

    The defaults were chosen by reading: of 860 candidates that the first bundled model gave to 140 lines of a set of
    their own, the first made sense in 64 %, the one that these weights choose in 74 %; without `likelihood` in 69 %.
    """

    length: float = 2.0
    """RM-3 of the reply, around the length that is wanted where one is drawn. >= 0."""

    fresh: float = 1.0
    """1 minus the copied share of content-word pairs. >= 0."""

    new: float = 0.5
    """1 / (1 + times said in the recent replies). >= 0."""

    babywords: float = 0.5
    """Published factor 1 / (1 + hits), for baby words that the caregiver did not bring up. >= 0."""

    agreement: float = 1.0
    """Share of the reply's answer words that other candidates give too (self-consistency: Wang et al. 2023, where
    the answer most samples agree on is right more often). >= 0."""

    coherence: float = 3.0
    """How well the reply fits the line, by what the written corpus answers to such lines (`coherence.py`). >= 0; at 0
    its counts are not loaded, and no score is recorded."""

    likelihood: float = 8.0
    """`LIKELIHOOD_ROOT`th root of the probability that the model itself gives the reply, where that is known. >= 0."""

    answer: float = 0.5
    """1, or 0 for a reply that avoids an answer ("I don't know", "what?"). >= 0."""


@dataclass(frozen=True)
class CheckSettings:
    """Thresholds of the rules and the shape of the score."""

    more_words: Path | None = None
    """File with more words that may be said: forms separated by white space, lines that begin with # are comments."""

    max_words: int = 8
    """Words, 1-20. CHILDES, 24-35 months: 95 % of replies have at most 7 words, 99 % at most 12."""

    echo: EchoLimits = field(default_factory=EchoLimits)
    """How much of the caregiver's line may come back."""

    recent_replies: int = 4
    """How many of the latest replies count as recent, 0-50. Our choice."""

    short_repeats: int = 2
    """How often a bare yes, no or please may stand among the recent replies and be said again, 0-10. Our choice."""

    max_baby_words: int = 2
    """Most of mommy, daddy, tummy, diaper, more and ball in one reply, 0-8. Our choice."""

    length: SplitGaussian = field(default_factory=lambda: SplitGaussian(temperature=1.0))
    """RM-3 for ranking; the temperature of 1 tells lengths apart that training's 4 calls equally good."""

    draw_length: bool = True
    """Whether the wanted length of each reply is drawn from the lengths of children's utterances in CHILDES, and RM-3
    looks for that many words. False: RM-3 as published, which likes two to four words best every time."""

    weights: Weights = field(default_factory=Weights)
    """How the terms are mixed."""

    def __post_init__(self) -> None:
        """Refuse values outside the ranges named above."""
        ranges = {
            "max_words": (self.max_words, 1, 20),
            "recent_replies": (self.recent_replies, 0, 50),
            "short_repeats": (self.short_repeats, 0, 10),
            "max_baby_words": (self.max_baby_words, 0, 8),
            "echo.share": (self.echo.share, 0, 1),
            "echo.run": (self.echo.run, 1, 20),
            "echo.answer_run": (self.echo.answer_run, 1, 20),
            "echo.content": (self.echo.content, 2, 10),
        }
        for name, (value, low, high) in ranges.items():
            if not low <= value <= high:
                raise SettingsError(f"check setting {name} is {value}; it must lie between {low} and {high}")
        weights = [getattr(self.weights, item.name) for item in fields(self.weights)]
        if not (min(weights) >= 0 and 0 < sum(weights) < math.inf):
            raise SettingsError("check weights must be 0 or more and finite, and at least one above 0")


class Check:
    """Judges replies; holds no state between calls, so one instance serves a whole conversation."""

    def __init__(self, settings: CheckSettings | None = None) -> None:
        """Load the word list, the deny list, and the counts for coherence unless that weighs nothing.

        Raises:
            SettingsError: a shipped file is damaged, or there are no `more_words` where they should be.
        """
        self.settings = settings or CheckSettings()
        self._lexicon = load_lexicon()
        if self.settings.more_words:
            self._lexicon = self._lexicon.with_more(load_lexicon(self.settings.more_words))
        self._deny = load_deny_list()
        self._norms = load_norms()
        self._coherence = load_coherence() if self.settings.weights.coherence else None

    def judge(self, caregiver: str, reply: str, recent: Sequence[str] = ()) -> Verdict:
        """Judge one reply on its own.

        Args:
            caregiver: the line that is answered.
            reply: one candidate, tidied.
            recent: earlier replies, oldest first; only the last `recent_replies` count.
        """
        return self._judge_all(caregiver, [reply], recent, (), self.settings.length)[reply]

    def rank(
        self,
        caregiver: str,
        replies: Sequence[str],
        recent: Sequence[str] = (),
        *,
        log_p: Sequence[float] = (),
        seed: int | None = None,
    ) -> Ranking:
        """Judge all candidates of a turn and choose the best one that is not refused.

        The highest score wins; among equals the one that came up most often, then the earliest.

        Args:
            caregiver: the line that is answered.
            replies: the candidates, tidied.
            recent: earlier replies, oldest first; only the last `recent_replies` count.
            log_p: log-probability in nats that the model gives each candidate; empty where that is not known.
            seed: of the length that is wanted; None where none is to be drawn.
        """
        bell, wanted = self.settings.length, None
        if seed is not None and self.settings.draw_length:
            wanted = self._norms.draw(random.Random(seed).random(), self.settings.max_words)
            bell = bell.around(wanted)
        verdicts = self._judge_all(caregiver, replies, recent, log_p, bell)
        counts = {reply: replies.count(reply) for reply in verdicts}
        passed = [index for index, reply in enumerate(replies) if verdicts[reply].passed]
        best = max(passed, key=lambda i: (verdicts[replies[i]].score, counts[replies[i]], -i), default=None)
        return Ranking(best, tuple(verdicts[reply] for reply in replies), wanted)

    def _judge_all(
        self,
        caregiver: str,
        replies: Sequence[str],
        recent: Sequence[str],
        log_p: Sequence[float],
        bell: SplitGaussian,
    ) -> dict[str, Verdict]:
        """Give the verdict on each distinct reply."""
        scores = {
            reply: {"length": bell.score(reply), "agreement": agreement_with(reply, replies)} for reply in replies
        }
        for reply, nats in zip(replies, log_p, strict=bool(log_p)):
            scores[reply]["likelihood"] = math.exp(nats / LIKELIHOOD_ROOT)
        if self._coherence:
            for reply, fit in zip(scores, self._coherence.scores(caregiver, list(scores)), strict=True):
                scores[reply]["coherence"] = fit
        return {reply: self._judge(caregiver, reply, recent, found) for reply, found in scores.items()}

    def _judge(self, caregiver: str, reply: str, recent: Sequence[str], found: Mapping[str, float]) -> Verdict:
        settings = self.settings
        window = recent[len(recent) - min(settings.recent_replies, len(recent)) :]
        refusals = refuse_sentence(reply, settings.max_words)
        if not any(refusal.rule == "empty" for refusal in refusals):
            refusals += self._refuse_words(caregiver, reply, window)
        scores = {
            "fresh": 1.0 - copied_share(caregiver, reply),
            "new": 1.0 / (1 + times_said(reply, window)),
            "babywords": unasked_factor(caregiver, reply),
            "answer": float(not is_evasive(words_of(reply))),
            **found,
        }
        weights = {name: getattr(settings.weights, name) for name in scores}
        score = sum(weights[name] * value for name, value in scores.items()) / sum(weights.values())
        return Verdict(reply, min(1.0, score), tuple(refusals), scores)

    def _refuse_words(self, caregiver: str, reply: str, window: Sequence[str]) -> list[Refusal]:
        settings = self.settings
        return [
            *refuse_unknown(reply, self._lexicon, names_in(caregiver)),
            *refuse_denied(reply, self._deny),
            *refuse_echo(caregiver, reply, settings.echo),
            *refuse_repeat(reply, window, settings.short_repeats),
            *refuse_baby_words(caregiver, reply, settings.max_baby_words),
        ]


def agreement_with(reply: str, replies: Sequence[str]) -> float:
    """Give how much the other candidates say the same, in [0, 1].

    The mean, over the other candidates, of the share of this reply's answer words that the other one has too. 1.0
    for a single candidate, 0.0 for an empty one among others.
    """
    others = list(replies)
    if reply in others:
        others.remove(reply)
    if not others:
        return 1.0
    own = _answer_words(reply)
    if not own:
        return 0.0
    return sum(len(own & _answer_words(other)) / len(own) for other in others) / len(others)


def _answer_words(reply: str) -> frozenset[str]:
    """Give the content words, with every way of saying yes or no folded into one; all words where there are none."""
    words = words_of(reply)
    polarity = {"yes" if word in YES else "no" for word in words if word in YES or word in NO}
    return frozenset(content_words(words)) | polarity or frozenset(words)

"""How long a toddler's utterance is: the published length reward (RM-3) and the CHILDES length table.

RM-3 is the length reward of Levandovsky, Manaseryan and Kennington (SIGDIAL 2025, "Learning to Speak Like a
Child"), in the form that their public training code (enochlev/CHILDES_LLM_training, April 2025) gives it:

    n      = mean number of words per sentence, sentences ending at . ! or ?
    base   = exp(-(n - median)^2 / (2 * variance of that side of the median))
    score  = min(1, base * T^(1 - base)) / max(1, number of . ! ? , ; : in the text)

The module is pure (standard library only): training uses the same functions as a reward.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from robot_runtime.errors import SettingsError
from toddler_models import DATA

_SENTENCE_END = re.compile(r"[.!?]+")
_PUNCTUATION = re.compile(r"[.!?,;:]")

MIN_VARIANCE = 0.5
"""Words squared: no side of the bell may be narrower (published)."""


def mean_sentence_words(text: str) -> float:
    """Give the mean number of whitespace-separated words per sentence; 0.0 when there is no word."""
    lengths = [len(part.split()) for part in _SENTENCE_END.split(text)]
    spoken = [length for length in lengths if length]
    return sum(spoken) / len(spoken) if spoken else 0.0


def punctuation_penalty(text: str) -> float:
    """Give 1 / max(1, count of `. ! ? , ; :`), the published factor against run-on strings; in (0, 1]."""
    return 1.0 / max(1, len(_PUNCTUATION.findall(text)))


@dataclass(frozen=True)
class SplitGaussian:
    """A bell with one width below its median and another above it; the published values are the defaults."""

    median: float = 2.0
    """Words per sentence; > 0. Published: the median of 3,500 caregiver-child pairs."""

    left_variance: float = 0.6800962510446344
    """Words squared, for lengths up to the median. Published parameter file."""

    right_variance: float = 10.31034952228082
    """Words squared, for lengths from the median on. Published parameter file."""

    temperature: float = 4.0
    """T >= 1 lifts the shoulders; 1 leaves the bell as it is. Published versions of the code use 5, 1 and 4;
    4 is the one nearest to the released model."""

    def __post_init__(self) -> None:
        """Refuse values for which the score is undefined."""
        if not (self.median > 0 and self.left_variance >= 0 and self.right_variance >= 0):
            raise SettingsError(
                f"length shape: median {self.median} and variances {self.left_variance}, "
                f"{self.right_variance} must be positive; use fit() to make them from lengths"
            )
        if not self.temperature >= 1:
            raise SettingsError(f"length shape: temperature {self.temperature} must be 1 or more")

    def around(self, words: float) -> SplitGaussian:
        """Give the bell for an utterance of which so many words are wanted: as narrow above them as below."""
        return replace(self, median=words, right_variance=self.left_variance)

    def base(self, words: float) -> float:
        """Give the bell's height at `words` words per sentence, in (0, 1]."""
        side = self.left_variance if words < self.median else self.right_variance
        return math.exp(-((words - self.median) ** 2) / (2.0 * max(side, MIN_VARIANCE)))

    def length_score(self, words: float) -> float:
        """Give the bell after the temperature, capped at 1; in (0, 1]."""
        base = self.base(words)
        return min(1.0, base * math.pow(self.temperature, 1.0 - base))

    def score(self, text: str) -> float:
        """Give RM-3 of a whole utterance, in [0, 1]; 0.0 when it holds no word (our choice: silence is no reply)."""
        words = mean_sentence_words(text)
        return self.length_score(words) * punctuation_penalty(text) if words else 0.0


def fit(lengths: Iterable[float], *, temperature: float = 4.0) -> SplitGaussian:
    """Make the bell from observed mean words per sentence.

    Each side's variance is the mean squared distance from the median of the lengths on that side; lengths equal
    to the median count on both sides, as the published left variance (below 1 at a median of 2) shows.

    Args:
        lengths: words per sentence, one number an utterance.
        temperature: as in `SplitGaussian`.

    Raises:
        SettingsError: there is no length at all.
    """
    values = sorted(lengths)
    if not values:
        raise SettingsError("length fit: there are no lengths; give at least one utterance")
    middle = (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2.0
    left = [(value - middle) ** 2 for value in values if value <= middle]
    right = [(value - middle) ** 2 for value in values if value >= middle]
    return SplitGaussian(middle, sum(left) / len(left), sum(right) / len(right), temperature)


@dataclass(frozen=True)
class LengthNorms:
    """How often children utter sentences of each length: a table, not a bell."""

    probability: Mapping[int, float]
    """Share of utterances with exactly that many words, for 1 .. the last length of the table."""

    tail: float
    """Share of all longer utterances, in [0, 1]."""

    utterances: int
    """How many utterances were counted."""

    source: str
    """Where the counts come from."""

    def at(self, words: int) -> float:
        """Give the share of utterances of `words` words; beyond the table the tail is halved a word, so it sums up."""
        last = max(self.probability)
        if words > last:
            return self.tail * 0.5 ** (words - last)
        return self.probability.get(words, 0.0)

    def draw(self, chance: float, longest: int) -> int:
        """Give a length in words, at most `longest`, as often as children utter one of so many.

        Args:
            chance: a number drawn evenly from [0, 1).
            longest: of the lengths to draw from.
        """
        shares = [self.at(words) for words in range(1, longest + 1)]
        left = chance * sum(shares)
        for words, share in enumerate(shares, 1):
            left -= share
            if left < 0:
                return words
        return longest

    def score(self, text: str) -> float:
        """Give the likelihood of the text's mean sentence length relative to the commonest, with RM-3's penalty."""
        words = mean_sentence_words(text)
        below, part = int(words), words - int(words)
        share = (1 - part) * self.at(below) + part * self.at(below + 1) if words else 0.0
        return share / max(self.probability.values()) * punctuation_penalty(text)


def load_norms(path: Path | None = None) -> LengthNorms:
    """Read a length table; the CHILDES table of 24-35 months when no path is given.

    Raises:
        SettingsError: the file is missing, is no TOML, or its shares do not add up to 1 (within 0.01).
    """
    file = path or DATA / "length_norms.toml"
    try:
        with file.open("rb") as stream:
            table = tomllib.load(stream)
        norms = LengthNorms(
            probability={int(words): float(share) for words, share in table["probability"].items()},
            tail=float(table["tail"]),
            utterances=int(table["utterances"]),
            source=str(table["source"]),
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise SettingsError(f"length norms {file} cannot be read ({error}); restore the shipped file") from error
    total = sum(norms.probability.values()) + norms.tail
    if abs(total - 1.0) > 0.01:
        raise SettingsError(f"length norms {file}: the shares add up to {total:.3f}, not 1; correct the table")
    return norms

"""The figures by which models are compared, each made from what can be counted in single replies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy

from toddler_training.evaluate.bootstrap import Array, Difference, Estimate, Finish, difference, estimate, mean
from toddler_training.evaluate.features import LONGEST, Features, early_key

FLOOR = 0.5
"""Replies added to each length class of a model before the divergence, so that a class nobody used has a logarithm
(the Krichevsky-Trofimov estimate)."""

UNSEEN = 1e-4
"""Added to each share of a norm before it, for the same reason. Our choice: far below the rarest class of CHILDES."""


@dataclass(frozen=True)
class Measure:
    """One figure."""

    key: str
    """Name in table.json."""
    title: str
    """For people."""
    group: str
    """Heading under which it stands."""
    better: int
    """1 if more is better, -1 if less is, 0 if neither: then it is the children's figure that one compares with."""
    columns: tuple[str, ...]
    """Features that are added up; `length:N` is 1 for a reply of the length class N."""
    finish: Finish = mean
    """Makes the figure of their sums."""
    unit: str = ""
    """`%` for shares, else empty."""
    about: str = ""
    """What it is, where the title does not say it."""


class Compared(NamedTuple):
    """A figure, and how it differs from that of the model that all are compared with."""

    estimate: Estimate
    difference: Difference | None


def measures(months: Sequence[int], length_norms: Mapping[str, Mapping[int, float]]) -> list[Measure]:
    """All figures; one whose features nobody has counted stays empty.

    Args:
        months: ages of the CDI's table, none without one.
        length_norms: by name, share of utterances in each length class.
    """
    rewards, talk, words, faults = "Rewards", "How much is said", "Which words", "What goes wrong"
    found = [
        Measure("reward", "reward, weighted as in training", rewards, 1, ("reward", "answered")),
        Measure("childish", "childish (RM-1)", rewards, 1, ("childish", "answered")),
        Measure("coherence", "coherent (RM-2)", rewards, 1, ("coherence", "answered")),
        Measure("length", "length (RM-3)", rewards, 1, ("length", "answered")),
        Measure("judged", "coherent, judged by a language model", rewards, 1, ("judged", "judged_replies")),
        Measure("words", "words a reply", talk, 0, ("words", "answered")),
        Measure("morphemes", "morphemes a reply", talk, 0, ("morphemes", "answered")),
    ]
    lengths = tuple(f"length:{length}" for length in range(1, LONGEST + 1))
    for name, norm in length_norms.items():
        key, title = f"length_kl_{name.lower()}", f"lengths unlike {name}"
        found.append(Measure(key, title, talk, -1, lengths, _divergence(norm), about="KL divergence, nats"))
    found += [
        Measure("unknown", "words no toddler says", words, -1, ("unknown_words", "words"), unit="%", about="check"),
        Measure(
            "aoa", "age of acquisition, years", words, 0, ("rated_years", "rated_words"), about="mean of all words"
        ),
        Measure("adult", "adult words", words, -1, ("adult_words", "rated_words"), unit="%", about="learned late"),
        *(
            Measure(
                f"early_{month}",
                f"words said at {month} months",
                words,
                0,
                (early_key(month), "words"),
                unit="%",
                about="by half of the children (CDI)",
            )
            for month in months
        ),
        Measure("copied", "copied from the caregiver", faults, 0, ("copied", "answered"), unit="%"),
        Measure("refused", "refused by the check", faults, -1, ("refused", "answered"), unit="%"),
        Measure("evasive", "evasive replies", faults, 0, ("evasive", "answered"), unit="%"),
        Measure("unanswered", "no reply passed the check", faults, -1, ("unanswered", "asked"), unit="%"),
        Measure(
            "perplexity",
            "perplexity of the children's replies",
            "The children's own replies",
            -1,
            ("surprise", "gold_words"),
            lambda sums: numpy.exp(mean(sums)),
            about="a word, the end of the reply included",
        ),
    ]
    return found


def compare(
    measure: Measure, features: Sequence[Features], reference: Sequence[Features] | None, drawn: Array
) -> Compared | None:
    """A figure over all pairs, None if its features were not counted.

    Args:
        measure: which.
        features: of each pair.
        reference: of the model to compare with, None for that model itself.
        drawn: of `resamples`.
    """
    columns = _columns(measure, features)
    if columns is None:
        return None
    value = estimate(columns, measure.finish, drawn)
    other = None if reference is None else _columns(measure, reference)
    return Compared(value, None if other is None else difference(columns, other, measure.finish, drawn))


def length_counts(features: Sequence[Features]) -> dict[int, float]:
    """How many replies each length class has."""
    counts: dict[int, float] = {}
    for each in features:
        if "length_class" in each:
            length = int(each["length_class"])
            counts[length] = counts.get(length, 0.0) + 1
    return counts


def _columns(measure: Measure, features: Sequence[Features]) -> Array | None:
    """(pairs, columns); None where the first column is in no pair."""
    first = measure.columns[0]
    if not first.startswith("length:") and not any(first in each for each in features):
        return None
    return numpy.array([[_feature(each, name) for name in measure.columns] for each in features])


def _feature(features: Features, name: str) -> float:
    if name.startswith("length:"):
        return float(features.get("length_class") == float(name.removeprefix("length:")))
    return features.get(name, 0.0)


def _divergence(norm: Mapping[int, float]) -> Finish:
    """Kullback-Leibler divergence of the replies' lengths from a norm, in nats: 0 for the same lengths."""
    target = numpy.array([norm[length] for length in range(1, LONGEST + 1)]) + UNSEEN
    target /= target.sum()

    def finish(sums: Array) -> Array:
        ours = sums + FLOOR
        ours = ours / ours.sum(axis=1, keepdims=True)
        found: Array = (ours * numpy.log(ours / target)).sum(axis=1)
        return found

    return finish

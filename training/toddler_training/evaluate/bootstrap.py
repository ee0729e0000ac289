"""How sure a figure is: percentile bootstrap over the held-out pairs (Efron and Tibshirani 1993).

A figure is computed from column sums over the pairs (a mean from the sum and the count), so that one product of
matrices gives it for every resampled set of pairs. Every model is resampled with the same draws: differences between
models are paired.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy
from numpy.typing import NDArray

Array = NDArray[numpy.float64]

Finish = Callable[[Array], Array]
"""From column sums, (draws, columns), to the figure for each draw; nan where there is none."""

TAIL = 2.5
"""Percent left out on each side: intervals are of 95 %."""

SIGNIFICANT = 0.05
"""A difference with a smaller p is called one; the usual level."""


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval."""

    value: float
    """From the pairs as they are; nan where there is none."""
    low: float
    """2.5th percentile over the resampled sets."""
    high: float
    """97.5th percentile."""

    def plain(self) -> dict[str, Any]:
        """As JSON has it: null in place of nan."""
        values: dict[str, float] = dataclasses.asdict(self)
        return {key: value if math.isfinite(value) else None for key, value in values.items()}


@dataclass(frozen=True)
class Difference(Estimate):
    """How much larger a figure is than that of another model on the same pairs."""

    p: float
    """Two-sided: how easily the resampled difference comes out on the other side of 0, above 0 to 1."""


def resamples(pairs: int, draws: int, seed: int) -> Array:
    """How often each pair is drawn: (draws, pairs), each row summing up to `pairs`."""
    rng = numpy.random.default_rng(seed)
    return rng.multinomial(pairs, numpy.full(pairs, 1 / pairs), size=draws).astype(numpy.float64)


def estimate(columns: Array, finish: Finish, drawn: Array) -> Estimate:
    """A figure and its interval.

    Args:
        columns: (pairs, columns), what each pair contributes.
        finish: makes the figure of column sums.
        drawn: of `resamples`.
    """
    value = float(finish(columns.sum(axis=0, keepdims=True))[0])
    return Estimate(value, *interval(finish(drawn @ columns)))


def difference(columns: Array, other: Array, finish: Finish, drawn: Array) -> Difference:
    """The figure of `columns` less that of `other`; both hold the same pairs in the same order."""
    value = float((finish(columns.sum(axis=0, keepdims=True)) - finish(other.sum(axis=0, keepdims=True)))[0])
    differences = finish(drawn @ columns) - finish(drawn @ other)
    sided = min(numpy.count_nonzero(differences <= 0), numpy.count_nonzero(differences >= 0))
    p = min(1.0, 2 * (sided + 1) / (len(differences) + 1))
    return Difference(value, *interval(differences), p)


def mean(sums: Array) -> Array:
    """Finish of the columns (value, count): sum by count. Any ratio of two sums, too."""
    with numpy.errstate(invalid="ignore", divide="ignore"):
        return numpy.where(sums[:, 1] > 0, sums[:, 0] / sums[:, 1], numpy.nan)


def interval(values: Array) -> tuple[float, float]:
    """The middle 95 % of resampled values, those that are nan left out; nan where there are no others."""
    known = values[~numpy.isnan(values)]
    if not len(known):
        return numpy.nan, numpy.nan
    low, high = numpy.percentile(known, [TAIL, 100 - TAIL])
    return float(low), float(high)

"""The table that compares models on the same held-out pairs: plain data, from which page and plots are drawn."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from toddler_training.evaluate.bootstrap import Array
from toddler_training.evaluate.contestants import BASE
from toddler_training.evaluate.features import Features, distinct, shares, type_token
from toddler_training.evaluate.measures import Measure, compare, length_counts

RAW, RANKED = "raw", "ranked"
"""The first sample as the model wrote it, and what the runtime would say: the best that the check lets pass."""


@dataclass(frozen=True)
class Row:
    """The replies of one model in one column, or those of the children."""

    model: str
    """Name of the model."""
    column: str
    """`RAW` or `RANKED`."""
    replies: Sequence[str | None]
    """For each pair; None where the check refused every candidate."""
    features: Sequence[Features]
    """What was counted in each."""
    rules: Sequence[tuple[str, ...]]
    """The check's rules that refuse each."""


def compared(
    rows: Sequence[Row], measures: Sequence[Measure], length_norms: Mapping[str, Mapping[int, float]], drawn: Array
) -> dict[str, Any]:
    """The table, of JSON types.

    Args:
        rows: those of `BASE` are what the others in their column are compared with.
        measures: the figures.
        length_norms: by name, share of utterances in each length class.
        drawn: of `resamples`.
    """
    reference = {row.column: row.features for row in rows if row.model == BASE}
    return {
        "reference": BASE,
        "pairs": len(drawn[0]),
        "draws": len(drawn),
        "measures": [
            {key: getattr(measure, key) for key in ("key", "title", "group", "better", "unit", "about")}
            for measure in measures
            if any(compare(measure, row.features, None, drawn[:1]) for row in rows)
        ],
        "length_norms": {
            name: {str(length): share for length, share in norm.items()} for name, norm in length_norms.items()
        },
        "rows": [_row(row, reference.get(row.column), measures, drawn) for row in rows],
    }


def _row(row: Row, reference: Sequence[Features] | None, measures: Sequence[Measure], drawn: Array) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for measure in measures:
        found = compare(measure, row.features, None if row.model == BASE else reference, drawn)
        if found:
            difference = found.difference and found.difference.plain()
            figures[measure.key] = {**found.estimate.plain(), "difference": difference}
    said = [reply for reply in row.replies if reply is not None]
    return {
        "model": row.model,
        "column": row.column,
        "figures": figures,
        "type_token": type_token(said),
        "distinct": distinct(said),
        "lengths": {str(length): share for length, share in shares(length_counts(row.features)).items()},
        "rules": dict(Tally(rule for rules in row.rules for rule in rules).most_common()),
    }

"""How good a reward model is: AUC, rank correlation, calibration, by held-out child."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from toddler_training.rewards.example import Example

BINS = 10
"""Of the calibration: equally wide, over [0, 1]."""

FEWEST = 20
"""Examples of a child below which it has no line of its own."""

Floats = npt.NDArray[np.float64]


def ranks(values: Sequence[float]) -> Floats:
    """Rank of each value from 1; equal values share their mean rank."""
    _, inverse, counts = np.unique(np.asarray(values, dtype=np.float64), return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    means: Floats = (ends - (counts - 1) / 2)[inverse]
    return means


def auc(scores: Sequence[float], good: Sequence[bool]) -> float | None:
    """The chance that a good example scores above another, equal scores counting half; None without one of each."""
    mask = np.asarray(good, dtype=bool)
    positives, negatives = int(mask.sum()), int((~mask).sum())
    if not positives or not negatives:
        return None
    return float((ranks(scores)[mask].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def spearman(scores: Sequence[float], labels: Sequence[float]) -> float | None:
    """Correlation of the ranks, -1 to 1; None where all are equal on a side."""
    if len(set(scores)) < 2 or len(set(labels)) < 2:
        return None
    return float(np.corrcoef(ranks(scores), ranks(labels))[0, 1])


def calibration(scores: Sequence[float], labels: Sequence[float]) -> list[dict[str, float]]:
    """Mean score and mean label of each bin that holds something."""
    given, wanted = np.asarray(scores, dtype=np.float64), np.asarray(labels, dtype=np.float64)
    bins = np.minimum((given * BINS).astype(int), BINS - 1)
    return [
        {
            "score": round(float(given[bins == at].mean()), 4),
            "label": round(float(wanted[bins == at].mean()), 4),
            "count": int((bins == at).sum()),
        }
        for at in np.unique(bins)
    ]


def measure(examples: Sequence[Example], scores: Sequence[float], threshold: float) -> dict[str, Any]:
    """All figures on held-out examples.

    Args:
        examples: of children that the model has not learnt from.
        scores: the model's, one an example, in [0, 1].
        threshold: label from which an example is good, for the AUC.

    Returns:
        examples, auc, spearman, calibration_error (mean distance of score and label over the bins, weighted), bins,
        `against` (AUC of the true examples against each other source), `children` (examples, auc, spearman of each).
    """
    figures = _figures(examples, scores, threshold)
    bins = calibration(scores, [example.label for example in examples])
    error = sum(item["count"] * abs(item["score"] - item["label"]) for item in bins) / max(1, len(examples))
    sources = sorted({example.source for example in examples})
    against = {}
    for source in sources if "true" in sources else []:
        kept = [at for at, example in enumerate(examples) if example.source in ("true", source)]
        against[source] = auc([scores[at] for at in kept], [examples[at].source == "true" for at in kept])
    children = {}
    for child in sorted({example.child for example in examples}):
        kept = [at for at, example in enumerate(examples) if example.child == child]
        if len(kept) >= FEWEST:
            children[child] = _figures([examples[at] for at in kept], [scores[at] for at in kept], threshold)
    by_source = {}
    for source in sources if len(sources) > 1 else []:
        kept = [at for at, example in enumerate(examples) if example.source == source]
        by_source[source] = _figures([examples[at] for at in kept], [scores[at] for at in kept], threshold)
    return {
        **figures,
        "threshold": threshold,
        "calibration_error": round(error, 4),
        "bins": bins,
        "against": {source: _short(value) for source, value in against.items() if source not in ("true", "scored")},
        "sources": by_source,
        "children": children,
    }


def _figures(examples: Sequence[Example], scores: Sequence[float], threshold: float) -> dict[str, Any]:
    labels = [example.label for example in examples]
    return {
        "examples": len(examples),
        "auc": _short(auc(scores, [label >= threshold for label in labels])),
        "spearman": _short(spearman(scores, labels)),
    }


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 4)

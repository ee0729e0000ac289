"""RM-1's examples: what children of known age said, labelled by that age."""

from __future__ import annotations

from pathlib import Path

from toddler_training.data.tables import read_rows
from toddler_training.rewards.example import Example

YOUNGEST, FOCUS, OLDEST = 1.0, 2.99, 6.99
"""Years: the labelled ages and the last one that counts as a toddler's (published)."""

AT_FOCUS = 0.75
"""Label at `FOCUS`, at `YOUNGEST` it is 1 (published)."""

BEYOND_FOCUS = {"published": 0.25, "mended": AT_FOCUS}
"""Label right after `FOCUS`, from which it falls to 0 at `OLDEST`."""

SHORTEST = 2
"""Characters of the shortest utterance that is learnt from (published)."""


def age_label(months: float, formula: str) -> float | None:
    """How childish speech of that age is, in [0, 1]; None outside the labelled ages.

    Args:
        months: age.
        formula: `published`, which falls by 0.5 at three years, or `mended`, which has no such gap.
    """
    years = months / 12
    if not YOUNGEST <= years <= OLDEST:
        return None
    if years <= FOCUS:
        return 1 - (1 - AT_FOCUS) * (years - YOUNGEST) / (FOCUS - YOUNGEST)
    return BEYOND_FOCUS[formula] * (OLDEST - years) / (OLDEST - FOCUS)


def childish_examples(utterances: Path, formula: str) -> list[Example]:
    """Every utterance of a child whose age is known.

    Args:
        utterances: the data step's utterances.parquet; the child of a transcript has the role Target_Child.
        formula: see `age_label`.
    """
    examples = []
    for child, role, months, text, split in read_rows(utterances, "child", "role", "age_months", "text", "split"):
        label = age_label(months, formula) if role == "Target_Child" and months is not None else None
        if label is not None and len(text) >= SHORTEST:
            examples.append(Example("", text, label, child, split, "age"))
    return examples

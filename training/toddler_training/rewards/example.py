"""Examples that a reward model learns from, and which children they are held out by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

TRAIN, VALIDATION, TEST = "train", "validation", "test"


class Example(NamedTuple):
    """One text or pair with its soft label."""

    caregiver: str
    """The caregiver's line; empty for RM-1."""
    reply: str
    """The child's; empty for RM-4."""
    label: float
    """In [0, 1]."""
    child: str
    """corpus/name; a child's examples are all on one side of the split."""
    split: str
    """`train`, `validation` or `test`."""
    source: str
    """Where the label is from: `age`, `scored`, `true`, `shuffled`, `scrambled`, ..."""


def split_of(child: str, known: Mapping[str, str]) -> str:
    """The split of a child: as in the pairs, else by its name, 8 : 1 : 1, the same in every run."""
    if child in known:
        return known[child]
    draw = hashlib.sha256(child.encode()).digest()[0]
    return TRAIN if draw < 205 else VALIDATION if draw < 230 else TEST


def with_validation(examples: list[Example]) -> list[Example]:
    """The examples, with something to stop early by.

    Without a child for validation, the training child with the fewest examples becomes one; of an only child, every
    tenth example.
    """
    if any(example.split == VALIDATION for example in examples):
        return examples
    counts = _counts(example.child for example in examples if example.split == TRAIN)
    if len(counts) > 1:
        chosen = min(counts, key=lambda child: (counts[child], child))
        return [item._replace(split=VALIDATION) if item.child == chosen else item for item in examples]
    places = [at for at, example in enumerate(examples) if example.split == TRAIN][::10]
    held = set(places)
    return [item._replace(split=VALIDATION) if at in held else item for at, item in enumerate(examples)]


def _counts(children: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for child in children:
        counts[child] = counts.get(child, 0) + 1
    return counts

"""Lengths and ages of what the step `data` has made, as a picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from toddler_training.data.chat import CHILD_ROLE
from toddler_training.data.pairs import Pair

LONGEST = 15
"""Words; longer turns are counted there."""


def draw(utterances: Any, pairs: Sequence[Pair], path: Path) -> None:
    """Draw three panels: lengths of turns, ages of the pairs, and the child's mean length of utterance by age.

    Args:
        utterances: the table of `utterances.parquet`.
        pairs: all pairs, 1 or more.
        path: of the PNG.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 4), layout="constrained")
    lengths, ages, growth = figure.subplots(1, 3)
    for name, shift, texts in (
        ("caregiver", -0.2, [pair.caregiver for pair in pairs]),
        ("child", 0.2, [pair.child_reply for pair in pairs]),
    ):
        counts = Counter(min(len(text.split()), LONGEST) for text in texts)
        shares = {length: count / len(texts) for length, count in sorted(counts.items())}
        lengths.bar([length + shift for length in shares], list(shares.values()), 0.4, label=name)
    lengths.set(xlabel=f"words of a turn ({LONGEST} or more at the end)", ylabel="share", title=f"{len(pairs):,} pairs")
    lengths.legend()
    months = Counter(int(pair.age_months) for pair in pairs)
    ages.bar(list(months), list(months.values()))
    ages.set(xlabel="age of the child, months", ylabel="pairs", title="ages of the pairs")
    by_month: dict[int, list[int]] = {}
    columns = (utterances[name].to_pylist() for name in ("role", "age_months", "text"))
    for role, age, text in zip(*columns, strict=True):
        if role == CHILD_ROLE and age is not None:
            by_month.setdefault(int(age), []).append(len(text.split()))
    means = {month: sum(words) / len(words) for month, words in sorted(by_month.items())}
    growth.plot(list(means), list(means.values()), ".-")
    growth.set(xlabel="age, months", ylabel="words", title="mean length of the child's utterances")
    figure.savefig(path, dpi=110)

"""Exchanges with a judge's scores: the published CSV, the labelling tool's JSONL, or the data step's Parquet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from robot_runtime.errors import SettingsError
from toddler_training.data.scored import ScoredPair
from toddler_training.data.scored import read_scored as read_csv
from toddler_training.rewards.example import Example, split_of

ONE_WORD, PER_CHARACTER, CHARACTERS = 0.87, 0.001, 30
"""The published correction of a score: a factor for one-word replies, then a bonus for each character above 30."""


def read_scored(file: Path) -> list[ScoredPair]:
    """Read scored exchanges: `.csv` as `data.scored` has it, `.jsonl` of `train label`, `.parquet` of the data step.

    Raises:
        SettingsError: the file cannot be read, lacks a column, or holds no exchange or a score outside [0, 1].
    """
    if file.suffix == ".csv":
        return read_csv(file)[0]
    try:
        if file.suffix == ".parquet":
            import pyarrow.parquet as parquet

            rows = parquet.read_table(file).to_pylist()
        else:
            rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        pairs = [
            ScoredPair(
                row.get("child") or "",
                row.get("age_months"),
                str(row["caregiver"]),
                str(row["child_reply"]),
                float(row["caregiver_score"]),
                float(row["reply_score"]),
            )
            for row in rows
        ]
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError(f"cannot read the scored pairs {file}: {error}") from error
    except KeyError as error:
        raise SettingsError(f"the scored pairs {file} lack the column {error}") from error
    if not pairs:
        raise SettingsError(f"the scored pairs {file} hold no exchange")
    if not all(0 <= score <= 1 for pair in pairs for score in (pair.caregiver_score, pair.reply_score)):
        raise SettingsError(f"the scored pairs {file} hold scores outside [0, 1]")
    return list({(pair.caregiver, pair.child_reply): pair for pair in pairs}.values())


def coherence_examples(pairs: Iterable[ScoredPair], splits: Mapping[str, str], labels: str) -> list[Example]:
    """RM-2's examples; `labels` is `plain` or `published` (see the settings)."""
    return [
        Example(
            pair.caregiver, pair.child_reply, _label(pair.reply_score, pair.child_reply, labels), *_side(pair, splits)
        )
        for pair in pairs
    ]


def clarity_examples(pairs: Iterable[ScoredPair], splits: Mapping[str, str], labels: str) -> list[Example]:
    """RM-4's examples, one a caregiver line: of a line that was scored with several replies, the mean score."""
    lines: dict[tuple[str, str, str], list[float]] = {}
    for pair in pairs:
        child, split, _ = _side(pair, splits)
        lines.setdefault((pair.caregiver, child, split), []).append(
            _label(pair.caregiver_score, pair.child_reply, labels)
        )
    return [
        Example(line, "", sum(scores) / len(scores), child, split, "scored")
        for (line, child, split), scores in lines.items()
    ]


def _label(score: float, reply: str, labels: str) -> float:
    if labels == "published":
        factor = ONE_WORD if len(reply.split()) == 1 else 1.0
        score = score * factor + PER_CHARACTER * (len(reply) - CHARACTERS)
    return min(max(score, 0.0), 1.0)


def _side(pair: ScoredPair, splits: Mapping[str, str]) -> tuple[str, str, str]:
    child = pair.child or pair.caregiver
    return child, split_of(child, splits), "scored"

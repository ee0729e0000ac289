"""Pairs that somebody has scored, as CSV: the labels of the reward models for coherence and clarity.

The form is that of the public `child_response_pairs_scored.csv` (enochlev/CHILDES_LLM_training, 2025): columns
folder_name, root_name, child_name, years, months, days, speaker, text, CHI_response, adult_coherence_score and
child_coherence_score, the scores in [0, 1]. Only `COLUMNS` are needed; an empty age is unknown.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from robot_runtime.errors import SettingsError
from toddler_training.data.chat import MONTH_DAYS

COLUMNS = ("text", "CHI_response", "adult_coherence_score", "child_coherence_score")
"""Caregiver's turn, child's reply, and how clear the one and how fitting the other is."""


class ScoredPair(NamedTuple):
    """A row of `scored_pairs.parquet`."""

    child: str
    """Corpus and name of the child; empty when unknown."""
    age_months: float | None
    """Its age."""
    caregiver: str
    """The caregiver's turn."""
    child_reply: str
    """The child's turn."""
    caregiver_score: float
    """How clear the caregiver's turn is without context, in [0, 1]."""
    reply_score: float
    """How well the reply fits it, in [0, 1]."""


def read_scored(path: Path) -> tuple[list[ScoredPair], Counter[str]]:
    """Read the distinct scored pairs, and count what was read, kept and dropped.

    Raises:
        SettingsError: the file cannot be read, lacks a column, or has no usable row.
    """
    counts: Counter[str] = Counter()
    pairs: dict[tuple[str, str], ScoredPair] = {}
    try:
        with path.expanduser().open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
            if missing:
                raise SettingsError(f"{path} has no column {', '.join(missing)}; a CSV of scored pairs needs them")
            for row in rows:
                pair = _pair(row)
                key = (pair.caregiver, pair.child_reply) if pair else ("", "")
                cause = (
                    "dropped: text or score missing" if pair is None else "dropped: twice" if key in pairs else "kept"
                )
                counts.update(["read", cause])
                if pair and key not in pairs:
                    pairs[key] = pair
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SettingsError(f"cannot read the scored pairs {path}: {error}") from error
    if not pairs:
        raise SettingsError(f"{path} has no row with text and scores in [0, 1]")
    return list(pairs.values()), counts


def _pair(row: dict[str, str | None]) -> ScoredPair | None:
    caregiver, reply = (" ".join((row[column] or "").split()) for column in COLUMNS[:2])
    scores = [_number(row[column]) for column in COLUMNS[2:]]
    if not (caregiver and reply) or any(score is None or not 0 <= score <= 1 for score in scores):
        return None
    years = _number(row.get("years"))
    months, days = (_number(row.get(column)) or 0.0 for column in ("months", "days"))
    age = None if years is None else 12 * years + months + days / MONTH_DAYS
    corpus, name = (row.get("folder_name") or "").partition("/")[0], row.get("child_name") or ""
    child = f"{corpus}/{name}" if corpus and name else ""
    return ScoredPair(child, age, caregiver, reply, *(score for score in scores if score is not None))


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None

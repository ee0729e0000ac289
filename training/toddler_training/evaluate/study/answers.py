"""What the answers to a questionnaire say: reliability of the scales, and means by condition with intervals.

Who answered under several conditions is resampled as a whole, so that a study within or between participants, or a
mixed one, is treated rightly.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy

from robot_runtime.errors import SettingsError
from toddler_training.evaluate.bootstrap import Array, Estimate, difference, estimate, interval, mean, resamples
from toddler_training.evaluate.study.questionnaire import AGE, CONDITION, PARTICIPANT, STEPS, Questionnaire, Scale

ENOUGH = 0.5
"""Share of a scale's items that must be answered for it to have a score. Our choice."""


@dataclass(frozen=True)
class Answer:
    """What one participant said under one condition."""

    participant: str
    """As typed into the form."""
    condition: str
    """As typed into the form, for instance the robot."""
    values: Mapping[str, float]
    """By column: steps as ticked, or years; what was left out is absent."""


def read_answers(paths: Sequence[Path], questionnaire: Questionnaire) -> list[Answer]:
    """Read files of answers, one row each or many.

    Raises:
        SettingsError: a file cannot be read, lacks a column, or holds a value that cannot be ticked.
    """
    answers = [answer for path in paths for answer in _read(path, questionnaire)]
    if not answers:
        raise SettingsError("no answers: the files have a heading but no row")
    twice = [
        f"{one.participant} under {one.condition}"
        for place, one in enumerate(answers)
        if any((one.participant, one.condition) == (other.participant, other.condition) for other in answers[:place])
    ]
    if twice:
        raise SettingsError(f"two answers of {twice[0]}: give each participant a name of its own, and each file once")
    return answers


def analysis(questionnaire: Questionnaire, answers: Sequence[Answer], draws: int, seed: int) -> dict[str, Any]:
    """Everything that the answers say, of JSON types.

    Args:
        questionnaire: what was asked.
        answers: of everybody.
        draws: bootstrap samples of the participants.
        seed: of the bootstrap.
    """
    people = sorted({answer.participant for answer in answers})
    conditions = sorted({answer.condition for answer in answers})
    drawn = resamples(len(people), draws, seed)
    found: list[dict[str, Any]] = []
    for scale in questionnaire.scales:
        alpha = scale_reliability(scale, answers, people, drawn)
        scores = [scale_score(scale, answer) for answer in answers]
        found.append(
            {"scale": scale.name, "items": len(scale.items), "alpha": alpha.plain()}
            | _by_condition(scores, answers, people, conditions, drawn)
        )
    ages = [answer.values.get(AGE) for answer in answers]
    return {
        "participants": len(people),
        "answers": len(answers),
        "conditions": conditions,
        "draws": draws,
        "perceived_age": _by_condition(ages, answers, people, conditions, drawn),
        "scales": found,
    }


def scale_score(scale: Scale, answer: Answer) -> float | None:
    """Mean of the answered items of a scale, 1 to `STEPS`, each turned so that more is more; None if too few are."""
    given = [_turned(scale, column, answer) for column in range(len(scale.items))]
    known = [value for value in given if not math.isnan(value)]
    return sum(known) / len(known) if len(known) >= ENOUGH * len(given) else None


def cronbach_alpha(items: Array) -> float:
    """Cronbach's alpha (1951) of answers, shape (answers, items); nan where nothing varies or only one answered."""
    answers, count = items.shape
    if answers < 2:
        return math.nan
    whole = items.sum(axis=1).var(ddof=1)
    return float(count / (count - 1) * (1 - items.var(axis=0, ddof=1).sum() / whole)) if whole > 0 else math.nan


def scale_reliability(scale: Scale, answers: Sequence[Answer], people: Sequence[str], drawn: Array) -> Estimate:
    """Cronbach's alpha over the complete answers to a scale, with its interval."""
    rows = [[_turned(scale, column, answer) for column in range(len(scale.items))] for answer in answers]
    items = numpy.array(rows)
    complete = ~numpy.isnan(items).any(axis=1)
    items = items[complete]
    owners = numpy.array([people.index(answer.participant) for answer in answers])[complete]
    values = numpy.array([cronbach_alpha(items.repeat(draw[owners].astype(int), axis=0)) for draw in drawn])
    return Estimate(cronbach_alpha(items), *interval(values))


def _by_condition(
    scores: Sequence[float | None],
    answers: Sequence[Answer],
    people: Sequence[str],
    conditions: Sequence[str],
    drawn: Array,
) -> dict[str, Any]:
    """Means of the conditions, and differences between each two of them."""
    sums = {condition: numpy.zeros((len(people), 2)) for condition in conditions}
    for score, answer in zip(scores, answers, strict=True):
        if score is not None:
            sums[answer.condition][people.index(answer.participant)] += (score, 1)
    return {
        "means": {
            condition: estimate(columns, mean, drawn).plain() | {"n": int(columns[:, 1].sum())}
            for condition, columns in sums.items()
        },
        "differences": [
            {"of": one, "from": other} | difference(sums[one], sums[other], mean, drawn).plain()
            for other, one in combinations(conditions, 2)
        ],
    }


def _turned(scale: Scale, place: int, answer: Answer) -> float:
    item = scale.items[place]
    step = answer.values.get(item.column, math.nan)
    return STEPS + 1 - step if item.reversed else step


def _read(path: Path, questionnaire: Questionnaire) -> list[Answer]:
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SettingsError(f"cannot read the answers {path}: {error}") from error
    steps = [item.column for scale in questionnaire.scales for item in scale.items]
    found = []
    for number, row in enumerate(rows, 2):
        missing = [column for column in (PARTICIPANT, CONDITION, AGE, *steps) if row.get(column) is None]
        if missing:
            raise SettingsError(f"{path}, line {number}: no column '{missing[0]}'; it is of another questionnaire")
        low, high = questionnaire.age_range
        values = {AGE: _value(path, number, AGE, row[AGE], low, high)}
        values |= {column: _value(path, number, column, row[column], 1, STEPS) for column in steps}
        known = {column: value for column, value in values.items() if value is not None}
        found.append(Answer(row[PARTICIPANT].strip(), row[CONDITION].strip(), known))
    return found


def _value(path: Path, line: int, column: str, text: str, low: float, high: float) -> float | None:
    if not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise SettingsError(f"{path}, line {line}: {column} is {text!r} and should be {low:g} to {high:g}, or empty")
    return value

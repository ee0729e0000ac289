"""What the verdicts on judged sheets, and the replies themselves, say about each model.

Figures are those of the step evaluate; only that the verdicts are a reader's, and that a question whose candidates were
all refused counts as one without a coherent reply, so that every model is measured on the same questions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from robot_runtime.check.length import SplitGaussian
from toddler_training.bundled.sheet import Sheet, Voice
from toddler_training.evaluate.bootstrap import SIGNIFICANT, Array, resamples
from toddler_training.evaluate.contestants import CHILDREN
from toddler_training.evaluate.features import Counter, Features, Said, childes_lengths, distinct, type_token
from toddler_training.evaluate.measures import Measure, compare, measures

DRAWS = 2000
"""Resampled sets of questions, as in the step evaluate."""
SEED = 1
"""Of the draws."""

COHERENT, ANSWERED = "judged", "judged_answers"
"""Keys of the share of coherent replies, and of those that are coherent and more than "I don't know"."""

FROM_PROMPTS = ("copied", "refused", "unknown_words")
"""Features that need the caregiver's words: they are left out where a sheet has but a mark of them."""


class Speaker(NamedTuple):
    """A voice, and what was counted in its replies."""

    label: str
    """In tables."""
    sha256: str | None
    """Of the model's file."""
    replies: tuple[str, ...]
    """To the questions that were answered."""
    features: list[Features]
    """For each question."""


def judged(sheets: Mapping[str, Sheet], counter: Counter) -> list[dict[str, Any]]:
    """A table for each list of questions, of JSON types; all voices to whom it was put are compared with one another.

    Args:
        sheets: Judged ones, by name; the name stands before a voice's where several have the same questions.
        counter: Counts in replies.
    """
    lists: dict[tuple[str, ...], dict[str, Sheet]] = {}
    for name, sheet in sheets.items():
        lists.setdefault(sheet.questions, {})[name] = sheet
    return [
        _table(
            len(questions),
            [
                _speaker(f"{name}: {voice.label}" if len(alike) > 1 else voice.label, sheet, voice, counter)
                for name, sheet in alike.items()
                for voice in sheet.voices
            ],
        )
        for questions, alike in lists.items()
    ]


def table_text(table: Mapping[str, Any]) -> str:
    """A table for people: a column for each voice, and below it how coherent shares differ."""
    voices = table["voices"]
    titles = {measure["key"]: measure for measure in table["measures"]}
    rows = [["", *(voice["label"] for voice in voices)]]
    for key, measure in titles.items():
        scale = 100 if measure["unit"] == "%" else 1
        rows.append([measure["title"], *(_cell(voice["figures"].get(key), scale) for voice in voices)])
    for key, title in (("distinct", "distinct replies"), ("type_token", "different words among 50 in a row")):
        rows.append([title, *("" if voice[key] is None else f"{voice[key]:.3f}" for voice in voices)])
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(0, f"{table['questions']} questions; in brackets, 95 % of {DRAWS} resampled sets of them")
    for found in table["differences"]:
        sure = "" if found["p"] < SIGNIFICANT else ", may be chance"
        lines.append(f"coherent, {found['of']} less {found['less']}: {_cell(found, 1)}, p = {found['p']:.3f}{sure}")
    return "\n".join(lines)


def _speaker(label: str, sheet: Sheet, voice: Voice, counter: Counter) -> Speaker:
    features, replies = [], []
    for number, refused, candidates in zip(voice.said, voice.refused, voice.candidates, strict=True):
        found = {COHERENT: 0.0, "judged_replies": 1.0}
        if voice.name != CHILDREN:
            found |= {"candidates_refused": float(refused), "candidates": float(candidates)}
        if number is None:
            found |= counter.count(Said("", None))
        else:
            line = sheet.lines[number]
            counted = counter.count(Said(line.prompt, line.reply))
            if line.marked:
                counted = {name: value for name, value in counted.items() if name not in FROM_PROMPTS}
            found |= counted | {COHERENT: float(bool(line.verdict)), "length": SplitGaussian().score(line.reply)}
            found[ANSWERED] = found[COHERENT] * (1.0 - found["evasive"])
            replies.append(line.reply)
        features.append(found)
    return Speaker(label, voice.sha256, tuple(replies), features)


def _table(questions: int, speakers: Sequence[Speaker]) -> dict[str, Any]:
    drawn = resamples(questions, DRAWS, SEED)
    wanted = _measures()
    coherent = next(measure for measure in wanted if measure.key == COHERENT)
    voices = [_voice(speaker, wanted, drawn) for speaker in speakers]
    differences = []
    for one, other in combinations(speakers, 2):
        found = compare(coherent, other.features, one.features, drawn)
        if found and found.difference:
            differences.append({"of": other.label, "less": one.label, **found.difference.plain()})
    return {
        "questions": questions,
        "draws": DRAWS,
        "measures": [
            {key: getattr(measure, key) for key in ("key", "title", "unit", "better", "about")}
            for measure in wanted
            if any(measure.key in voice["figures"] for voice in voices)
        ],
        "voices": voices,
        "differences": differences,
    }


def _measures() -> list[Measure]:
    whole = measures((), {"CHILDES": childes_lengths()})
    read = [
        Measure(COHERENT, "coherent, judged by reading", "Read", 1, (COHERENT, "judged_replies")),
        Measure(ANSWERED, "coherent and no evasion", "Read", 1, (ANSWERED, "judged_replies")),
    ]
    refused = ("candidates_refused", "candidates")
    check = Measure(refused[0], "candidates refused by the check", "What goes wrong", -1, refused, unit="%")
    return [*read, *(measure for measure in whole if measure.key != COHERENT), check]


def _voice(speaker: Speaker, wanted: Sequence[Measure], drawn: Array) -> dict[str, Any]:
    figures = {}
    for measure in wanted:
        if found := compare(measure, speaker.features, None, drawn):
            figures[measure.key] = found.estimate.plain()
    return {
        "label": speaker.label,
        "sha256": speaker.sha256,
        "figures": figures,
        "distinct": distinct(speaker.replies),
        "type_token": type_token(speaker.replies),
    }


def _cell(figure: Mapping[str, Any] | None, scale: float) -> str:
    """Value and interval; empty where there is none."""
    if figure is None or figure["value"] is None:
        return ""
    value, low, high = (scale * figure[key] for key in ("value", "low", "high"))
    return f"{value:.1f} % [{low:.1f}, {high:.1f}]" if scale == 100 else f"{value:.3f} [{low:.3f}, {high:.3f}]"

"""Replies to be judged one by one by a reader who does not know whose they are: the sheet, and the key to it.

A sheet is a table with tabs between its columns, one line for each different pair of a prompt and a reply, in an order
drawn by lot. The key lies beside it, `NAME.key.json` beside `NAME.tsv`: who said which line to which question.
"""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NamedTuple

from robot_runtime.errors import SettingsError
from toddler_training.bundled.answers import Answer
from toddler_training.corpus.held_out import line_mark
from toddler_training.evaluate.comparison import RAW
from toddler_training.evaluate.contestants import CHILDREN

COLUMNS = ("number", "prompt", "reply", "verdict")
"""Head of a sheet."""
VERDICTS = {"": None, "yes": True, "no": False}
"""What the last column may hold."""

_MARKED = re.compile(r"\[[0-9a-f]{16}\]")


class Asked(NamedTuple):
    """Somebody's answers to all questions."""

    name: str
    """Whose: a model's name, or `CHILDREN`."""
    sha256: str | None
    """Of the model's file; None for children."""
    answers: Sequence[Answer]
    """In the order of the questions."""


@dataclass(frozen=True)
class Voice:
    """One who speaks in a sheet."""

    name: str
    """As in `Asked`."""
    column: str
    """`RAW` is the first candidate, whether the check refuses it or not; `RANKED` the one that the check chose."""
    sha256: str | None
    """As in `Asked`."""
    said: tuple[int | None, ...]
    """For each question the number of the line, None where the check refused every candidate."""
    refused: tuple[int, ...]
    """For each question, how many candidates the check refused."""
    candidates: tuple[int, ...]
    """For each question, out of how many."""

    @property
    def label(self) -> str:
        """Name and column."""
        return self.name if self.name == CHILDREN else f"{self.name}, {self.column}"


@dataclass(frozen=True)
class Line:
    """One line of a sheet."""

    prompt: str
    """What the caregiver said, or the mark of it, see `Sheet.marked`."""
    reply: str
    """What was answered."""
    verdict: bool | None = None
    """Whether the reply makes sense, None as long as nobody has said."""

    @property
    def marked(self) -> bool:
        """Whether the prompt is but a mark."""
        return bool(_MARKED.fullmatch(self.prompt))


@dataclass(frozen=True)
class Sheet:
    """A sheet with its key."""

    questions: tuple[str, ...]
    """`line_mark` of each question, in the order in which they were asked."""
    voices: tuple[Voice, ...]
    """Who speaks in it."""
    lines: dict[int, Line]
    """By number."""

    def marked(self) -> Sheet:
        """The same without a word of others: marks in place of prompts, and no children."""
        voices = tuple(voice for voice in self.voices if voice.name != CHILDREN)
        used = {number for voice in voices for number in voice.said}
        lines = {
            number: line if line.marked else replace(line, prompt=f"[{line_mark(line.prompt)}]")
            for number, line in self.lines.items()
            if number in used
        }
        return Sheet(self.questions, voices, lines)


def lay_out(asked: Sequence[Asked], columns: Sequence[str], seed: int) -> Sheet:
    """A sheet of what several answered to the same questions; equal exchanges stand in it once.

    Args:
        asked: Whom; the questions are those of the first.
        columns: `RAW`, `RANKED` or both, of each model; of children what they said.
        seed: Of the order.
    """
    questions = [answer.question for answer in asked[0].answers]
    spoken = [
        (each, column, [answer.candidates[0] if column == RAW else answer.reply for answer in each.answers])
        for each in asked
        for column in (columns if each.name != CHILDREN else (RAW,))
    ]
    exchanges = {
        (prompt, reply) for _, _, replies in spoken for prompt, reply in zip(questions, replies, strict=True) if reply
    }
    order = sorted(exchanges)
    random.Random(seed).shuffle(order)
    numbers = {exchange: number for number, exchange in enumerate(order, 1)}
    voices = [
        Voice(
            each.name,
            column,
            each.sha256,
            tuple(numbers.get((prompt, reply or "")) for prompt, reply in zip(questions, replies, strict=True)),
            tuple(answer.refused for answer in each.answers),
            tuple(len(answer.candidates) for answer in each.answers),
        )
        for each, column, replies in spoken
    ]
    lines = {number: Line(*exchange) for exchange, number in numbers.items()}
    return Sheet(tuple(map(line_mark, questions)), tuple(voices), lines)


def key_file(path: Path) -> Path:
    """Where the key to a sheet lies."""
    return path.with_suffix(".key.json")


def refuse_present(path: Path) -> None:
    """Let no sheet be written over.

    Raises:
        SettingsError: there is one.
    """
    if path.exists():
        raise SettingsError(f"{path} is there already and may hold verdicts: choose another name")


def write_sheet(sheet: Sheet, path: Path) -> None:
    """Write a sheet, and its key beside it.

    Raises:
        SettingsError: there is a sheet already.
    """
    refuse_present(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    words = {verdict: word for word, verdict in VERDICTS.items()}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, csv.excel_tab, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(
            (number, line.prompt, line.reply, words[line.verdict]) for number, line in sorted(sheet.lines.items())
        )
    key = {"questions": sheet.questions, "voices": [asdict(voice) for voice in sheet.voices]}
    key_file(path).write_text(json.dumps(key) + "\n", encoding="utf-8")


def read_sheet(path: Path) -> Sheet:
    """Read a sheet that has been judged, with its key.

    Raises:
        SettingsError: a file is missing or damaged, or lines are without yes or no: it names them.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, dialect=csv.excel_tab))
        key = json.loads(key_file(path).read_text("utf-8"))
        voices = [
            Voice(**each | {name: tuple(each[name]) for name in ("said", "refused", "candidates")})
            for each in key["voices"]
        ]
        lines = {int(row["number"]): _line(row) for row in rows}
        questions = tuple(key["questions"])
    except OSError as error:
        raise SettingsError(f"cannot read the sheet {path} with its key: {error}") from error
    except (ValueError, KeyError, TypeError, AttributeError, csv.Error) as error:
        raise SettingsError(
            f"{path} is no sheet of `answers --sheet` any more, or its key is damaged: {error}"
        ) from error
    _refuse_gaps(path, {number for voice in voices for number in voice.said if number is not None}, lines)
    return Sheet(questions, tuple(voices), lines)


def _line(row: dict[str, str]) -> Line:
    return Line(row["prompt"], row["reply"], VERDICTS.get(row["verdict"].strip().lower()))


def _refuse_gaps(path: Path, wanted: set[int], lines: dict[int, Line]) -> None:
    if gone := sorted(wanted - set(lines)):
        raise SettingsError(f"{path} lacks the line numbers {_some(gone)}: they were in the sheet when it was made")
    if empty := sorted(number for number in wanted if lines[number].verdict is None):
        raise SettingsError(f"{path}: write yes or no in the column verdict of the line numbers {_some(empty)}")


def _some(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:10]))
    return shown if len(numbers) <= 10 else f"{shown} and {len(numbers) - 10} more"

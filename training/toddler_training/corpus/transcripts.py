"""Caregiver lines and child replies of transcripts that a user has: CHAT files (a folder or a zip), or a CSV of pairs.

Read only to measure the corpus against (`coverage.py`, `originality.py`); nothing of their text is kept. CHILDES is
described by MacWhinney (2000), *The CHILDES Project*; its data come from https://talkbank.org.
"""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from robot_runtime.errors import CorpusError

MONTHS = (24, 35)
"""Youngest and oldest age of the child whose transcript counts, in completed months: a two-year-old."""
CSV_COLUMNS = {"text", "CHI_response", "years"}
"""Columns that a CSV of pairs must have: caregiver text, child's reply, child's age in years."""
_AGE = re.compile(r"^@ID:\t[^|]*\|[^|]*\|CHI\|(\d+);(\d*)", re.MULTILINE)
_MAIN = re.compile(r"^\*([A-Z0-9]{3}):\t(.*)$", re.MULTILINE)
_NOISE = (
    (re.compile(r"\x15[^\x15]*\x15|&[=~+-]?\S+|\[[^\]]*\](?!\S)|\(\.+\)|[\u2039\u203a<>]"), " "),
    (re.compile(r"\+[^\s\w]+|[\u201e\u2021\u201c\u201d]"), " "),
    (re.compile(r"@\S+|[()^:]"), ""),
    (re.compile(r"[_+]"), " "),
)
_RETRACED = re.compile(r"(?:<[^<>]*>|\S+)\s*\[/{1,3}\]")
_UNCLEAR = re.compile(r"\b(?:xxx?|yyy?|www)\b")


@dataclass(frozen=True)
class Exchange:
    """What the caregiver said between two lines of the child, and the child's line after it."""

    lines: tuple[str, ...]
    """Caregiver lines that can be understood, 0 or more; capitals only where a name or "I" has them."""
    reply: str
    """The child's next line; empty at the end of a transcript or where it cannot be understood."""


def read_exchanges(path: Path, months: tuple[int, int] = MONTHS) -> Iterator[Exchange]:
    """Read all exchanges with a child of that age.

    Args:
        path: A folder or zip with `.cha` files anywhere inside, one `.cha` file, or a CSV with `CSV_COLUMNS`.
        months: Youngest and oldest age, in completed months; a CSV without months counts whole years.

    Raises:
        CorpusError: there is nothing at `path`, or nothing of that kind in it.
    """
    if path.suffix == ".csv" and path.is_file():
        yield from _from_csv(path, months)
        return
    found = False
    for text in _chat_texts(path):
        found = True
        age = _AGE.search(text)
        if age and months[0] <= 12 * int(age[1]) + int(age[2] or 0) <= months[1]:
            yield from _from_chat(text)
    if not found:
        raise CorpusError(
            f"no CHAT transcript (.cha) and no CSV of pairs at {path}; name a folder, a zip or a CSV file"
        )


def plain(line: str) -> str:
    """A CHAT main line without its codes: retracings, events, pauses, targets, word marks."""
    line = _RETRACED.sub(" ", line)
    for pattern, put in _NOISE:
        line = pattern.sub(put, line)
    return " ".join(line.split())


def _chat_texts(path: Path) -> Iterator[str]:
    if path.is_file() and path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                if name.endswith(".cha"):
                    yield archive.read(name).decode("utf-8", "replace")
    elif path.is_file() and path.suffix == ".cha":
        yield path.read_text(encoding="utf-8", errors="replace")
    elif path.is_dir():
        for file in sorted(path.rglob("*.zip")):
            yield from _chat_texts(file)
        for file in sorted(path.rglob("*.cha")):
            yield file.read_text(encoding="utf-8", errors="replace")


def _from_chat(text: str) -> Iterator[Exchange]:
    said: list[str] = []
    for speaker, raw in _MAIN.findall(text.replace("\n\t", " ")):
        line = plain(raw)
        clear = "" if _UNCLEAR.search(line) or not re.search(r"[A-Za-z]", line) else line
        if speaker != "CHI":
            said += [clear] if clear else []
        elif said:
            yield Exchange(tuple(said), clear)
            said = []
    if said:
        yield Exchange(tuple(said), "")


def _from_csv(path: Path, months: tuple[int, int]) -> Iterator[Exchange]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        missing = CSV_COLUMNS - set(rows.fieldnames or ())
        if missing:
            raise CorpusError(f"{path} has no column {', '.join(sorted(missing))}; a CSV of pairs needs them")
        for row in rows:
            age = 12 * float(row["years"] or 0) + float(row.get("months") or 0)
            if months[0] <= age < months[1] + 1 and not _UNCLEAR.search(row["text"]):
                yield Exchange((row["text"],), "" if _UNCLEAR.search(row["CHI_response"]) else row["CHI_response"])

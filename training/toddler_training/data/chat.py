"""Reading one CHAT transcript: who took part, how old the children were, and who said what.

pylangacq reads the same format; it is not used here because its strict reading refuses a whole corpus for one slip in
one file, and its lenient reading needs 8 MB for a thousand lines, dependent tiers included. The tests compare the two.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import NamedTuple

MONTH_DAYS = 30.4375
"""Days of a mean month: 365.25 / 12."""
MIDDLE_OF_YEAR = 6
"""Months added to an age in whole years, `2;`; our choice."""
CHILD_ROLE = "Target_Child"
"""Role of a child whom the transcript is about."""
_AGE = re.compile(r"(\d+);(?:(\d+)\.?(\d*))?")
_MAIN = re.compile(r"\*([^:\s]+):\s*(.*)")
_EPISODE = ("@New Episode", "@Bg", "@Eg", "@G")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


class Line(NamedTuple):
    """One main line."""

    speaker: str
    """Code of three letters or so, for instance MOT."""
    raw: str
    """What stands after the speaker, continuation lines joined by a space."""
    episode: int
    """Number of the stretch between headers that begin a new one (@New Episode, @G, @Bg, @Eg), from 0."""


@dataclass(frozen=True)
class Speaker:
    """Somebody who took part."""

    role: str
    """As in CHAT, for instance Mother; empty when the transcript does not say."""
    child: str
    """Corpus and name of the child: itself, or for others the first child of the transcript; empty when there is
    none."""
    age_months: float | None
    """Age of that child."""


@dataclass(frozen=True)
class Transcript:
    """One file."""

    path: str
    """Where it lies inside its source, with `/`."""
    corpus: str
    """As its @ID says, else its first folder."""
    speakers: Mapping[str, Speaker]
    """By code."""
    lines: Sequence[Line]
    """In order."""


def read_transcript(path: str, text: str) -> Transcript:
    """Read a transcript.

    A child is named by @Participants; where that gives none, `CHI` by its folder below the corpus (so Brown and most
    others are laid out) and any other by its code.

    Args:
        path: inside the source; its folders name corpus and child where the file does not.
        text: of the file.
    """
    headers: list[tuple[str, str]] = []
    lines: list[Line] = []
    episode = 0
    for row in re.sub(r"\n[\t ]+", " ", text.removeprefix("\ufeff").replace("\r\n", "\n")).split("\n"):
        if row.startswith("*"):
            if main := _MAIN.match(row):
                lines.append(Line(main[1], main[2], episode))
        elif row.startswith("@"):
            if row.startswith(_EPISODE):
                episode += 1
            name, _, value = row.partition(":")
            headers.append((name, value.strip()))
    corpus, speakers = _speakers(PurePosixPath(path), headers)
    return Transcript(path, corpus, speakers, lines)


def age_in_months(text: str) -> float | None:
    """Months of an age `y;mm.dd`, where months or days may be absent; None when it is no age."""
    found = _AGE.match(text.strip())
    if not found:
        return None
    months = int(found[2]) + int(found[3] or 0) / MONTH_DAYS if found[2] else MIDDLE_OF_YEAR
    return 12 * int(found[1]) + months


def _speakers(path: PurePosixPath, headers: list[tuple[str, str]]) -> tuple[str, dict[str, Speaker]]:
    names: dict[str, str] = {}
    roles: dict[str, str] = {}
    ages: dict[str, float | None] = {}
    corpus = ""
    first = dict(reversed(headers))
    for entry in first.get("@Participants", "").split(","):
        code, *words = entry.split() or [""]
        roles[code] = words[-1] if words else ""
        names[code] = " ".join(words[:-1])
    for header, value in headers:
        fields = [field.strip() for field in value.split("|")]
        if header == "@ID" and len(fields) >= 8:
            corpus = corpus or fields[1]
            roles[fields[2]] = fields[7]
            ages[fields[2]] = age_in_months(fields[3])
    corpus = corpus or (path.parts[0] if len(path.parts) > 1 else "")
    children = sorted((code for code, role in roles.items() if role == CHILD_ROLE), key=lambda code: code != "CHI")
    known: dict[str, tuple[str, float | None]] = {"": ("", None)}
    for code in children:
        folder = path.parent.name if code == "CHI" and path.parent.name.lower() != corpus.lower() else ""
        age = ages.get(code)
        if age is None:
            age = _age_by_dates(first.get(f"@Birth of {code}", ""), first.get("@Date", ""))
        known[code] = f"{corpus}/{names.get(code) or folder or code}", age
    main = children[0] if children else ""
    return corpus, {code: Speaker(role, *known.get(code, known[main])) for code, role in roles.items() if code}


def _age_by_dates(born: str, recorded: str) -> float | None:
    """Months between two dates like 23-JUL-1961; None when one is no date or they are in the wrong order."""
    dates = []
    for text in (born, recorded):
        day, _, rest = text.partition("-")
        month, _, year = rest.partition("-")
        try:
            dates.append(date(int(year), _MONTHS.index(month.upper()) + 1, int(day)))
        except ValueError:
            return None
    days = (dates[1] - dates[0]).days
    return days / MONTH_DAYS if days >= 0 else None

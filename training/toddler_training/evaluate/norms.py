"""Norms that the user has: at what age words are learned. Their tables are read, never kept.

Age of acquisition: Kuperman, Stadthagen-Gonzalez and Brysbaert (2012). Words that children of an age say: the
MacArthur-Bates CDI, collected in Wordbank (Frank et al. 2017).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from robot_runtime.errors import SettingsError

PRODUCED = 0.5
"""A word counts as said at an age when this share of the children say it; the usual criterion of CDI studies."""

_REMARK = re.compile(r"\(.*?\)|\*")
_STEMS = (("ies", "y"), ("es", ""), ("s", ""), ("ing", ""), ("ing", "e"), ("ed", ""), ("ed", "e"), ("'s", ""))
"""Endings and what stands in their place in the base form."""


@dataclass(frozen=True)
class AgesOfAcquisition:
    """When words are learned."""

    years: Mapping[str, float]
    """Mean rated age by lower-case word."""

    def of(self, word: str) -> float | None:
        """The age in years at which a word, or its base form, is learned; None if it is not in the table."""
        return next((self.years[form] for form in base_forms(word) if form in self.years), None)


@dataclass(frozen=True)
class EarlyWords:
    """What children say at an age."""

    months: tuple[int, ...]
    """Ages of the table, ascending."""
    since: Mapping[str, int]
    """By word, the first of these ages at which `PRODUCED` of the children say it; later words are absent."""
    items: int
    """Words in the table."""

    def first_month(self, word: str) -> int | None:
        """From what age a word, or its base form, is said; None if it is not in the table or comes later."""
        return min((self.since[form] for form in base_forms(word) if form in self.since), default=None)


def base_forms(word: str) -> list[str]:
    """The word, then what it may be an inflected form of: its stem, with a doubled consonant made single."""
    forms = [word]
    for ending, instead in _STEMS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 1:
            forms.append(stem + instead)
            if not instead and len(stem) > 2 and stem[-1] == stem[-2]:
                forms.append(stem[:-1])
    return forms


def read_ages(path: Path) -> AgesOfAcquisition:
    """Read a table of ages of acquisition.

    Raises:
        SettingsError: it cannot be read, or has other columns.
    """
    rows = _rows(path, ("Word", "Rating.Mean"))
    years = {row["Word"].lower(): float(row["Rating.Mean"]) for row in rows if _number(row["Rating.Mean"])}
    if not years:
        raise SettingsError(f"{path} holds no age in its column Rating.Mean")
    return AgesOfAcquisition(years)


def read_early_words(path: Path) -> EarlyWords:
    """Read a table of the CDI. Items of several words ("thank you") are left out; "in/inside" is two words.

    Raises:
        SettingsError: it cannot be read, or has no column for a month.
    """
    rows = _rows(path, ("definition",))
    months = tuple(sorted(int(column) for column in (rows[0] if rows else {}) if column and column.isdigit()))
    if not months:
        raise SettingsError(f"{path} has no column named after a month, such as 24")
    since: dict[str, int] = {}
    for row in rows:
        said = [month for month in months if _number(row[str(month)]) and float(row[str(month)]) >= PRODUCED]
        for word in _REMARK.sub("", row["definition"]).lower().split("/"):
            if said and len(word.split()) == 1:
                since[word.strip()] = min(said[0], since.get(word.strip(), said[0]))
    return EarlyWords(months, since, len(rows))


def _rows(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read the norms {path}: {error}") from error
    reader = csv.DictReader(lines, delimiter="\t" if lines and "\t" in lines[0] else ",")
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        raise SettingsError(f"the norms {path} lack the column '{missing[0]}'; there are: {reader.fieldnames}")
    return [row for row in reader if all(row[column] for column in columns)]


def _number(text: str | None) -> bool:
    try:
        return text is not None and float(text) >= 0
    except ValueError:
        return False

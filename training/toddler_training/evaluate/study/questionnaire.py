"""What people are asked, read from a TOML file: scales of opposite words, and how old the robot seems."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from robot_runtime.errors import SettingsError

STEPS = 5
"""From one end of an item to the other, as in the Godspeed questionnaires."""

PARTICIPANT, CONDITION, AGE, REMARKS = "participant", "condition", "perceived_age", "remarks"
"""Columns of the answers, besides one an item."""


@dataclass(frozen=True)
class Item:
    """A pair of opposite words."""

    column: str
    """Column of its answers, 1 to `STEPS`, as ticked."""
    low: str
    """The words at step 1."""
    high: str
    """The words at the last step."""
    reversed: bool
    """Whether step 1 is the higher end of the scale."""


@dataclass(frozen=True)
class Scale:
    """Items that ask for the same thing."""

    name: str
    """What they ask for."""
    question: str
    """What stands above them."""
    items: tuple[Item, ...]
    """At least two."""


@dataclass(frozen=True)
class Questionnaire:
    """All that is asked."""

    title: str
    """Heading of the form."""
    intro: str
    """What stands below it."""
    age_question: str
    """How old does it seem?"""
    age_range: tuple[float, float]
    """Years, lowest and highest that are taken."""
    scales: tuple[Scale, ...]
    """In the order of the file."""

    @property
    def columns(self) -> list[str]:
        """Of the answers."""
        items = [item.column for scale in self.scales for item in scale.items]
        return [PARTICIPANT, CONDITION, AGE, *items, REMARKS]


def read_questionnaire(path: Path | None = None) -> Questionnaire:
    """Read a questionnaire; our own when no path is given.

    Raises:
        SettingsError: the file cannot be read, or lacks something.
    """
    try:
        if path is None:
            text = resources.files(__package__).joinpath("questionnaire.toml").read_text("utf-8")
        else:
            text = path.read_text("utf-8")
        table = tomllib.loads(text)
        age = table["age"]
        made = Questionnaire(
            title=str(table["title"]),
            intro=str(table["intro"]),
            age_question=str(age["question"]),
            age_range=(float(age["lowest"]), float(age["highest"])),
            scales=tuple(_scale(entry) for entry in table["scale"]),
        )
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise SettingsError(f"the questionnaire {path or 'of the package'} cannot be read: {error!r}") from error
    if len(set(made.columns)) < len(made.columns) or any(len(scale.items) < 2 for scale in made.scales):
        raise SettingsError(f"the questionnaire {path} needs scales of different names, each with two items or more")
    return made


def _scale(entry: dict[str, Any]) -> Scale:
    stem = re.sub(r"\W+", "_", entry["name"].lower())
    items = tuple(
        Item(f"{stem}_{number}", str(item["low"]), str(item["high"]), bool(item.get("reversed", False)))
        for number, item in enumerate(entry["items"], 1)
    )
    return Scale(str(entry["name"]), str(entry["question"]), items)

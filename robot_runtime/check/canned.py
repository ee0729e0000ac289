"""In-character lines for when no candidate may be spoken, or none came."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from robot_runtime.check.kind import Kind, kind_of
from robot_runtime.check.words import words_of
from robot_runtime.errors import SettingsError

if TYPE_CHECKING:
    import random

CANNED_FILE = Path(__file__).parent / "data" / "canned.toml"
"""The shipped lines."""

MIN_LINES = 3
"""Lines a kind needs, so that the choice stays free when the last replies are left out."""


class CannedLines:
    """The lines by kind."""

    def __init__(self, path: Path = CANNED_FILE) -> None:
        """Read the lines.

        Raises:
            SettingsError: the file cannot be read, or a kind is missing, unknown or has too few lines.
        """
        try:
            with path.open("rb") as stream:
                table = tomllib.load(stream)["lines"]
            self.lines = {Kind(kind): tuple(str(line) for line in lines) for kind, lines in table.items()}
        except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise SettingsError(f"canned lines {path} cannot be read ({error}); correct the file") from error
        short = [kind.value for kind in Kind if len(self.lines.get(kind, ())) < MIN_LINES]
        if short:
            raise SettingsError(f"canned lines {path}: {', '.join(short)} need(s) {MIN_LINES} lines or more")

    def pick(self, caregiver: str, recent: Sequence[str], rng: random.Random) -> str:
        """Choose a line that fits the caregiver's; never the last reply again, and the least recent ones first.

        Args:
            caregiver: the line that is answered.
            recent: earlier replies, oldest first.
            rng: the session's random numbers, so that the same seed gives the same talk.
        """
        return self.pick_kind(kind_of(caregiver), recent, rng)

    def pick_failed(self, recent: Sequence[str], rng: random.Random) -> str:
        """Choose a line for when the thinking process crashed or took too long."""
        return self.pick_kind(Kind.THINKING_FAILED, recent, rng)

    def pick_kind(self, kind: Kind, recent: Sequence[str], rng: random.Random) -> str:
        """Choose a line of one kind, as `pick` does."""
        return pick_fresh(self.lines[kind], recent, rng)


def pick_fresh(lines: Sequence[str], recent: Sequence[str], rng: random.Random) -> str:
    """Choose one of at least two lines: never the last reply again, and those not said recently first."""
    said = [words_of(reply) for reply in recent]
    fresh = [line for line in lines if words_of(line) not in said]
    last = said[-1] if said else ()
    return rng.choice(fresh or [line for line in lines if words_of(line) != last])

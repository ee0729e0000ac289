"""Caregiver lines that models are judged by, and that the corpus therefore must not contain.

They lie in `heldout/`: our own as text, one a line; those of others, whose words are not ours to give away, as marks.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "heldout"
"""Where they lie."""
QUESTIONS = FOLDER / "everyday.txt"
"""The 300 lines of our own."""


def normalise(line: str) -> str:
    """Lower case, punctuation removed, single spaces: how two lines are compared."""
    return " ".join(re.sub(r"[^\w\s]", "", line.lower()).split())


def line_mark(line: str) -> str:
    """64 bits in hexadecimal that stand for a line, however it is written: they tell it again, but do not tell it."""
    return hashlib.blake2b(normalise(line).encode(), digest_size=8).hexdigest()


def read_lines(path: Path) -> list[str]:
    """The lines of a text file, without empty ones and those that begin with `#`."""
    lines = (line.strip() for line in path.read_text("utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


class HeldOut:
    """Lines that are kept out; `line in held_out` asks for one."""

    def __init__(self, marks: Iterable[str]) -> None:
        """Keep out the lines with these marks."""
        self._marks = frozenset(marks)

    def __contains__(self, line: object) -> bool:
        """Whether this line is kept out, in whatever spelling."""
        return isinstance(line, str) and line_mark(line) in self._marks

    def __len__(self) -> int:
        """Distinct lines."""
        return len(self._marks)


def load_held_out(folder: Path = FOLDER) -> HeldOut:
    """All lines of the `*.txt` and `*.marks` files of a folder."""
    marks = {line_mark(line) for path in folder.glob("*.txt") for line in read_lines(path)}
    return HeldOut(marks.union(*(read_lines(path) for path in folder.glob("*.marks"))))

"""What must not be said, by class, for either side of the talk.

Terms stand in data/deny.toml. They are found as whole words through simple disguises: other case, letters drawn
out ("baaad"), digits and signs for letters ("b4d", "b*d"), one sign or space between letters ("b a d"). Personal
data are found by their shape. Phrases on the allow list are innocent and hide the terms inside them.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from robot_runtime.check.verdict import Refusal
from robot_runtime.check.words import plain
from robot_runtime.errors import SettingsError

DENY_FILE = Path(__file__).parent / "data" / "deny.toml"
"""The shipped classes, terms and allowed phrases. Its content is offensive by nature."""

_LOOK_ALIKE = {
    "a": "a4@*", "b": "b8", "c": "ck", "e": "e3*", "g": "g9", "i": "i1!|*", "l": "l1|", "o": "o0*",
    "s": "s5$z", "t": "t7+", "u": "uv*",
}  # fmt: skip
_DRAWN_OUT = re.compile(r"(.)\1{5,}")
_PHONE = re.compile(r"(?<!\w)\+?\(?\d(?:[\s().-]{0,2}\d){6,14}(?!\w)")
_DIGIT_WORDS = "zero one two three four five six seven eight nine".split()
_SPOKEN_NUMBER = re.compile(rf"\b(?:(?:{'|'.join(_DIGIT_WORDS)}|oh)[\s,-]+){{6,}}(?:{'|'.join(_DIGIT_WORDS)})\b")
_PERSONAL = (
    re.compile(r"(?<![\w.+-])[\w.+-]++\s?@\s?[\w-]++(?:\.[\w-]++)+|\b\w+ at \w+ dot (?:com|org|net|edu|de|uk)\b"),
    re.compile(r"\b(?:https?:|www\.)\S+|(?<![\w-])[\w-]++\.(?:com|org|net|edu|gov|io|co\.uk)\b|\bdot com\b"),
    re.compile(r"\b\d{1,5}[a-z]? (?:\w+ ){1,3}(?:street|st|road|rd|avenue|ave|lane|drive|boulevard|blvd)\b"),
    re.compile(r"\b\d{3}-\d{2}-\d{4}\b|\b(?:\d{4}[ -]?){3}\d{4}\b"),
)


@dataclass(frozen=True)
class Denied:
    """One find."""

    kind: str
    """The class: adult, slur, violence, self-harm, substances or personal-data."""

    detail: str
    """What was found, as it was written."""


def _letters(word: str) -> list[str]:
    """Give a pattern for each run of equal letters of a lower-case word: look-alikes, drawn out as one likes."""
    patterns = []
    for run in re.finditer(r"(.)\1*", word):
        letter, count = run.group(1), len(run.group())
        chars = "".join(re.escape(char) for char in _LOOK_ALIKE.get(letter, letter))
        patterns.append(f"[{chars}]{{{count},}}")
    return patterns


def _pattern(term: str, *, disguised: bool = True) -> str:
    """Give the pattern of a term; a last `*` of a word stands for any ending."""
    words = []
    for word in term.lower().split():
        stem = word.rstrip("*")
        rest = r"[^\W_]*" if word != stem else ""
        if not disguised:
            words.append(re.escape(stem) + rest)
            continue
        letters = _letters(stem)
        gap = r"[\s._*-]?" if len(stem) > 3 else r"[\s._*-]+"
        pulled_apart = "" if " " in term else "|" + gap.join(letters)
        words.append(f"(?:{''.join(letters)}{rest}{pulled_apart})")
    return r"(?:[^\w.!?;]|_)+".join(words)


def _union(terms: list[str], *, disguised: bool = True) -> re.Pattern[str]:
    """Compile a pattern that finds any of the terms as whole words.

    Terms with the same first letter stand behind one look-ahead, so that a word of the text is compared with a few
    terms and not with all.
    """
    by_letter: dict[str, list[str]] = {}
    for term in terms:
        by_letter.setdefault(term[0].lower(), []).append(_pattern(term, disguised=disguised))
    groups = [
        f"(?=[{re.escape(_LOOK_ALIKE.get(letter, letter))}])(?:{'|'.join(patterns)})"
        for letter, patterns in by_letter.items()
    ]
    return re.compile(rf"(?<![^\W_])(?<!\w')(?:{'|'.join(groups)})(?![^\W_])")


class DenyList:
    """The terms by class, compiled."""

    def __init__(self, terms: Mapping[str, list[str]], allowed: list[str]) -> None:
        """Compile terms by class, and the allowed phrases."""
        self._classes = {kind: _union(entries) for kind, entries in terms.items()}
        self._allowed = _union(allowed, disguised=False)

    def find(self, text: str) -> tuple[Denied, ...]:
        """Give everything in the text that may not be said, of either side; empty when it is innocent."""
        folded = plain(text).lower()
        if not folded.isascii():
            parts = unicodedata.normalize("NFKD", folded)
            folded = "".join(char for char in parts if not unicodedata.combining(char))
        short = _DRAWN_OUT.sub(r"\1\1\1", folded)
        allowed = [match.span() for match in self._allowed.finditer(short)]
        found = []
        for kind, pattern in self._classes.items():
            for match in pattern.finditer(short):
                hidden = any(start <= match.start() and match.end() <= end for start, end in allowed)
                if not hidden and any(char.isalpha() for char in match.group()):
                    found.append(Denied(kind, match.group()))
        return tuple(found) + tuple(Denied("personal-data", shape) for shape in _personal_shapes(folded))


def _personal_shapes(text: str) -> list[str]:
    """Find numbers, addresses and links of people in lower-case text."""
    found = [match.group() for pattern in _PERSONAL for match in pattern.finditer(text)]
    for match in _PHONE.finditer(text):
        if not _counting([int(group) for group in re.findall(r"\d+", match.group())]):
            found.append(match.group())
    for match in _SPOKEN_NUMBER.finditer(text):
        words = re.findall(r"[a-z]+", match.group())
        if not _counting([_DIGIT_WORDS.index(word) if word != "oh" else 0 for word in words]):
            found.append(match.group())
    return found


def _counting(numbers: list[int]) -> bool:
    """Tell whether most of the numbers go up or down by one: a game or a song, no telephone number."""
    steps = [abs(after - before) == 1 for before, after in pairwise(numbers)]
    return 3 * sum(steps) >= 2 * len(steps) > 0


@cache
def load_deny_list(path: Path = DENY_FILE) -> DenyList:
    """Read and compile a deny list.

    Raises:
        SettingsError: the file cannot be read or lacks a part.
    """
    try:
        with path.open("rb") as stream:
            table = tomllib.load(stream)
        terms = {str(kind): [str(term) for term in entries] for kind, entries in table["deny"].items()}
        allowed = [str(phrase) for phrase in table["allow"]["phrases"]]
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(f"deny list {path} cannot be read ({error}); restore the shipped file") from error
    if not allowed or not all(terms.values()):
        raise SettingsError(f"deny list {path} has an empty part; restore the shipped file")
    return DenyList(terms, allowed)


def find(text: str) -> tuple[Denied, ...]:
    """Give everything in a text that the shipped list denies, whoever said it."""
    return load_deny_list().find(text)


def refuse_denied(reply: str, deny_list: DenyList) -> list[Refusal]:
    """Refuse a reply with anything denied in it; the rule's id ends with the class."""
    return [Refusal(f"deny.{denied.kind}", f"{denied.detail!r}") for denied in deny_list.find(reply)]

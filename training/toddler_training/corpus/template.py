"""One line of a frame: plain text, `{a|b|}` alternatives that may nest, and `[var.form]` slots."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_SLOT = re.compile(r"\[([a-z][a-z0-9_]*)(?:\.([a-z_]+))?\]")
_VOWEL_AFTER_A = re.compile(r"\b(a|A) (?!uni|use|one\b|once|eu)(?=[aeiou])")
_SPACES = re.compile(r"\s+([,.!?])|\s{2,}")
_SURPLUS_MARK = re.compile(r"[.,!?](?=[.!?])")


@dataclass(frozen=True)
class Slot:
    """A place that takes one form of a variable's drawn word."""

    var: str
    """Name of the variable."""
    form: str
    """Form or attribute asked for; empty for the base form."""


@dataclass(frozen=True)
class Choice:
    """Alternatives of which one is taken."""

    options: tuple[Sequence, ...]
    """The alternatives, each a sequence of parts."""


Sequence = tuple["str | Slot | Choice", ...]


def parse(text: str) -> Sequence:
    """Parse a template.

    Raises:
        ValueError: a brace or bracket does not close, or a slot is not `[name]` or `[name.form]`.
    """
    sequence, end = _parse_sequence(text, 0, nested=False)
    if end != len(text):
        raise ValueError("a '}' closes nothing; remove it or open it with '{'")
    return sequence


def _parse_sequence(text: str, at: int, *, nested: bool) -> tuple[Sequence, int]:
    parts: list[str | Slot | Choice] = []
    plain = ""
    while at < len(text) and text[at] != "}" and not (nested and text[at] == "|"):
        if text[at] not in "{[":
            plain += text[at]
            at += 1
            continue
        if plain:
            parts.append(plain)
            plain = ""
        if text[at] == "[":
            found = _SLOT.match(text, at)
            if found is None:
                raise ValueError(f"'{text[at : at + 12]}' is no slot; write [name] or [name.form]")
            parts.append(Slot(found[1], found[2] or ""))
            at = found.end()
        else:
            choice, at = _parse_choice(text, at + 1)
            parts.append(choice)
    if plain:
        parts.append(plain)
    return tuple(parts), at


def _parse_choice(text: str, at: int) -> tuple[Choice, int]:
    options: list[Sequence] = []
    while True:
        option, at = _parse_sequence(text, at, nested=True)
        options.append(option)
        if at >= len(text):
            raise ValueError("a '{' is never closed; add the '}'")
        at += 1
        if text[at - 1] == "}":
            return Choice(tuple(options)), at


def fill(sequence: Sequence, rng: random.Random, value: Callable[[Slot], str], *, english: bool = True) -> str:
    """Draw one text, with tidy spaces and marks, in English "an" before a vowel; `value` gives a slot's text."""
    text = _SPACES.sub(lambda m: m[1] or " ", _fill(sequence, rng, value)).strip()
    text = _SURPLUS_MARK.sub("", text)
    return _VOWEL_AFTER_A.sub(r"\1n ", text) if english else text


def _fill(sequence: Sequence, rng: random.Random, value: Callable[[Slot], str]) -> str:
    out = ""
    for part in sequence:
        if isinstance(part, str):
            out += part
        elif isinstance(part, Slot):
            out += value(part)
        else:
            out += _fill(part.options[int(rng.random() * len(part.options))], rng, value)
    return out


def slots(sequence: Sequence) -> Iterator[Slot]:
    """Every slot of the template, those inside alternatives too."""
    for part in sequence:
        if isinstance(part, Slot):
            yield part
        elif isinstance(part, Choice):
            for option in part.options:
                yield from slots(option)


def variants(sequence: Sequence) -> int:
    """How many ways the alternatives combine, slots not counted."""
    count = 1
    for part in sequence:
        if isinstance(part, Choice):
            count *= sum(variants(option) for option in part.options)
    return count

"""Words by category, with the forms that frames may ask for.

A lexicon file is TOML: one table for each category, one entry for each word:

    [food]
    cookie = {color = "brown", tags = ["sweet"]}
    milk = {mass = true}
    pants = {plural = true}

Forms computed when an entry does not give them: for nouns `pl`, `a`, `the` and the words that agree with
it (`is`, `was`, `does`, `has`, `it`, `they`, `this`, `that`); for verbs `past`, `kid`, `ing`, `s`. Every
other key is an attribute of the entry; a list means that one value is drawn for each dialogue.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from robot_runtime.errors import CorpusError

_VOWEL_SOUND = re.compile(r"(?!uni|use|one|eu)[aeiou]|hour", re.IGNORECASE)
_DOUBLING = re.compile(r"[^aeiou][aeiou][bdgmnpt]$")
_AGREEMENT = {
    "is": ("is", "are"),
    "was": ("was", "were"),
    "does": ("does", "do"),
    "has": ("has", "have"),
    "it": ("it", "them"),
    "they": ("it", "they"),
    "this": ("this", "these"),
    "that": ("that", "those"),
}


@dataclass(frozen=True)
class Entry:
    """One word or short phrase of a category."""

    base: str
    """The form written as the key, e.g. "cookie"."""
    forms: Mapping[str, tuple[str, ...]]
    """Given forms and attributes; more than one value means that one is drawn."""
    tags: frozenset[str]
    """Names by which `category.tag` picks a part of the category."""
    mass: bool = False
    """A word without plural that takes "some", e.g. milk."""
    plural: bool = False
    """A word that is plural already, e.g. pants."""

    def values(self, form: str) -> tuple[str, ...]:
        """All values of `form`; empty when the entry neither gives nor implies it."""
        if form == "":
            return (self.base,)
        if form in self.forms:
            return self.forms[form]
        derived = self._derive(form)
        return () if derived is None else (derived,)

    def matches(self, restriction: str) -> bool:
        """Whether the entry carries the tag or attribute `restriction`; "count" means that it can be counted."""
        if restriction == "count":
            return not self.mass
        return restriction in self.tags or restriction in self.forms

    def _derive(self, form: str) -> str | None:
        if form in _AGREEMENT:
            return _AGREEMENT[form][self.plural]
        if form == "pl":
            return self.base if self.mass or self.plural else _on_last(self.base, _add_s)
        if form == "a":
            if self.mass or self.plural:
                return f"some {self.base}"
            return f"{'an' if _VOWEL_SOUND.match(self.base) else 'a'} {self.base}"
        if form == "the":
            return f"the {self.base}"
        if form in ("past", "kid"):
            return _on_first(self.base, _add_ed)
        if form == "ing":
            return _on_first(self.base, _add_ing)
        if form == "s":
            return _on_first(self.base, _add_s)
        return None


Lexicon = Mapping[str, tuple[Entry, ...]]


def load_lexicon(paths: Iterable[Path]) -> Lexicon:
    """Read lexicon files; a category in several files is merged, the first entry of a word wins.

    Raises:
        CorpusError: a file is not TOML, or an entry is not a table of strings, lists and flags.
    """
    found: dict[str, dict[str, Entry]] = {}
    for path in paths:
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise CorpusError(f"{path}: not valid TOML ({error}); correct that line") from error
        for category, entries in tables.items():
            if not isinstance(entries, dict):
                raise CorpusError(f"{path}: '{category}' stands outside a [category]; move it into one")
            words = found.setdefault(category, {})
            for base, fields in entries.items():
                words.setdefault(base, _entry(path, category, base, fields))
    return {category: tuple(words.values()) for category, words in found.items()}


def _entry(path: Path, category: str, base: str, fields: object) -> Entry:
    if not isinstance(fields, dict):
        raise CorpusError(f'{path}: [{category}] {base} is no table; write it as {base} = {{key = "value"}}')
    forms: dict[str, tuple[str, ...]] = {}
    for key, value in fields.items():
        if key in ("tags", "mass", "plural"):
            continue
        forms[key] = tuple(str(item) for item in value) if isinstance(value, list) else (str(value),)
    tags = frozenset(str(tag) for tag in fields.get("tags", ()))
    return Entry(base, forms, tags, bool(fields.get("mass", False)), bool(fields.get("plural", False)))


def _on_first(phrase: str, inflect: Callable[[str], str]) -> str:
    head, space, rest = phrase.partition(" ")
    return inflect(head) + space + rest


def _on_last(phrase: str, inflect: Callable[[str], str]) -> str:
    rest, space, head = phrase.rpartition(" ")
    return rest + space + inflect(head)


def _add_s(word: str) -> str:
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


def _add_ed(word: str) -> str:
    if word.endswith("e"):
        return word + "d"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ied"
    return (word + word[-1] if _DOUBLING.search(word) else word) + "ed"


def _add_ing(word: str) -> str:
    if word.endswith("ie"):
        return word[:-2] + "ying"
    if word.endswith("e") and not word.endswith("ee"):
        return word[:-1] + "ing"
    return (word + word[-1] if _DOUBLING.search(word) else word) + "ing"

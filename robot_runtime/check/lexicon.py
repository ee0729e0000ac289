"""Words a toddler may say: the closed list that every reply has to keep to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from robot_runtime.check.verdict import Refusal
from robot_runtime.check.words import plain, shortened, words_of
from robot_runtime.errors import SettingsError

WORD_FILE = Path(__file__).parent / "data" / "toddler_words.txt"
"""Our own list, written for this project; its header says how."""

_ENDINGS = ("'s", "'re", "'ll", "'ve", "'m", "'d")
_INNER_CAPITAL = re.compile(r"(?<=[a-z,'] )([A-Z][a-z]{1,14})\b")


@dataclass(frozen=True)
class Lexicon:
    """A set of word forms."""

    forms: frozenset[str]
    """Lower-case word forms, each without a space."""

    def __contains__(self, word: str) -> bool:
        """Tell whether a lower-case word may be said: itself, its possessive or contraction, its hyphened parts."""
        if word in self.forms or not self.forms.isdisjoint(shortened(word)):
            return True
        for ending in _ENDINGS:
            if word.endswith(ending):
                return word[: -len(ending)] in self.forms
        parts = word.split("-")
        return len(parts) > 1 and all(part in self.forms for part in parts)

    def with_more(self, other: Lexicon) -> Lexicon:
        """Give the list of the words of both."""
        return Lexicon(self.forms | other.forms)

    def unknown(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """Give the words that are not on the list, in order."""
        return tuple(word for word in words if word not in self)

    def share(self, words: tuple[str, ...]) -> float:
        """Give the share of the words that are on the list, in [0, 1]; 0.0 without words. Our test for English."""
        return 1.0 - len(self.unknown(words)) / len(words) if words else 0.0


@cache
def load_lexicon(path: Path = WORD_FILE) -> Lexicon:
    """Read a word list: forms separated by white space, lines starting with # are comments.

    Raises:
        SettingsError: the file cannot be read or is empty.
    """
    remedy = "restore the shipped file" if path == WORD_FILE else "name a text file of words"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"word list {path} cannot be read ({error}); {remedy}") from error
    forms = frozenset(word.lower() for line in lines if not line.startswith("#") for word in line.split())
    if not forms:
        raise SettingsError(f"word list {path} holds no word; {remedy}")
    return Lexicon(forms)


def names_in(caregiver: str) -> frozenset[str]:
    """Give the lower-case first names a caregiver just used: words with a capital that do not begin a sentence.

    A toddler may say a name that it has just been told ("this is Olga"). Speech recognisers that write
    everything in lower case give none.
    """
    return frozenset(name.lower() for name in _INNER_CAPITAL.findall(plain(caregiver)))


def refuse_unknown(reply: str, lexicon: Lexicon, names: frozenset[str]) -> list[Refusal]:
    """Refuse a reply with any word that is neither on the list nor one of `names`."""
    unknown = [word for word in lexicon.unknown(words_of(reply)) if word.removesuffix("'s") not in names]
    return [Refusal("lexicon", f"no toddler word: {', '.join(dict.fromkeys(unknown))}")] if unknown else []

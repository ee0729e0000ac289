"""Taking an utterance apart into the words that the rules compare."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_UH_HUH = re.compile(r"\buh[ -]huh\b")
_MORE_THAN_TWO = re.compile(r"(.)\1{2,}")

YES = frozenset("yes yeah yep yup yah uhhuh mhm mmhm okay ok sure".split())
NO = frozenset("no nope nah nuh-uh nuhuh uh-uh".split())

FUNCTION_WORDS = (
    YES
    | NO
    | frozenset(
        """
    a an the this that these those it its it's that's this's here's there's he's she's what's where's who's i'm
    i you he she we they me him her us them my your his our their mine yours am is are was were be been being isn't
    do does did don't doesn't didn't done have has had haven't can can't could will won't would shall should let's
    to of in on at for from with by and or but so if then than as up down out off there here not n't just too very
    what where who whose which why how when huh hmm um uh some any oh well hey please pip i'll i've you're we're they're
    we'll you'll gonna wanna
    """.split()
    )
)
"""Words that carry the grammar, not the topic: copying or repeating them says nothing."""

QUESTION_WORDS = frozenset("what where who whose which why how when".split())

_PRONOUNS = {
    **dict.fromkeys(("i", "me", "you"), "me"),
    **dict.fromkeys(("my", "mine", "your", "yours"), "my"),
}
_CONTRACTED = re.compile(r"(i|you|we|they|he|she|it|that|this|here|there|what|where|who|how)'(?:s|re|m)")
_ARTICLES = frozenset({"a", "an", "the"})


def plain(text: str) -> str:
    """Give the text in NFKC with straight quotes and without invisible characters."""
    if text.isascii() and text.isprintable():
        return text
    folded = unicodedata.normalize("NFKC", text).replace("\u2019", "'").replace("\u2018", "'")
    return "".join(char for char in folded if unicodedata.category(char) not in ("Cf", "Cc", "Cs") or char in "\n\t ")


@lru_cache(maxsize=128)
def words_of(text: str) -> tuple[str, ...]:
    """Give the lower-case words, with their inner apostrophes and hyphens ("don't", "uh-oh"); "uh huh" is one."""
    return tuple(_WORD.findall(_UH_HUH.sub("uhhuh", plain(text).lower())))


def content_words(words: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out the function words, yes and no."""
    return tuple(word for word in words if word not in FUNCTION_WORDS)


def bare(words: tuple[str, ...]) -> tuple[str, ...]:
    """Drop articles, write out "what's" and the like, and fold the forms of "be", for comparing two lines."""
    folded: list[str] = []
    for word in words:
        contracted = _CONTRACTED.fullmatch(word)
        if contracted:
            folded += [contracted.group(1), "are"]
        elif word not in _ARTICLES:
            folded.append("are" if word in ("is", "am") else word)
    return tuple(folded)


def turned_round(words: tuple[str, ...]) -> tuple[str, ...]:
    """Fold what changes when the other one says it: you/I/me and your/my become the same."""
    return tuple(_PRONOUNS.get(word, word) for word in words)


def shortened(word: str) -> tuple[str, str]:
    """Give the word with letters that come three or more times in a row said once, and twice ("so", "moo")."""
    return _MORE_THAN_TWO.sub(r"\1", word), _MORE_THAN_TWO.sub(r"\1\1", word)

"""How a line is really said or heard: the same words with the small changes of living speech.

The shares are design choices of this corpus: about a quarter of the caregiver lines look like the output of a
speech recogniser (lower case, no punctuation), because that is what the runtime feeds the model.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace

from toddler_training.corpus.recogniser import mishear, plain_words


@dataclass(frozen=True)
class SurfaceShares:
    """How often each change happens, as probabilities from 0 to 1."""

    recognised: float = 0.26
    """Caregiver line in lower case without punctuation."""
    lower: float = 0.12
    """Caregiver line with punctuation, but no capitals."""
    opener: float = 0.12
    """A word such as "so" or "oh" in front."""
    vocative: float = 0.16
    """A name or pet name at the start or the end."""
    tag: float = 0.05
    """A closing "hmm?" or "huh?"."""
    contraction: float = 0.25
    """Each contraction opened, or "want to" turned into "wanna"."""
    tagged: float = 0.06
    """A comment turned into a tag question: "it's cold, isn't it?"."""
    led_in: float = 0.05
    """A question after a short sentence of its own: "let's see. where is it?"."""
    false_start: float = 0.02
    """The first word or two said twice: "what did, what did you eat?"."""
    pet_word: float = 0.15
    """Each animal or thing called by its pet word: "doggy", "blankie"."""
    misheard: float = 0.12
    """Of the lines in a recogniser's manner, those with one small word wrong or missing."""
    dropped_comma: float = 0.15
    """All commas left out."""
    clipped: float = 0.05
    """The auxiliary of a question left out: "you want milk?"."""
    bare: float = 0.04
    """Child reply without its final full stop."""
    self_name: float = 0.3
    """Child's "me" said as "I" or "Pip"."""
    article: float = 0.15
    """Child's articles left out."""
    stumble: float = 0.02
    """Child's "um" or a repeated first word."""

    def __post_init__(self) -> None:
        """Refuse shares outside 0 to 1.

        Raises:
            ValueError: one is.
        """
        for name, share in vars(self).items():
            if not 0 <= share <= 1:
                raise ValueError(f"{name} is {share}; it must lie between 0 and 1")

    def without_english(self) -> SurfaceShares:
        """The same without the changes that put in or look for English words; five are left."""
        return replace(self, **dict.fromkeys(_ENGLISH, 0.0))


SHARES = SurfaceShares()
"""The shares of the bundled corpus."""
_ENGLISH = (
    "opener", "vocative", "tag", "contraction", "tagged", "led_in", "pet_word", "misheard", "clipped", "self_name",
    "article", "stumble",
)  # fmt: skip

_PET_NAMES = (
    "sweetie",
    "honey",
    "Pip",
    "Pip",
    "Pip",
    "Pip",
    "buddy",
    "darling",
    "sweetheart",
    "little one",
    "love",
)
_OPENERS = ("so", "oh", "well", "okay", "hey", "now", "hmm", "hey Pip", "so Pip", "and", "oh Pip", "alright")
_ADDRESSED = re.compile(
    r"\b(?:pip|sweetie|honey|buddy|darling|sweetheart|little one|love|baby|sweet pea|kiddo|everybody|robot)"
    r"[,.?!]|^(?:pip|sweetie|honey|buddy)\b|\b(?:please|okay|huh|hmm|right)[.?!]$|pip",
    re.IGNORECASE,
)
_OPENED = re.compile(
    r"(?:so|oh|well|okay|ok|hey|now|hmm|and|alright|hi|hello|bye|goodbye|good|yes|yeah|no|not|thank|thanks|please|"
    r"but|ow|ouch|uh|wow|look|ah|aw|mmm|yum|yummy|yuck|sorry|night|great|well done|come on|what|huh|why|because|or|"
    r"really|peekaboo|boo|knock)(?:[\s,.!?]+|$)(?!(?:is|are|did|do|does|was|were|can|will|color|kind|would|should|about)\b)",
    re.IGNORECASE,
)
_LONG_FORMS = (
    (re.compile(r"\b(what|where|who|how|that|it|he|she)'s (?=\w)"), r"\1 is "),
    (re.compile(r"\b(you|they|we)'re (?=\w)"), r"\1 are "),
    (re.compile(r"\bI'm (?=\w)"), "I am "),
    (re.compile(r"(^|[.!?] )don't (?!you\b|we\b|they\b|I\b)(?=\w)"), r"\1do not "),
    (re.compile(r"\bwant to (?=\w)"), "wanna "),
    (
        re.compile(
            r"\bgoing to (?=(?:eat|play|do|get|have|go|be|make|see|put|take|wear|come|sleep|help|give|draw|"
            r"build|wash|read|sing|tell|say|bring|show|buy|drink|feed|find|look|cook|try|start|happen|visit)\b)"
        ),
        "gonna ",
    ),
)
_SHORT_FORMS = (
    (
        re.compile(r"(^|[.!?] )(what|where|who) is (?=(?:the|that|this|it|your|my|in|on|he|she|a)\b.)"),
        r"\1\2's ",
    ),
    (re.compile(r"(^|[.!?] )do not (?=\w)"), r"\1don't "),
    (re.compile(r"\byou are (?=\w)"), "you're "),
)
_CLIPPED = (
    re.compile(r"^(?:do|did) (?=you (?:want|like|see|have|know|need|get|find|eat|hear|remember)\b)"),
    re.compile(r"^are (?=you \w+ing\b|you (?:hungry|thirsty|tired|sad|mad|cold|hot|okay|ready|done|happy|all)\b)"),
)
_SPOKEN_FORMS = (
    (re.compile(r"\b(have|has) to (?=\w)"), lambda m: "hafta " if m[1] == "have" else "hasta "),
    (re.compile(r"\bgot to (?=\w)"), "gotta "),
    (re.compile(r"\b(let|give) me (?=\w)"), lambda m: "lemme " if m[1] == "let" else "gimme "),
    (re.compile(r"\bdon't know\b"), "dunno"),
    (re.compile(r"\bkind of (?=[a-z]+[.,?!])(?!\w+\?)"), "kinda "),
    (re.compile(r"\bout of\b"), "outta"),
    (re.compile(r"\bwhat are you\b"), "what're you"),
)
_TAGS = (
    (re.compile(r"^(?:it|that)(?:'s| is) (?!(?:not|it|what|why|okay)\b)[^.,?!]{3,40}[.!]$"), "isn't it?"),
    (re.compile(r"^you(?:'re| are) (?!not\b)[^.,?!]{3,40}[.!]$"), "aren't you?"),
    (re.compile(r"^(?:they|those|these)(?:'re| are) (?!not\b)[^.,?!]{3,40}[.!]$"), "aren't they?"),
    (re.compile(r"^you (?:like|love|want|need|have) [^.,?!]{3,40}[.!]$"), "don't you?"),
    (re.compile(r"^(?:this|he|she|daddy|mommy|the \w+)(?:'s| is) [^.,?!]{3,40}[.!]$"), "right?"),
)
_LEAD_INS = (
    "let's see.",
    "I see.",
    "tell me.",
    "mhm.",
    "okay.",
    "alright then.",
    "listen.",
    "tell mommy.",
    "yeah?",
    "you know what?",
)
_PET_WORDS = {
    "dog": "doggy",
    "cat": "kitty",
    "horse": "horsie",
    "duck": "ducky",
    "bird": "birdie",
    "pig": "piggy",
    "frog": "froggy",
    "fish": "fishy",
    "rabbit": "bunny",
    "blanket": "blankie",
    "stomach": "tummy",
    "doll": "dolly",
    "pajamas": "jammies",
    "father": "daddy",
    "mother": "mommy",
}
_PET_WORD = re.compile(rf"\b({'|'.join(_PET_WORDS)})(?=s?\b)(?! (?:food|tank))")
_START = re.compile(r"(^|[.!?] )([^\W\d_])")
_ME = re.compile(r"(^|, |\bbecause |^no |^yeah )me (?!too\b|and\b|either\b|Pip\b)(?=\w)")
_ARTICLE = re.compile(r"(?<!^)\b(?:a|an|the) (?=\w)")


def adult(line: str, rng: random.Random, shares: SurfaceShares = SHARES) -> str:
    """One way in which a caregiver says `line`; the meaning stays."""
    draw = rng.random
    contraction = shares.contraction
    for pattern, short in _SHORT_FORMS:
        if draw() < contraction:
            line = pattern.sub(short, line)
    for pattern, long in _LONG_FORMS:
        if draw() < contraction:
            line = pattern.sub(long, line)
    if draw() < shares.clipped:
        for pattern in _CLIPPED:
            line = pattern.sub("", line)
    for pattern, spoken in _SPOKEN_FORMS:
        if draw() < contraction:
            line = pattern.sub(spoken, line)
    line = _PET_WORD.sub(lambda m: _PET_WORDS[m[1]] if draw() < shares.pet_word else m[1], line)
    if draw() < shares.tagged:
        line = next((f"{line[:-1]}, {tag}" for pattern, tag in _TAGS if pattern.match(line)), line)
    line = _address(line, rng, shares)
    if draw() < shares.false_start:
        line = _start_twice(line, rng)
    if draw() < shares.dropped_comma:
        line = line.replace(",", "")
    style = draw()
    if style < shares.recognised:
        heard = plain_words(line)
        return " ".join(mishear(heard, rng) if draw() < shares.misheard else heard)
    if style < shares.recognised + shares.lower:
        return line
    return _START.sub(lambda m: m[1] + m[2].upper(), line)


def _start_twice(line: str, rng: random.Random) -> str:
    words = line.split()
    begun = words[: rng.randint(1, 2)]
    if len(words) < 4 or any(word[-1] in ".?!," for word in begun):
        return line
    return f"{' '.join(begun)}, {line}"


def _address(line: str, rng: random.Random, shares: SurfaceShares) -> str:
    opened = _OPENED.match(line) is not None
    if not opened and line.endswith("?") and line.count("?") == 1 and rng.random() < shares.led_in:
        return f"{rng.choice(_LEAD_INS)} {line}"
    named = _ADDRESSED.search(line) is not None
    if not opened and rng.random() < shares.opener:
        opener = rng.choice(_OPENERS)
        if not (named and "Pip" in opener):
            line = f"{opener}, {line}"
            opened = True
            named = named or "Pip" in opener
    if not named and rng.random() < shares.vocative:
        name = rng.choice(_PET_NAMES)
        if opened or rng.random() < 0.7:
            return f"{line[:-1]}, {name}{line[-1]}" if line[-1] in ".?!" else f"{line}, {name}"
        return f"{name}, {line}"
    if not named and line.endswith("?") and len(line) > 12 and rng.random() < shares.tag:
        return f"{line} {rng.choice(('hmm?', 'huh?', 'hm?'))}"
    return line


def child(line: str, rng: random.Random, shares: SurfaceShares = SHARES) -> str:
    """One way in which the child says `line`; at most one word longer."""
    if rng.random() < shares.self_name:
        name = "I" if rng.random() < 0.55 else "Pip"
        line = _ME.sub(rf"\g<1>{name} ", line)
    if rng.random() < shares.article:
        line = _ARTICLE.sub("", line)
    if rng.random() < shares.stumble and 2 <= line.count(" ") <= 4:
        first = line.split(" ", 1)[0]
        line = f"um, {line}" if "," in first or rng.random() < 0.6 else f"{first} {line}"
    if line.endswith(".") and rng.random() < shares.bare:
        line = line[:-1]
    return line

"""The form of a sentence: which kind of question it is, or what else; told from its words, without a parser.

`forms("what did you do?")` is `["what do-past"]`, `forms("you're tired, aren't you?")` is `["statement", "tag"]`.
A form is

- a wh-word and the class of the auxiliary after it ("where be"; "who verb" when none follows, "what fragment" alone);
  "how many", "what kind", "what about" and the other pairs of `_WH_PAIRS` count as one wh-word,
- "yes/no" and an auxiliary class: "can you see it", "aren't you hungry" ("yes/no not be"),
- "rising": a question mark without inversion ("you want milk?"),
- "tag" ("isn't it", "right", "huh", "okay"), beside the form of what goes before it,
- "let's", "prohibition" (don't, no + -ing, stop), "imperative" (a verb of `_VERBS` first), "exclamation" (what a, how),
- "fragment" (up to three words without a verb that is told from its form), else "statement".

Auxiliary classes: be, be-past, do, do-past, can, will, should, have, had.
"""

from __future__ import annotations

import re

_AUXILIARY = {
    **dict.fromkeys(("is", "are", "am", "s", "re", "m"), "be"),
    **dict.fromkeys(("was", "were"), "be-past"),
    **dict.fromkeys(("do", "does"), "do"),
    "did": "do-past",
    "d": "will",
    **dict.fromkeys(("can", "could", "may", "might"), "can"),
    **dict.fromkeys(("will", "would", "shall", "ll", "wo"), "will"),
    **dict.fromkeys(("should", "must"), "should"),
    **dict.fromkeys(("have", "has", "ve"), "have"),
    "had": "had",
}
_WH = {"what", "where", "who", "whose", "which", "why", "when", "how", "whom"}
_WH_PAIRS = {
    ("how", "many"),
    ("how", "much"),
    ("how", "about"),
    ("how", "come"),
    ("how", "old"),
    ("how", "long"),
    ("how", "big"),
    ("what", "about"),
    ("what", "kind"),
    ("what", "color"),
    ("what", "time"),
    ("what", "else"),
}
_OPENERS = set(
    "so oh well okay ok hey now hmm hm and but then no yes yeah yep mhm uhhuh uh um huh alright all right there ah aw "
    "ooh wow please because or see look why pip sweetie honey buddy darling sweetheart baby love mommy daddy "
    "mama".split()
)
_SUBJECTS = set(
    "i you he she it we they this that these those there here everybody somebody nobody someone everyone mommy daddy "
    "grandma grandpa who".split()
)
_VERBS = set(
    "ask be blow break bring brush build button call carry catch check chew clap clean climb close color come "
    "count cover cut dance dig do draw drink drive drop dry eat excuse feed fetch fill find finish fix fly fold "
    "follow get give go grab guess hand hang have hear help hide hit hold hop hug hurry jump keep kick kiss knock "
    "lay leave let lie lift listen look make mind move open paint pat pick play point pour press pretend pull "
    "push put reach read remember ride ring roll rub run say scoot see send shake share show shut sing sit sleep "
    "slide smell smile splash squeeze stand start stay step stick stir stop swallow sweep swim swing take talk "
    "taste tell thank think throw tickle tie touch try tuck turn use wait wake walk wash watch wave wear wiggle "
    "wind wipe work write zip".split()
)
_VERB_ENDING = re.compile(
    r"^(?:is|are|was|were|am|s|re|m|ll|d|ve|t|has|have|had|do|does|did|can|will|\w{2,}ing|\w{3,}ed)$"
)
_TAG = re.compile(
    r"(?:,? (?:(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|wo|ai|ca)(?:n't)? "
    r"(?:i|you|he|she|it|we|they|there|that|this)|right|huh|hm+|okay|ok)|, (?:remember|see))$"
)
_NO_DOING = re.compile(r"(?:\w+,? )?no \w+ing\b")
_SENTENCE = re.compile(r"[^.?!]+[.?!]*")
_WORD = re.compile(r"[a-z]+")


def words(text: str) -> list[str]:
    """The words of a text in lower case, parted at apostrophes: "don't" gives "don", "t"."""
    return _WORD.findall(text.lower())


def without_openers(said: list[str]) -> list[str]:
    """The words of a sentence without "oh", "so", names and the like in front; empty when there is nothing else."""
    start = next((at for at, word in enumerate(said) if word not in _OPENERS), len(said))
    return said[start:]


def forms(line: str) -> list[str]:
    """The forms of all sentences of a line, in their order; openers such as "oh" and "so" alone have none."""
    found: list[str] = []
    for sentence in _SENTENCE.findall(line.lower()):
        text = sentence.strip(" .?!,")
        asked = "?" in sentence
        tag = _TAG.search(text)
        body = text[: tag.start()].strip(" ,") if tag else text
        if tag and without_openers(words(body))[:1] in ([], *([word] for word in _WH)):
            tag, body = None, text
        form = "prohibition" if _NO_DOING.match(body) else _form(words(body), asked and tag is None)
        found += [form] if form else []
        found += ["tag"] if tag else []
    return found


def last_form(line: str) -> str:
    """The form of the last sentence of a line, to which a reply replies; "" where there is none."""
    return (forms(line) or [""])[-1]


def _form(said: list[str], asked: bool) -> str:
    said = without_openers(said) or (said[-1:] if asked else [])
    if not said:
        return ""
    first, rest = said[0], said[1:]
    if first in _WH:
        return _wh_form(said, asked)
    if first == "let" and rest[:1] in (["s"], ["us"]):
        return "let's"
    if (first in ("don", "stop", "never") and not asked) or (first == "no" and rest[:1] and rest[0].endswith("ing")):
        return "prohibition"
    negated = first.removesuffix("n") if rest[:1] == ["t"] else ""
    auxiliary = _AUXILIARY.get(negated or first) or _AUXILIARY.get(first)
    if first in ("ca", "can") and rest[:1] == ["t"]:
        auxiliary, negated = "can", "can"
    if auxiliary and (asked or (rest and (rest[0] in _SUBJECTS or rest[0] == "t"))) and first not in ("s", "re", "m"):
        return f"yes/no {'not ' if negated else ''}{auxiliary}"
    if asked:
        return "rising"
    if first in _VERBS:
        return "imperative"
    if len(said) <= 3 and first not in _SUBJECTS and not any(_VERB_ENDING.match(word) for word in said):
        return "fragment"
    return "statement"


def _wh_form(said: list[str], asked: bool) -> str:
    first = said[0]
    if tuple(said[:2]) in _WH_PAIRS:
        first, said = " ".join(said[:2]), said[1:]
    rest = said[1:]
    if not rest:
        return f"{first} fragment"
    if not asked and (rest[0] in ("a", "an") or (first == "how" and rest[0] not in _AUXILIARY)):
        return "exclamation"
    for word in rest[:3]:
        if word.removesuffix("n") in _AUXILIARY:
            return f"{first} {_AUXILIARY[word.removesuffix('n')]}"
        if word in _AUXILIARY:
            return f"{first} {_AUXILIARY[word]}"
    return f"{first} {'verb' if len(rest) > 1 else 'fragment'}"

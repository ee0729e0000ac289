"""A CHAT main line as words and punctuation that a person would write.

The codes are those of the CHAT manual (MacWhinney 2000, https://talkbank.org/0info/manuals/CHAT.pdf). What stays:

    de [: the] dog             the dog            a replacement is what was meant ...
    goed [: went] [* m:=ed]    goed               ... but a child's own grammar is kept, as is `[:: target]`
    <I want> [//] I need it    I need it          retraced and excluded words go: [/] [//] [///] [/-] [/?] [e]
    (be)cause no:              because no         shortened words whole, lengthened ones short
    choo+choo tick_tock        choo choo tick tock
    mama@f moo@o               mama moo           special forms lose their mark
    +... +/. +"/.   +..? +/?   .   ?              a broken-off line ends like another

Fillers, fragments, events, interposed words (`&-um &+fr &~ba &=laughs &*MOT:mhm`), omitted words (`0is`), pauses, signs
(`@sl`) and time marks go. Unintelligible and untranscribed speech (`xxx yyy www`), babbling (`@b`) and sounds in
phonetic letters (`@u`) leave a gap; other languages (`[- hun]`, `@s:hun`) make the whole line foreign.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_TIME_OR_PAUSE = re.compile(r"\x15[^\x15]*\x15|\((?:\.+|\d[\d.:]*)\)")
_REPLACED = re.compile(r"(<[^<>]*>|[^\s<>]+)\s*\[: ([^\]]*)\](?:\s*\[\*\s*([^\]]*)\])?")
_FOREIGN = re.compile(r"\[- |@s\b(?!l)")
_CODE = re.compile(r"\[(?!/|e\])[^\]]*\]")
_GROUP = re.compile(r"<([^<>]*)>(?!\s*\[)")
_TAKEN_BACK = re.compile(r"(?:<[^<>]*>|[^\s<>]+)\s*\[(?:/[/?-]*|e)\]")
_CODE_LEFT = re.compile(r"\[[^\]]*\]")
_INTERPOSED = re.compile(r"&\*\w+:\S+")
_SIGNED_OR_OMITTED = re.compile(r"(?<!\S)[<“]*(?:&\S+?|0\w*|\S+@sl)(?=[>\s”]|$)")
_SOUND = re.compile(r"[^\s<>]+@[bu]\b\S*")
_FORM = re.compile(r"@[^\s,.?!>]+")
_LINKER = re.compile(r"(?<!\S)\+[^\s\w]+")
_TAG = re.compile(r"\s*[„‡]")
_MARK = re.compile(r"[()<>:^“”\u2039\u203a«»≠↑↓⇗↗→↘⇘∞≈≋≡∙⌈⌉⌊⌋∆∇°▁▔☺♋⁇∬Ϋ∮§ˈˌ*\"]")
_JOINED = re.compile(r"(?<=\w)[_+](?=\w)")
_UNCLEAR = re.compile(r"\b(?:xxx?|yyy?|www)\b")
_BEFORE_MARK = re.compile(r"[\s,]*([.?!])|\s+(?=,)|,(?=\s*,)")
_LETTER = re.compile(r"[^\W\d_]")


class Cleaned(NamedTuple):
    """One line, cleaned."""

    text: str
    """Words, `,` between them and one of `. ? !` at the end; empty when there is no word."""
    gap: bool
    """Whether speech that nobody understood or wrote down was in it."""
    foreign: bool
    """Whether a word of it is in another language than the transcript."""
    interposed: int
    """How many short remarks of others were taken out of it."""


def clean(line: str) -> Cleaned:
    """Clean a main line, without its speaker, continuation lines joined by a space."""
    foreign = _FOREIGN.search(line) is not None
    line = _TIME_OR_PAUSE.sub(" ", line)
    if "[" in line:
        line = _CODE.sub("", _REPLACED.sub(_meant, line))
    line = _without_taken_back(line)
    interposed = 0
    if "&" in line or "0" in line or "@" in line:
        line, interposed = _INTERPOSED.subn("", line)
        line = _FORM.sub("", _SOUND.sub("xxx", _SIGNED_OR_OMITTED.sub("", line)))
    if "+" in line:
        line = _LINKER.sub(_end, line)
    line = _JOINED.sub(" ", _MARK.sub("", _TAG.sub(",", line)))
    line, gaps = _UNCLEAR.subn("", line)
    line = _BEFORE_MARK.sub(r"\1", " ".join(line.split())).lstrip(" ,.?!").rstrip(" ,")
    return Cleaned(line if _LETTER.search(line) else "", gaps > 0, foreign, interposed)


def _meant(found: re.Match[str]) -> str:
    """What a replaced word becomes; several words stay one group, so that a retracing takes them all."""
    said, target, error = found.groups()
    own = error and not error.startswith("p")
    return said if own else f"<{target}>" if " " in target else str(target)


def _without_taken_back(line: str) -> str:
    """The line without what its speaker took back, inner groups first."""
    before = ""
    while line != before and ("[" in line or "<" in line):
        before, line = line, _TAKEN_BACK.sub("", _GROUP.sub(r"\1", line))
    return _CODE_LEFT.sub("", line)


def _end(found: re.Match[str]) -> str:
    mark = found[0][-1]
    return mark if mark in ".?!" else ""

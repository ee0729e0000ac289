"""How much of what caregivers really say the corpus knows, and what it lacks most.

A caregiver line is *known* when

- each of its words occurs in caregiver lines of the corpus, endings aside (`stem`: "dogs" is "dog", "jumped" "jump"),
- each of its forms (`forms.py`) occurs in caregiver lines of at least `FRAMES_FOR_FORM` frames.

All words count, not only content words. Two kinds do not: names, which CHAT writes with a capital (each family has its
own), and lines without any clear word. Lines count as often as they are said.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from toddler_training.corpus.expand import Expander
from toddler_training.corpus.forms import forms, words
from toddler_training.corpus.transcripts import caregiver_lines

DRAWS = 150
"""Dialogues drawn from each frame to learn its words; our choice: a model hardly learns what is rarer."""
FRAMES_FOR_FORM = 3
"""Frames that must have a form for it to count as known; our choice."""
MISSING_SHOWN = 60
"""Words and forms listed."""
_NAME = re.compile(r"\b[A-Z][\w']*(?:[ _][A-Z]\w*)*")
_ENDING = re.compile(r"(?<=\w\w\w)(?:ies|es|s|ied|ed|ing|er|est|y|ie)$")
_FINAL_I = re.compile(r"i$")


@dataclass(frozen=True)
class Coverage:
    """Counts over the caregiver lines of transcripts."""

    lines: int
    """Caregiver lines looked at."""
    known: int
    """Lines with all words and all forms known."""
    known_words: int
    """Lines with all words known."""
    known_forms: int
    """Lines with all forms known."""
    missing_words: Counter[str]
    """Words that the corpus lacks -> lines that have them."""
    missing_forms: Counter[str]
    """Forms that the corpus lacks -> lines that have them."""
    alone: Counter[str]
    """Words that are all that a line lacks -> such lines: what to write next."""

    def text(self) -> str:
        """The counts, for a person."""
        total = max(self.lines, 1)
        rows = [
            f"caregiver lines      {self.lines}",
            f"words and form known {self.known} ({self.known / total:.1%})",
            f"  words known        {self.known_words} ({self.known_words / total:.1%})",
            f"  form known         {self.known_forms} ({self.known_forms / total:.1%})",
        ]
        for title, counts in (
            ("forms lacking", self.missing_forms),
            ("words lacking", self.missing_words),
            ("only this word lacking", self.alone),
        ):
            rows.append(f"{title}: " + ", ".join(f"{what} {n}" for what, n in counts.most_common(MISSING_SHOWN)))
        return "\n".join(rows)


def stem(word: str) -> str:
    """The word without plural, verb, comparison or pet ending, and a doubled last letter single."""
    bare = _FINAL_I.sub("y", _ENDING.sub("", word).rstrip("e"))
    return bare[:-1] if len(bare) > 3 and bare[-1] == bare[-2] else bare


def known_to(expanders: Iterable[Expander], seed: int = 0) -> tuple[set[str], set[str]]:
    """Stems and forms of the caregiver lines that the frames give."""
    rng = random.Random(seed)
    stems: set[str] = set()
    frames_with: defaultdict[str, set[str]] = defaultdict(set)
    for expander in expanders:
        lines = {said for _ in range(DRAWS) for said, _reply in expander.draw(rng)}
        for line in lines:
            stems.update(stem(word) for word in words(line))
            for form in forms(line):
                frames_with[form].add(expander.frame.source)
    return stems, {form for form, frames in frames_with.items() if len(frames) >= FRAMES_FOR_FORM}


def measure(expanders: Iterable[Expander], transcripts: Path) -> Coverage:
    """Measure the frames against what two-year-olds were told (`caregiver_lines`).

    Raises:
        SettingsError: there are no transcripts at that path.
    """
    lines = Counter(caregiver_lines(transcripts))
    stems, known_forms = known_to(expanders)
    missing_words, missing_forms, alone = Counter[str](), Counter[str](), Counter[str]()
    both = with_words = with_forms = 0
    for line, times in lines.items():
        lacking = {word for word in words(_NAME.sub(_unless_i, line)) if stem(word) not in stems}
        strange = {form for form in forms(line) if form not in known_forms}
        with_words += times * (not lacking)
        with_forms += times * (not strange)
        both += times * (not lacking and not strange)
        missing_words.update(dict.fromkeys(lacking, times))
        missing_forms.update(dict.fromkeys(strange, times))
        if len(lacking) == 1 and not strange:
            alone.update(dict.fromkeys(lacking, times))
    return Coverage(lines.total(), both, with_words, with_forms, missing_words, missing_forms, alone)


def _unless_i(name: re.Match[str]) -> str:
    return name[0] if re.fullmatch(r"I(?:'\w+)?", name[0]) else ""

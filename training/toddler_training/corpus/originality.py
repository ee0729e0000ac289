"""Proof that the corpus copies no transcript: which of its caregiver-child pairs also occur in one, word for word.

A corpus of millions of short pairs meets a real one by chance: "what's that?" - "a doggy." belongs to nobody. Pairs of
fewer than `MIN_WORDS` words in total are therefore not looked at. A shared pair is a *chance phrase* when its caregiver
line or its reply is a formula of everyday talk, which needs no source: a line of at most `FORMULA_LINE` words, openers
such as "alright" aside, or a reply of at most `FORMULA_REPLY`. All others are *suspects*; there must be none. Capitals,
punctuation and apostrophes do not count. On the caregiver's side of a transcript, the last sentence and the whole turn
are both compared; children of any age are looked at.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from toddler_training.corpus.build import Dialogue
from toddler_training.corpus.forms import without_openers
from toddler_training.corpus.held_out import normalise
from toddler_training.corpus.transcripts import exchanges

MIN_WORDS = 5
"""Words, of caregiver and child together, from which a pair is compared."""
FORMULA_LINE = 5
"""Most words of a caregiver line that counts as a formula; our choice ("do you want some milk")."""
FORMULA_REPLY = 2
"""Most words of a reply that counts as a formula; our choice ("yes please")."""
SHOWN = 200
"""Shared pairs listed."""
Pair = tuple[str, str]
_BEFORE_LAST = re.compile(r".*[.?!] ", re.DOTALL)


@dataclass(frozen=True)
class Originality:
    """What corpus and transcripts share."""

    pairs: int
    """Pairs of the corpus looked at, of `MIN_WORDS` words or more."""
    real: int
    """Distinct pairs of the transcripts that they were compared with."""
    shared: Counter[Pair]
    """Normalised pairs in both -> how often the corpus has them (in different capitals and punctuation)."""

    @property
    def suspects(self) -> list[Pair]:
        """Shared pairs that are no chance phrase."""
        return [pair for pair in self.shared if not _is_formula(pair)]

    def text(self) -> str:
        """The counts and the shared pairs, for a person."""
        rows = [
            f"pairs of {MIN_WORDS}+ words    {self.pairs} of the corpus, {self.real} distinct of the transcripts",
            f"shared, distinct    {len(self.shared)}, of which {len(self.suspects)} are no chance phrase",
        ]
        rows += [f"  no chance: {said} -> {reply}" for said, reply in self.suspects]
        rows += [f"  {n} x {said} -> {reply}" for (said, reply), n in self.shared.most_common(SHOWN)]
        return "\n".join(rows)


def compare(dialogues: Iterable[Dialogue], transcripts: Path) -> Originality:
    """Look for pairs of the transcripts among the dialogues.

    Raises:
        SettingsError: there are no transcripts at that path.
    """
    real: set[Pair] = set()
    for turn, reply in exchanges(transcripts):
        answer = normalise(reply)
        real.update((normalise(said), answer) for said in (turn, _BEFORE_LAST.sub("", turn)))
    real = {pair for pair in real if _length(pair) >= MIN_WORDS}
    shared = Counter[Pair]()
    looked_at = 0
    for dialogue in dialogues:
        for said, answer in dialogue.turns:
            pair = (normalise(said), normalise(answer))
            if _length(pair) >= MIN_WORDS:
                looked_at += 1
                shared.update([pair] if pair in real else [])
    return Originality(looked_at, len(real), shared)


def _length(pair: Pair) -> int:
    return len(pair[0].split()) + len(pair[1].split())


def _is_formula(pair: Pair) -> bool:
    return len(without_openers(pair[0].split())) <= FORMULA_LINE or len(pair[1].split()) <= FORMULA_REPLY

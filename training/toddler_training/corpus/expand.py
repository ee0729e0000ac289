"""One random dialogue from one frame: variables drawn, lines drawn, slots filled."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from itertools import accumulate

from robot_runtime.errors import CorpusError
from toddler_training.corpus.lexicon import Entry, Lexicon
from toddler_training.corpus.scenes import Frame, Line, Variable
from toddler_training.corpus.template import Slot, fill, slots, variants

_DRAWS = 40


@dataclass(frozen=True)
class Domain:
    """A variable with the entries that it may take in its frame."""

    variable: Variable
    """The variable."""
    entries: tuple[Entry, ...]
    """Entries with all tags and attributes that the frame needs; 1 or more."""
    lacking: tuple[str, ...]
    """Complaints about entries left out because they lack an attribute that a slot asks for."""


class Expander:
    """Draws dialogues from one frame."""

    def __init__(self, frame: Frame, lexicon: Lexicon, *, english: bool = True) -> None:
        """Bind the frame's variables to the lexicon; `english` turns "a" into "an" where it has to be.

        Raises:
            CorpusError: an unknown variable or category, or a variable left without any entry.
        """
        self.frame = frame
        self.english = english
        """Whether the text is English."""
        self.domains = tuple(_bind(frame, variable, lexicon) for variable in frame.variables)
        _refuse_unknown(frame)
        self._lines = [
            tuple((lines, list(accumulate(line.weight for line in lines))) for lines in (turn.adult, turn.child))
            for turn in frame.exchanges
        ]
        self.size = self._size()
        """About how many different dialogues the frame can make."""
        self.pairs = self._pairs()
        """About how many different (caregiver, child) pairs the frame can make, before surface variation."""

    def draw(self, rng: random.Random) -> list[tuple[str, str]]:
        """Draw one (caregiver, child) pair for each exchange, before surface variation.

        Raises:
            CorpusError: the frame's `!` restrictions leave no word to draw.
        """
        bound = self._draw_entries(rng)
        cache: dict[Slot, str] = {}

        def value(slot: Slot) -> str:
            if slot not in cache:
                cache[slot] = rng.choice(bound[slot.var].values(slot.form))
            return cache[slot]

        return [
            (
                fill(_pick(adult, rng).template, rng, value, english=self.english),
                fill(_pick(child, rng).template, rng, value, english=self.english),
            )
            for adult, child in self._lines
        ]

    def _draw_entries(self, rng: random.Random) -> dict[str, Entry]:
        bound: dict[str, Entry] = {}
        for domain in self.domains:
            banned = {text for var, form in domain.variable.unlike for text in bound[var].values(form)}
            for _ in range(_DRAWS):
                entry = domain.entries[int(rng.random() * len(domain.entries))]
                if entry.base not in banned:
                    break
            else:
                raise CorpusError(
                    f"{self.frame.source}: '{domain.variable.name}' has no word that differs; "
                    "drop the '!' or add entries"
                )
            bound[domain.variable.name] = entry
        return bound

    def _size(self) -> float:
        entries = {domain.variable.name: len(domain.entries) for domain in self.domains}
        total = 1.0
        for turn in self.frame.exchanges:
            for lines in (turn.adult, turn.child):
                total *= sum(variants(line.template) for line in lines)
        for name in {
            s.var for turn in self.frame.exchanges for x in (*turn.adult, *turn.child) for s in slots(x.template)
        }:
            total *= entries[name]
        return total

    def _pairs(self) -> int:
        entries = {domain.variable.name: len(domain.entries) for domain in self.domains}
        return sum(
            variants(said.template)
            * variants(reply.template)
            * math.prod(entries[name] for name in {s.var for line in (said, reply) for s in slots(line.template)})
            for turn in self.frame.exchanges
            for said in turn.adult
            for reply in turn.child
        )


def _pick(weighted: tuple[tuple[Line, ...], list[int]], rng: random.Random) -> Line:
    lines, cumulative = weighted
    return lines[0] if len(lines) == 1 else rng.choices(lines, cum_weights=cumulative)[0]


def _bind(frame: Frame, variable: Variable, lexicon: Lexicon) -> Domain:
    if not variable.literals and variable.category not in lexicon:
        raise CorpusError(
            f"{frame.source}: category '{variable.category}' is in no lexicon file; "
            f"known are {', '.join(sorted(lexicon))}"
        )
    earlier = [other.name for other in frame.variables[: frame.variables.index(variable)]]
    for name, _ in variable.unlike:
        if name not in earlier:
            raise CorpusError(f"{frame.source}: '{variable.name}' differs from '{name}', which is not before it")
    wanted = {
        slot.form
        for turn in frame.exchanges
        for line in (*turn.adult, *turn.child)
        for slot in slots(line.template)
        if slot.var == variable.name
    }
    if variable.literals:
        tagged = [Entry(text, {}, frozenset()) for text in variable.literals]
    else:
        tagged = [e for e in lexicon[variable.category] if all(e.matches(tag) for tag in variable.tags)]
    fit = tuple(e for e in tagged if all(e.values(form) for form in wanted))
    lacking = tuple(
        f"{frame.source}: [{variable.category}] {e.base} lacks '{form}'"
        for e in tagged
        for form in sorted(wanted)
        if not e.values(form)
    )
    if not fit:
        raise CorpusError(
            f"{frame.source}: no entry of '{'.'.join((variable.category or variable.name, *variable.tags))}' has "
            f"{', '.join(sorted(form for form in wanted if form)) or 'these tags'}; add it to the lexicon"
        )
    return Domain(variable, fit, lacking)


def _refuse_unknown(frame: Frame) -> None:
    known = {variable.name for variable in frame.variables}
    file = frame.source.partition(":")[0]
    for turn in frame.exchanges:
        for line in (*turn.adult, *turn.child):
            for slot in slots(line.template):
                if slot.var not in known:
                    raise CorpusError(f"{file}:{line.number}: [{slot.var}] is unknown; add it to the frame's @vars")

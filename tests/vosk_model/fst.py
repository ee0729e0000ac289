"""Weighted automata in OpenFst's `vector` format: the lexicon with its phones, and the grammar over words."""

from __future__ import annotations

import math
import struct
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vosk_model.mdl import phone_id

EPSILON, UNKNOWN, FIRST_WORD = 0, 1, 2
"""Word numbers."""
BEGIN, INTERNAL, END, SINGLETON = range(4)
SEEN = 0.7
"""Share of the words after a word that goes to those that followed it in the sentences; the others get the rest."""
SILENCE_COST = (-math.log(0.7), -math.log(0.3))
"""Of no silence after a word, and of one."""
UNKNOWN_COST, UNKNOWN_PHONE_COST = 6.0, 3.0
"""Of a word in no vocabulary, and of each of its phones."""


@dataclass
class Automaton:
    """States are numbers; state 0 is the start."""

    finals: list[float | None] = field(default_factory=list)
    """Cost of ending in a state, None where nothing may end."""
    arcs: list[list[tuple[int, int, float, int]]] = field(default_factory=list)
    """Of each state: (input, output, cost, next state)."""

    def state(self, final: float | None = None) -> int:
        """Add a state."""
        self.finals.append(final)
        self.arcs.append([])
        return len(self.arcs) - 1

    def arc(self, begin: int, label: int, output: int, cost: float, end: int) -> None:
        """Add an arc."""
        self.arcs[begin].append((label, output, cost, end))

    def write(self, path: Path, *, sort_by: int) -> None:
        """Write it with arcs sorted by input (`sort_by` 0) or output (1)."""
        parts = [
            struct.pack("<i", 2125659606),
            *(struct.pack("<i", len(name)) + name for name in (b"vector", b"standard")),
            struct.pack("<iiQqqq", 2, 0, 3, 0, len(self.arcs), sum(map(len, self.arcs))),
        ]
        for final, arcs in zip(self.finals, self.arcs, strict=True):
            parts.append(struct.pack("<fq", math.inf if final is None else final, len(arcs)))
            parts += [struct.pack("<iifi", *arc) for arc in sorted(arcs, key=lambda arc: arc[sort_by])]
        path.write_bytes(b"".join(parts))


def lexicon_loop(
    pronunciations: Iterable[tuple[int, Sequence[int], float]], phones: int, stay: Sequence[float]
) -> Automaton:
    """Words in any order, silence where it may be: from Kaldi's transition numbers to words.

    Args:
        pronunciations: word number, phone classes, cost.
        phones: number of phone classes with silence, which is 0.
        stay: for every class, the probability that it goes on for another 30 ms.
    """
    loop = Automaton()
    between, pause, start = loop.state(0.0), loop.state(0.0), 0

    def enter(begin: int, phone: int, position: int, word: int, cost: float) -> int:
        """A phone as its way in, and a state that keeps it going: Kaldi's order with `reorder`."""
        number, state = phone_id(phone, position), loop.state()
        loop.arc(begin, 2 * number, word, cost - math.log(1 - stay[phone]), state)
        loop.arc(state, 2 * number - 1, EPSILON, -math.log(stay[phone]), state)
        return state

    def leave(state: int) -> None:
        loop.arc(state, EPSILON, EPSILON, SILENCE_COST[0], between)
        loop.arc(state, EPSILON, EPSILON, SILENCE_COST[1], pause)

    # Silence leads back between the words; it may also be all there is.
    loop.arc(enter(pause, 0, BEGIN, EPSILON, 0.0), EPSILON, EPSILON, 0.0, between)
    loop.arc(start, EPSILON, EPSILON, SILENCE_COST[1], pause)
    for word, sounds, cost in pronunciations:
        state = start
        for index, phone in enumerate(sounds):
            last = index == len(sounds) - 1
            position = SINGLETON if len(sounds) == 1 else BEGIN if index == 0 else END if last else INTERNAL
            state = enter(state, phone, position, word if index == 0 else EPSILON, cost if index == 0 else 0.0)
        leave(state)
    middle, behind = loop.state(), loop.state()
    for phone in range(1, phones):
        loop.arc(enter(start, phone, BEGIN, UNKNOWN, UNKNOWN_PHONE_COST), EPSILON, EPSILON, 0.0, middle)
        loop.arc(enter(middle, phone, INTERNAL, EPSILON, UNKNOWN_PHONE_COST), EPSILON, EPSILON, 0.0, middle)
        loop.arc(enter(middle, phone, END, EPSILON, UNKNOWN_PHONE_COST), EPSILON, EPSILON, 0.0, behind)
    leave(behind)
    return loop


def bigram(sentences: Iterable[tuple[Sequence[int], float]], words: int) -> Automaton:
    """A grammar from sentences as word numbers: what follows a word is what followed it there, or any word.

    Args:
        sentences: what is said, and how often.
        words: number of word numbers in all.
    """
    followers: defaultdict[int, defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
    singles: defaultdict[int, float] = defaultdict(float)
    end = -1
    for sentence, often in sentences:
        for before, after in zip((EPSILON, *sentence), (*sentence, end), strict=True):
            followers[before][after] += often
            singles[after] += often
    grammar = Automaton()
    histories = {word: grammar.state() for word in (EPSILON, *range(FIRST_WORD, words))}
    anywhere = grammar.state()
    for word, state in histories.items():
        seen = followers[word]
        total = sum(seen.values()) or 1.0
        grammar.finals[state] = -math.log(SEEN * seen.get(end, 0.0) / total + 0.05)
        for after, count in seen.items():
            if after != end:
                grammar.arc(state, after, after, -math.log(SEEN * count / total), histories[after])
        grammar.arc(state, EPSILON, EPSILON, -math.log(1 - SEEN), anywhere)
    total = sum(singles.values()) - singles.pop(end) + words
    for word in range(FIRST_WORD, words):
        grammar.arc(anywhere, word, word, -math.log((singles[word] + 1) / total), histories[word])
    unknown = grammar.state(-math.log(0.5))
    grammar.arc(anywhere, UNKNOWN, UNKNOWN, UNKNOWN_COST, unknown)
    grammar.arc(unknown, EPSILON, EPSILON, -math.log(0.5), anywhere)
    return grammar

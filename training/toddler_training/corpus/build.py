"""A balanced stream of distinct dialogues from all scenes."""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path

from toddler_training.corpus import surface
from toddler_training.corpus.expand import Expander
from toddler_training.corpus.lexicon import load_lexicon
from toddler_training.corpus.scenes import load_scenes

HERE = Path(__file__).parent
"""Folder that holds `lexicon/` and `scenes/`."""
MAX_CHILD_WORDS = 7
"""Longest reply in words; the project's choice for a child of two."""
KEPT_BY_WORDS = (0.0, 1.0, 0.55, 0.4, 0.55)
"""Share of dialogues kept by the length of a reply in words; all with 5 words and more. Frames give too many replies of
three words; with these shares, of our choice, lengths come nearer to those of two-year-olds: 1 word 30 %, 2 25 %,
3 18 %, 4 11 %, 5 6 %, more 9 % (40,091 utterances of CHILDES Brown and MacWhinney, 24-35 months)."""
_SIZE_FLOOR = 200.0
_SIZE_CAP = 3_000.0
_BATCH = 2_000
_GIVE_UP = 60


@dataclass(frozen=True)
class Dialogue:
    """One short conversation."""

    scene: str
    """Scene that it comes from."""
    frame: str
    """Frame of that scene."""
    turns: tuple[tuple[str, str], ...]
    """(caregiver, child) pairs in the order of speaking, 1 or more."""


def pair_mark(pair: tuple[str, str]) -> int:
    """64 bits that stand for a pair; among ten million pairs, two share a mark with a chance of 3 in a million."""
    return int.from_bytes(hashlib.blake2b("\n".join(pair).encode(), digest_size=8).digest(), "big")


def load_expanders(folder: Path = HERE) -> list[Expander]:
    """All frames under `folder`, bound to its lexicon.

    Raises:
        CorpusError: a lexicon or scene file is wrong, with file, line and remedy.
    """
    lexicon = load_lexicon(sorted((folder / "lexicon").glob("*.toml")))
    return [Expander(frame, lexicon) for frame in load_scenes(sorted((folder / "scenes").glob("*.txt")))]


def build(pairs: int, seed: int, held_out: Container[str] = (), folder: Path = HERE) -> Iterator[Dialogue]:
    """Yield dialogues until `pairs` distinct (caregiver, child) pairs are out, or the frames are exhausted.

    A frame's share grows with the square root of the number of dialogues it can make, between a floor and a cap, so
    that a frame with large word lists does not swamp the others. The stream is the same for the same seed and files.
    Of pairs already given it keeps 64 bits each: about 75 bytes of memory a pair.

    Args:
        pairs: Distinct pairs wanted, 1 or more.
        seed: Seed of every random choice.
        held_out: Caregiver lines that must not appear; `load_held_out` has those that models are judged by.
        folder: Where `lexicon/` and `scenes/` lie.

    Raises:
        CorpusError: a lexicon or scene file is wrong, with file, line and remedy.
    """
    rng = random.Random(seed)
    expanders = load_expanders(folder)
    weights = [math.sqrt(min(max(expander.size, _SIZE_FLOOR), _SIZE_CAP)) for expander in expanders]
    failures = [0] * len(expanders)
    seen: set[int] = set()
    while len(seen) < pairs and any(weights):
        for index in rng.choices(range(len(expanders)), weights, k=_BATCH):
            if weights[index] == 0.0:
                continue
            turns = _speak(expanders[index], rng)
            if rng.random() >= _kept(turns):
                continue
            marks = [pair_mark(turn) for turn in turns]
            if not _allowed(turns, held_out) or seen.issuperset(marks):
                failures[index] += 1
                if failures[index] >= _GIVE_UP:
                    weights[index] = 0.0
                continue
            failures[index] = 0
            seen.update(marks)
            frame = expanders[index].frame
            yield Dialogue(frame.scene, frame.name, turns)
            if len(seen) >= pairs:
                return


def _speak(expander: Expander, rng: random.Random) -> tuple[tuple[str, str], ...]:
    return tuple((surface.adult(said, rng), surface.child(reply, rng)) for said, reply in expander.draw(rng))


def _kept(turns: tuple[tuple[str, str], ...]) -> float:
    shares = [KEPT_BY_WORDS[n] if (n := len(reply.split())) < len(KEPT_BY_WORDS) else 1.0 for _, reply in turns]
    return sum(shares) / len(shares)


def _allowed(turns: tuple[tuple[str, str], ...], held_out: Container[str]) -> bool:
    return all(len(reply.split()) <= MAX_CHILD_WORDS and said not in held_out for said, reply in turns)

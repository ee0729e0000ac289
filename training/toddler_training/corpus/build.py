"""A balanced stream of distinct dialogues from all scenes.

A corpus is a folder with `scenes/*.txt`, `lexicon/*.toml`, where it differs from ours `corpus.toml`, and where models
are to be judged by other lines `heldout/everyday.txt`.
"""

from __future__ import annotations

import hashlib
import math
import random
import tomllib
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from robot_runtime.errors import CorpusError
from robot_runtime.settings import section
from toddler_training.corpus.expand import Expander
from toddler_training.corpus.held_out import FOLDER, QUESTIONS
from toddler_training.corpus.lexicon import Entry, load_lexicon
from toddler_training.corpus.scenes import load_scenes
from toddler_training.corpus.surface import SHARES, SurfaceShares, adult, child

HERE = Path(__file__).parent
"""Folder of the bundled corpus."""
MAX_CHILD_WORDS = 20
"""Longest reply of any corpus, in words: a profile's `check.max_words` can let no longer one pass."""
_SIZE_FLOOR = 200.0
_SIZE_CAP = 3_000.0
_BATCH = 2_000
_GIVE_UP = 60


@dataclass(frozen=True)
class CorpusSettings:
    """What a corpus of another age or language may change, in its `corpus.toml`; the defaults are those of ours."""

    longest_reply: int = 7
    """Words of the child at most, 1 to 20; 7 is the project's choice for a child of two."""

    kept_by_words: tuple[float, ...] = (0.0, 1.0, 0.55, 0.4, 0.55)
    """Share of dialogues kept by the length of a reply in words, from 0 words on; longer ones are all kept. Frames give
    too many replies of three words; with these shares, of our choice, lengths come nearer to those of two-year-olds:
    1 word 30 %, 2 25 %, 3 18 %, 4 11 %, 5 6 %, more 9 % (40,091 utterances of CHILDES Brown and MacWhinney, 24-35
    months)."""

    english: bool = True
    """Whether the text is English. False: the lexicon makes no plural, article or verb form that is not written in it,
    "a" stays "a", and `surface` and `check` keep only what works with any words."""

    bundled_lexicon: bool = False
    """Whether the words of our lexicon are there too; where both have one, the folder's own entry counts."""

    surface: SurfaceShares = SHARES
    """How often a line is varied in each way."""

    def __post_init__(self) -> None:
        """Refuse values outside the ranges named above.

        Raises:
            ValueError: one is.
        """
        if not 1 <= self.longest_reply <= MAX_CHILD_WORDS:
            raise ValueError(f"longest_reply is {self.longest_reply}; it must lie between 1 and {MAX_CHILD_WORDS}")
        if not all(0 <= share <= 1 for share in self.kept_by_words):
            raise ValueError(f"kept_by_words is {list(self.kept_by_words)}; each share must lie between 0 and 1")


class Written(Entry):
    """An entry that has the forms written in the lexicon, and no others."""

    def values(self, form: str) -> tuple[str, ...]:
        """All values of `form`; empty when the entry does not give it."""
        return self.forms.get(form, ()) if form else (self.base,)


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


def read_settings(folder: Path = HERE) -> CorpusSettings:
    """The `corpus.toml` of a corpus; without one, the defaults.

    Raises:
        ToddlerRobotError: it cannot be read, or holds an unknown key or a value out of range.
    """
    path = folder / "corpus.toml"
    if not path.is_file():
        return CorpusSettings()
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CorpusError(f"{path} cannot be read ({error}); correct it") from error
    kept = table.pop("kept_by_words", CorpusSettings.kept_by_words)
    settings = section(CorpusSettings, "corpus", table, f"{path}: ")
    try:
        settings = replace(settings, kept_by_words=tuple(kept))
    except (TypeError, ValueError) as error:
        raise CorpusError(f"{path}: {error}; write numbers such as [0.0, 1.0, 0.5]") from error
    return settings if settings.english else replace(settings, surface=settings.surface.without_english())


def load_expanders(folder: Path = HERE) -> list[Expander]:
    """All frames under `folder`, bound to its lexicon.

    Raises:
        ToddlerRobotError: a file of the corpus is missing or wrong, with file, line and remedy.
    """
    settings = read_settings(folder)
    scenes = sorted((folder / "scenes").glob("*.txt"))
    if not scenes:
        raise CorpusError(f"no scenes in {folder / 'scenes'}: write frames into a file there whose name ends in .txt")
    folders = [folder, HERE] if settings.bundled_lexicon else [folder]
    lexicon = load_lexicon(path for one in folders for path in sorted((one / "lexicon").glob("*.toml")))
    if not settings.english:
        lexicon = {category: tuple(Written(**vars(entry)) for entry in lexicon[category]) for category in lexicon}
    return [Expander(frame, lexicon, english=settings.english) for frame in load_scenes(scenes)]


def held_out_folder(folder: Path = HERE) -> Path:
    """Where the lines lie that models of a corpus are judged by: in its own `heldout/`, if there are any, else ours."""
    own = folder / "heldout"
    return own if (own / QUESTIONS.name).is_file() else FOLDER


def corpus_fingerprint(folder: Path = HERE) -> str:
    """Checksum over everything that shapes the text: scenes, lexicon, the code that speaks them, what is kept out.

    Args:
        folder: The corpus; with one of one's own, all of ours counts too, since it may use our words.
    """
    digest = hashlib.sha256()
    files = [path for kind in ("toml", "txt", "py") for path in HERE.rglob(f"*.{kind}")]
    for path in sorted([*files, *FOLDER.glob("*.*")]):
        digest.update(path.relative_to(HERE.parent).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    if folder != HERE:
        parts = ("corpus.toml", "lexicon/*.toml", "scenes/*.txt", "heldout/*.*")
        for path in sorted(path for part in parts for path in folder.glob(part)):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def build(pairs: int, seed: int, held_out: Container[str] = (), folder: Path = HERE) -> Iterator[Dialogue]:
    """Yield dialogues until `pairs` distinct (caregiver, child) pairs are out, or the frames are exhausted.

    A frame's share grows with the square root of the number of dialogues it can make, between a floor and a cap, so
    that a frame with large word lists does not swamp the others. The stream is the same for the same seed and files.
    Of pairs already given it keeps 64 bits each: about 75 bytes of memory a pair.

    Args:
        pairs: Distinct pairs wanted, 1 or more.
        seed: Seed of every random choice.
        held_out: Caregiver lines that must not appear; `load_held_out` has those that models are judged by.
        folder: The corpus.

    Raises:
        ToddlerRobotError: a file of the corpus is missing or wrong, with file, line and remedy.
    """
    rng = random.Random(seed)
    settings = read_settings(folder)
    expanders = load_expanders(folder)
    weights = [math.sqrt(min(max(expander.size, _SIZE_FLOOR), _SIZE_CAP)) for expander in expanders]
    failures = [0] * len(expanders)
    seen: set[int] = set()
    while len(seen) < pairs and any(weights):
        for index in rng.choices(range(len(expanders)), weights, k=_BATCH):
            if weights[index] == 0.0:
                continue
            turns = _speak(expanders[index], rng, settings.surface)
            if rng.random() >= _kept(turns, settings.kept_by_words):
                continue
            marks = [pair_mark(turn) for turn in turns]
            if not _allowed(turns, held_out, settings.longest_reply) or seen.issuperset(marks):
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


def _speak(expander: Expander, rng: random.Random, shares: SurfaceShares) -> tuple[tuple[str, str], ...]:
    drawn = expander.draw(rng)
    return tuple((adult(said, rng, shares), child(reply, rng, shares)) for said, reply in drawn)


def _kept(turns: tuple[tuple[str, str], ...], kept_by_words: tuple[float, ...]) -> float:
    shares = [kept_by_words[n] if (n := len(reply.split())) < len(kept_by_words) else 1.0 for _, reply in turns]
    return sum(shares) / len(shares)


def _allowed(turns: tuple[tuple[str, str], ...], held_out: Container[str], longest: int) -> bool:
    return all(len(reply.split()) <= longest and said not in held_out for said, reply in turns)

"""Which words stand in the lines and in the replies of each frame of the corpus, as the arrays of the scorer's file.

| array | what |
|---|---|
| version, of | layout of the file; number of frames |
| words | the vocabulary, UTF-8, one word a line; the words have the numbers 1, 2, ..., 0 is the edge of a line |
| pair_keys | pairs of neighbours in lines, rising: number of the first * (number of words + 1) + number of the second |
| line_..., pair_... | for each number, for each pair key: in how many frames it occurs (`counts`), in which (`frames`), and in what share of their lines (`shares`, in 1 / SHARE_STEPS) |
| reply_... | the same for replies, as shares of their words, the end counted as one |

What is said in one exchange of a frame is one frame here: "what is in it?" is answered otherwise than what led to it.
"""  # noqa: E501

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from robot_runtime.check.coherence import EDGE, SHARE_STEPS, VERSION, line_words, reply_words
from robot_runtime.errors import SettingsError
from toddler_training.corpus.build import Dialogue

LEAST = 2
"""Lines of a frame that a word or a pair must stand in to count, or all where there are fewer; our choice: a word that
surface variation brings in once says nothing of the frame."""

Arrays = dict[str, npt.NDArray[Any]]


class Exchange(NamedTuple):
    """One caregiver line of the corpus and its reply."""

    scene: str
    """Scene that it comes from."""
    frame: str
    """Scene, frame, and number of the exchange in it."""
    line: str
    """What the caregiver says."""
    reply: str
    """What the child answers."""


class FrameCounts:
    """What was counted in one frame."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.lines = 0
        self.words: Counter[str] = Counter()
        self.pairs: Counter[tuple[str, str]] = Counter()
        self.reply: Counter[str] = Counter()

    def add(self, line: str, reply: str) -> None:
        """Count one exchange; "" stands for the edge."""
        words = line_words(line)
        self.lines += 1
        self.words.update(set(words))
        self.pairs.update(set(pairwise(("", *words, ""))))
        self.reply.update((*reply_words(reply), ""))


def exchanges(dialogues: Iterable[Dialogue]) -> list[Exchange]:
    """Give every exchange of the dialogues, in their order."""
    return [
        Exchange(dialogue.scene, f"{dialogue.scene}/{dialogue.frame}/{number}", line, reply)
        for dialogue in dialogues
        for number, (line, reply) in enumerate(dialogue.turns)
    ]


def count(said: Iterable[Exchange]) -> dict[str, FrameCounts]:
    """Count the exchanges frame by frame."""
    counted: dict[str, FrameCounts] = defaultdict(FrameCounts)
    for exchange in said:
        counted[exchange.frame].add(exchange.line, exchange.reply)
    return counted


def arrays_of(counted: Mapping[str, FrameCounts]) -> Arrays:
    """Give the arrays of the scorer's file.

    Raises:
        SettingsError: there is no frame, or there are more than the file can number.
    """
    if not 0 < len(counted) <= np.iinfo(np.uint16).max:
        raise SettingsError(f"the corpus has {len(counted)} frames; the scorer takes 1 to {np.iinfo(np.uint16).max}")
    line: dict[str, list[tuple[int, float]]] = defaultdict(list)
    pair: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    reply: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for frame, counts in enumerate(counted.values()):
        least = min(LEAST, counts.lines)
        for word, times in counts.words.items():
            if times >= least:
                line[word].append((frame, times / counts.lines))
        for both, times in counts.pairs.items():
            if times >= least:
                pair[both].append((frame, times / counts.lines))
        total = counts.reply.total()
        for word, times in counts.reply.items():
            reply[word].append((frame, times / total))
    words = sorted({*line, *reply} - {""})
    numbers = {"": EDGE} | {word: number for number, word in enumerate(words, start=1)}
    keys = {numbers[first] * len(numbers) + numbers[second]: (first, second) for first, second in pair}
    return {
        "version": np.array(VERSION),
        "of": np.array(len(counted)),
        "words": np.frombuffer("\n".join(words).encode(), np.uint8),
        "pair_keys": np.array(sorted(keys), dtype=np.int32),
        **_table("line", [line.get(word, []) for word in numbers]),
        **_table("pair", [pair[keys[key]] for key in sorted(keys)]),
        **_table("reply", [reply.get(word, []) for word in numbers]),
    }


def _table(name: str, rows: list[list[tuple[int, float]]]) -> Arrays:
    entries = [entry for row in rows for entry in row]
    steps = np.rint(np.array([share for _, share in entries]) * SHARE_STEPS)
    return {
        f"{name}_counts": np.array([len(row) for row in rows], dtype=np.uint16),
        f"{name}_frames": np.array([frame for frame, _ in entries], dtype=np.uint16),
        f"{name}_shares": np.maximum(steps, 1).astype(np.uint8),
    }

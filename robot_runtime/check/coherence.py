"""How well a reply fits the line that it answers, by what is answered to such lines in the written corpus.

The corpus is grown from frames: some ways to say one thing, and some ways to answer it. The shipped file holds which
words stand in the lines and in the replies of each frame, as shares, and no sentence. A line that is heard makes some
frames likely (naive Bayes over its words and its neighbouring words), and these make some words of a reply likely:

    fit = log sum_f P(frame f | line) P(reply | f)  -  COMMON * log P(reply)

With COMMON = 0 the likeliest words would win whatever was asked, with 1 the rarest (Li et al. 2016, "A Diversity-
Promoting Objective Function", weigh the two terms likewise). The score is a logistic function of the fit. The order of
a reply's words and what was said before the line do not matter here. `toddler_training.scorer` counts and measures.

The constants are our choice: 105 questions of our own, 643 candidates of the bundled model read one by one.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robot_runtime.check.words import NO, YES, words_of
from robot_runtime.errors import SettingsError
from toddler_models import DATA

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

FILE = DATA / "toddler-coherence.npz"
"""The shipped counts."""

VERSION = 1
"""Of the file's layout; a file of another version is refused."""

SHARE_STEPS = 255
"""Shares are kept as whole numbers from 1 to this."""

LINE_WORDS = 16
"""Of a longer line the last ones are looked at: what is asked comes at the end."""

EDGE = 0
"""Number of what stands before the first and after the last word; words are numbered from 1."""

UNEXPLAINED = 0.2
"""Share of the words of a line, or pairs of neighbours, that have nothing to do with its frame."""
WORD_TRUST, PAIR_TRUST = 0.4, 0.2
"""What the evidence of a word and of a pair counts: less than 1, because they depend on one another."""
FRAMES = 60
"""How many of the likeliest frames are looked at."""
UNUSUAL = 0.1
"""Share of the words of a reply that have nothing to do with the frame."""
COMMON = 0.7
"""How much of the reply's likelihood is taken off that it has whatever was said, 0-1."""
MIDDLE, WIDTH = -2.0, 2.0
"""Fit, in nats, at which the score is 0.5, and how far from there it is 0.73."""

_SELF = frozenset({"i", "pip"})
_FILLERS = frozenset({"um", "uh"})


def line_words(text: str) -> tuple[str, ...]:
    """Give the words of a line that count."""
    return words_of(text)[-LINE_WORDS:]


def reply_words(text: str) -> tuple[str, ...]:
    """Give the words of a reply, with all ways to say yes, no and "me" folded and doubled words said once."""
    folded = (
        "yes" if word in YES else "no" if word in NO else "me" if word in _SELF else word
        for word in words_of(text)
        if word not in _FILLERS
    )
    kept: list[str] = []
    for word in folded:
        if kept[-1:] != [word]:
            kept.append(word)
    return tuple(kept)


class Shares:
    """In which frames something occurs, and in what share of their lines or at what share of their words."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]], name: str) -> None:
        """Take a table of the file: its things in order, and the entries of each one after another."""
        import numpy as np

        counts = arrays[f"{name}_counts"]
        self.ends = np.cumsum(counts, dtype=np.int64)
        self.starts = self.ends - counts
        self.frames = arrays[f"{name}_frames"].astype(np.int64)
        self.shares = arrays[f"{name}_shares"].astype(np.float32) / np.float32(SHARE_STEPS)
        things = np.repeat(np.arange(len(counts)), counts)
        total = np.bincount(things, self.shares, len(counts))
        self.mean: Floats = (total / int(arrays["of"])).astype(np.float32)
        """Mean share over all frames, [things]."""

    def evidence(self, trust: float) -> Floats:
        """Give, for each entry, what the thing says for the frame, in nats."""
        import numpy as np

        usual = np.repeat(self.mean, self.ends - self.starts)
        explained: Floats = self.shares / usual * np.float32((1 - UNEXPLAINED) / UNEXPLAINED)
        return np.float32(trust) * np.log1p(explained)


class Coherence:
    """The counts, ready to score; holds no state between calls."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Take the arrays of a file: `toddler_training.scorer.counts` says what they are.

        Raises:
            KeyError: one is missing.
            ValueError: they do not fit one another.
        """
        words = arrays["words"].tobytes().decode().split("\n")
        self._numbers = {word: number for number, word in enumerate(words, start=1)}
        self._of = int(arrays["of"])
        self._line, self._pair, self._reply = (Shares(arrays, name) for name in ("line", "pair", "reply"))
        self._pairs = {key: row for row, key in enumerate(arrays["pair_keys"].tolist())}
        self._evidence = self._line.evidence(WORD_TRUST), self._pair.evidence(PAIR_TRUST)
        self._rarest = float(self._reply.mean[self._reply.mean > 0].min())
        if not len(self._line.mean) == len(self._reply.mean) == len(words) + 1:
            raise ValueError("there must be one row for each word")
        if len(self._pairs) != len(self._pair.mean):
            raise ValueError("there must be one row for each pair")

    def scores(self, caregiver: str, replies: Sequence[str]) -> list[float]:
        """Give how well each reply fits the line, in [0, 1]; 0.0 for one without words."""
        import numpy as np

        frames, likely = self._frames(line_words(caregiver))
        place = np.full(self._of, -1)
        place[frames] = np.arange(len(frames))
        known: dict[int, tuple[Floats, float]] = {}
        found = []
        for reply in replies:
            numbers = [self._numbers.get(word, -1) for word in reply_words(reply)]
            for number in {*numbers, EDGE} - known.keys():
                known[number] = self._word(number, place, len(frames))
            logs = [known[number] for number in (*numbers, EDGE)]
            here = likely + np.sum([inside for inside, _ in logs], axis=0)
            top = float(here.max())
            fit = top + float(np.log(np.exp(here - top).sum())) - COMMON * sum(usual for _, usual in logs)
            found.append(float(1 / (1 + np.exp((MIDDLE - fit) / WIDTH))) if numbers else 0.0)
        return found

    def _frames(self, words: Sequence[str]) -> tuple[npt.NDArray[np.int64], Floats]:
        """Give the likeliest frames and the logarithms of their probabilities."""
        import numpy as np

        numbers = [self._numbers.get(word, -1) for word in words]
        framed = [EDGE, *numbers, EDGE]
        keys = (first * len(self._line.mean) + second for first, second in pairwise(framed) if min(first, second) >= 0)
        pairs = {self._pairs[key] for key in keys if key in self._pairs}
        for_frame = np.zeros(self._of, dtype=np.float32)
        for table, evidence, rows in (
            (self._line, self._evidence[0], {*numbers} - {-1}),
            (self._pair, self._evidence[1], pairs),
        ):
            for row in sorted(rows):
                part = slice(table.starts[row], table.ends[row])
                for_frame[table.frames[part]] += evidence[part]
        nearest = np.argsort(for_frame, kind="stable")[-FRAMES:]
        top = for_frame[nearest]
        return nearest, top - top[-1] - np.log(np.exp(for_frame - top[-1]).sum())

    def _word(self, number: int, place: npt.NDArray[np.int64], count: int) -> tuple[Floats, float]:
        """Give the logarithm of a reply's word's share in each of the frames, and in all of them."""
        import numpy as np

        table = self._reply
        usual = max(float(table.mean[number]), self._rarest) if number >= 0 else self._rarest
        inside = np.full(count, UNUSUAL * usual, dtype=np.float32)
        if number >= 0:
            part = slice(table.starts[number], table.ends[number])
            at = place[table.frames[part]]
            inside[at[at >= 0]] += (1 - UNUSUAL) * table.shares[part][at >= 0]
        return np.log(inside), float(np.log(usual))


@cache
def load_coherence(path: Path = FILE) -> Coherence:
    """Read the counts.

    Raises:
        SettingsError: the file is missing, damaged or of another version.
    """
    import numpy as np

    try:
        with path.open("rb") as stream, np.load(stream) as arrays:
            if int(arrays["version"]) != VERSION:
                raise ValueError(f"it has version {int(arrays['version'])}, not {VERSION}")
            return Coherence(arrays)
    except (OSError, ValueError, KeyError, IndexError, zipfile.BadZipFile) as error:
        raise SettingsError(
            f"coherence counts {path} cannot be read ({error}); restore the shipped file, run "
            "`python -m toddler_training scorer --install`, or set coherence = 0 in [check.weights] of a profile"
        ) from error

"""What caregivers and children say in transcripts that a user has: CHAT files, or a CSV of scored pairs.

Both are read by `toddler_training.data`, only to measure the corpus against them (`coverage.py`, `originality.py`);
nothing of their text is kept. CHILDES is described by MacWhinney (2000), *The CHILDES Project*; its data come from
https://talkbank.org.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from toddler_training.data.chat import Transcript, read_transcript
from toddler_training.data.clean import clean
from toddler_training.data.pairs import Counts, Pair, Utterance, read_pairs
from toddler_training.data.scored import ScoredPair, read_scored
from toddler_training.data.settings import CAREGIVERS, DataSettings
from toddler_training.data.source import transcript_files

TWO_YEAR_OLDS = DataSettings(keep_gaps=False)
"""Lines said to children of 24 to 35 months and understood whole."""
ALL_AGES = DataSettings(youngest_months=0, oldest_months=1200)
"""Pairs with children of any known age."""
_GROWN_UP = frozenset(CAREGIVERS.split(", "))


def caregiver_lines(path: Path, settings: DataSettings = TWO_YEAR_OLDS) -> Iterator[str]:
    """Yield each line of a caregiver; of a CSV, each caregiver's turn.

    Args:
        path: A folder or zip with `.cha` files anywhere inside, one `.cha` file, or a CSV that `data.scored` reads.
        settings: Which ages count, and whether lines that were understood in part do.

    Raises:
        SettingsError: there is nothing at `path`, or nothing of that kind in it.
    """
    if path.suffix == ".csv":
        for scored in _scored(path, settings):
            text, gap, _, _ = clean(scored.caregiver)
            if text and (settings.keep_gaps or not gap):
                yield text
        return
    for transcript in _transcripts(path):
        for said in _read(transcript, settings)[0]:
            if said.role in _GROWN_UP and settings.in_window(said.age_months):
                yield said.text


def exchanges(path: Path, settings: DataSettings = ALL_AGES) -> Iterator[tuple[str, str]]:
    """Yield each (caregiver's turn, child's reply); arguments and errors as for `caregiver_lines`."""
    if path.suffix == ".csv":
        for scored in _scored(path, settings):
            yield clean(scored.caregiver).text, clean(scored.child_reply).text
        return
    for transcript in _transcripts(path):
        for pair in _read(transcript, settings)[1]:
            yield pair.caregiver, pair.child_reply


def _scored(path: Path, settings: DataSettings) -> list[ScoredPair]:
    return [pair for pair in read_scored(path)[0] if settings.in_window(pair.age_months)]


def _transcripts(path: Path) -> Iterator[Transcript]:
    return (read_transcript(name, text) for name, text in transcript_files(path))


def _read(transcript: Transcript, settings: DataSettings) -> tuple[list[Utterance], list[Pair]]:
    return read_pairs(transcript, settings, Counts(Counter(), Counter()))

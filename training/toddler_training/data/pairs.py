"""What a transcript gives: its utterances, and pairs of a caregiver's turn and the child's reply.

A *turn* is all consecutive lines of one speaker within an episode, joined by spaces. A line without words (`0 .`, an
event) belongs to its speaker's turn: a child that only nods has had its turn. A *pair* is a caregiver's turn and the
turn right after it, if that is a target child's.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from toddler_training.data.chat import CHILD_ROLE, Speaker, Transcript
from toddler_training.data.clean import clean
from toddler_training.data.settings import DataSettings


class Utterance(NamedTuple):
    """A line that has words; a row of `utterances.parquet`, which adds the split."""

    corpus: str
    """Name of the corpus."""
    transcript: str
    """Path inside the source."""
    child: str
    """Corpus and name of the child: of the speaker, or of whom the transcript is about."""
    speaker: str
    """Code, for instance MOT."""
    role: str
    """As in CHAT, for instance Mother."""
    age_months: float | None
    """Age of the child."""
    number: int
    """Place in the transcript, from 0."""
    text: str
    """Cleaned words."""


class Pair(NamedTuple):
    """A row of `pairs.parquet`, which adds the split."""

    corpus: str
    """Name of the corpus."""
    transcript: str
    """Path inside the source."""
    child: str
    """Corpus and name of the child that replies."""
    age_months: float
    """Its age."""
    role: str
    """Of the caregiver."""
    caregiver: str
    """The caregiver's turn."""
    child_reply: str
    """The child's turn."""


@dataclass(frozen=True)
class Counts:
    """What was found, kept and dropped, and why."""

    lines: Counter[str]
    """Main lines."""
    pairs: Counter[str]
    """Turns of a child right after somebody else's."""


class _Said(NamedTuple):
    number: int
    text: str
    gap: bool


def read_pairs(transcript: Transcript, settings: DataSettings, counts: Counts) -> tuple[list[Utterance], list[Pair]]:
    """Clean a transcript and pair its turns; `counts` is added to."""
    said: list[tuple[str, int, _Said]] = []
    utterances = []
    for number, line in enumerate(transcript.lines):
        text, gap, foreign, interposed = clean(line.raw)
        speaker = transcript.speakers.get(line.speaker)
        cause = _why_not(text, gap, foreign, speaker, settings)
        counts.lines.update(["read", cause or "kept"])
        counts.lines["interposed remarks taken out"] += interposed
        if cause is None and speaker is not None:
            counts.lines["kept without a part not understood"] += gap
            where = (transcript.corpus, transcript.path, speaker.child, line.speaker, speaker.role)
            utterances.append(Utterance(*where, speaker.age_months, number, text))
        said.append((line.speaker, line.episode, _Said(number, "" if cause else text, gap)))
    return utterances, list(_pairs(transcript, said, settings, counts.pairs))


def _why_not(text: str, gap: bool, foreign: bool, speaker: Speaker | None, settings: DataSettings) -> str | None:
    """Why a line gives no utterance, None when it does."""
    if speaker is None:
        return "dropped: speaker not declared"
    if foreign:
        return "dropped: another language"
    if gap and not (text and settings.keep_gaps):
        return "dropped: not understood"
    return None if text else "dropped: no words"


def _pairs(
    transcript: Transcript, said: Sequence[tuple[str, int, _Said]], settings: DataSettings, counts: Counter[str]
) -> Iterator[Pair]:
    grown_up = {role.strip() for role in settings.caregivers.split(",")}
    nobody = Speaker("", "", None)
    turns = [(who, [item[2] for item in group]) for who, group in itertools.groupby(said, key=lambda item: item[:2])]
    for ((before, episode), prompt), ((after, same), reply) in itertools.pairwise(turns):
        adult, child = transcript.speakers.get(before, nobody), transcript.speakers.get(after, nobody)
        if child.role != CHILD_ROLE or before == after:
            continue
        caregiver, child_reply = (" ".join(line.text for line in turn if line.text) for turn in (prompt, reply))
        gap = any(line.gap for line in (*prompt, *reply))
        if child.age_months is None:
            cause = "dropped: age of the child unknown"
        elif not settings.in_window(child.age_months):
            cause = "dropped: age outside the window"
        elif adult.role not in grown_up:
            cause = "dropped: not after a caregiver"
        elif episode != same:
            cause = "dropped: a new episode between them"
        elif not caregiver or not child_reply:
            cause = f"dropped: {'reply' if caregiver else 'caregiver line'} without words that are understood"
        elif gap and not settings.keep_gaps:
            cause = "dropped: a part not understood"
        else:
            cause = "kept"
            counts["kept without a part not understood"] += gap
            where = (transcript.corpus, transcript.path, child.child, child.age_months)
            yield Pair(*where, adult.role, caregiver, child_reply)
        counts.update(["read", cause])

"""The step `data`: transcripts to utterances, pairs and scored pairs, split by child."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from robot_runtime.errors import SettingsError, TrainingStopped
from toddler_training.config import TrainingConfig
from toddler_training.data.chat import read_transcript
from toddler_training.data.pairs import Counts, Pair, Utterance, read_pairs
from toddler_training.data.plot import draw
from toddler_training.data.samples import write_samples
from toddler_training.data.scored import ScoredPair, read_scored
from toddler_training.data.settings import DataSettings
from toddler_training.data.source import transcript_files
from toddler_training.data.split import split_by
from toddler_training.data.tables import Columns, write_parquet
from toddler_training.data.talkbank import fetch_corpora, find_account
from toddler_training.work import Work

CITATION = "MacWhinney, B. (2000). The CHILDES Project: Tools for analyzing talk. Third edition. Erlbaum."
"""To be cited, with the corpora used, wherever results on CHILDES are shown; what else their licence asks for stands at
https://talkbank.org."""


def run(work: Work, config: TrainingConfig) -> dict[str, Any]:
    """Read, clean, pair and split.

    Raises:
        SettingsError: no source is given, or nothing usable is in it.
        DownloadError: TalkBank cannot be reached or refuses.
        TrainingStopped: the user said so; what was downloaded stays.
    """
    settings = config.data
    sources, scored_file = _sources(work, settings)
    counts = Counts(Counter(), Counter())
    utterances = Columns(Utterance)
    pairs: list[Pair] = []
    transcripts = 0
    for path, text in work.progress(_files(sources), "transcripts"):
        if work.stop():
            raise TrainingStopped("data: stopped; run the same command to begin it again")
        said, paired = read_pairs(read_transcript(path, text), settings, counts)
        utterances.add(said)
        pairs += paired
        transcripts += 1
    table = utterances.table()
    by, splits = _split(table, pairs, settings)
    write_parquet(work.out / "utterances.parquet", table, split=[splits[unit] for unit in table[by].to_pylist()])
    held = Columns(Pair)
    held.add(pairs)
    pair_splits = [splits[getattr(pair, by)] for pair in pairs]
    write_parquet(work.out / "pairs.parquet", held.table(), split=pair_splits)
    report: dict[str, Any] = {
        "transcripts": transcripts,
        "utterances": table.num_rows,
        "pairs": len(pairs),
        "pairs_with_question": sum(pair.caregiver.endswith("?") for pair in pairs),
        "split_by": by,
        "splits": dict(sorted(Counter(pair_splits).items())),
        "pairs_of_children": dict(Counter(pair.child for pair in pairs).most_common()),
        "split_of_children": splits if by == "child" else {},
        "pairs_of_corpora": dict(Counter(pair.corpus for pair in pairs).most_common()),
        "caregivers": dict(Counter(pair.role for pair in pairs).most_common()),
        "lines": dict(counts.lines.most_common()),
        "turns_of_children": dict(counts.pairs.most_common()),
        "cite": CITATION if settings.source or settings.corpora else "made-up samples",
    }
    if scored_file is not None:
        scored, scored_counts = read_scored(scored_file)
        rows = Columns(ScoredPair)
        rows.add(scored)
        write_parquet(work.out / "scored_pairs.parquet", rows.table())
        report["scored_pairs"] = dict(scored_counts.most_common())
    draw(table, pairs, work.out / "plot.png")
    return report


def _sources(work: Work, settings: DataSettings) -> tuple[list[Path], Path | None]:
    """Where the transcripts lie, and the scored pairs if there are any."""
    if settings.corpora:
        corpora = [name.strip() for name in settings.corpora.split(",") if name.strip()]
        folder = work.root / "talkbank"
        work.tell(f"corpora of TalkBank: {', '.join(corpora)}; they stay in {folder}")
        zips = fetch_corpora(
            corpora,
            folder,
            settings.login_url,
            settings.data_url,
            lambda: find_account(os.environ, ask=sys.stdin.isatty()),
        )
        return zips, settings.scored_pairs
    if settings.source is not None:
        return [settings.source], settings.scored_pairs
    if settings.samples:
        folder = work.out / "samples"
        scored = write_samples(folder, settings.samples)
        return [folder], settings.scored_pairs or scored
    raise SettingsError(
        "no transcripts: --set data.source=FOLDER or ZIP, --set data.corpora=Eng-NA/Brown,Eng-NA/MacWhinney (your "
        "TalkBank login), or --set data.samples=100 for made-up ones"
    )


def _files(sources: list[Path]) -> Iterator[tuple[str, str]]:
    for source in sources:
        yield from transcript_files(source)


def _split(table: Any, pairs: list[Pair], settings: DataSettings) -> tuple[str, dict[str, str]]:
    """What the split goes by - children, or transcripts where fewer than three have pairs - and the split of each."""
    by = "child" if len({pair.child for pair in pairs}) >= 3 else "transcript"
    weights = Counter(dict.fromkeys(sorted(table[by].unique().to_pylist()), 0))
    weights.update(getattr(pair, by) for pair in pairs)
    return by, split_by(weights, settings.validation_share, settings.test_share)

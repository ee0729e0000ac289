"""From the files of the data step to the examples of each reward model."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from robot_runtime.errors import SettingsError
from toddler_training.data.scored import ScoredPair
from toddler_training.data.tables import read_rows
from toddler_training.rewards.childish import childish_examples
from toddler_training.rewards.contrast import TRUE, clarity_contrast, coherence_contrast
from toddler_training.rewards.example import TEST, TRAIN, Example, with_validation
from toddler_training.rewards.scored import clarity_examples, coherence_examples, read_scored
from toddler_training.rewards.settings import RewardsSettings

Pairs = list[Example]


def read_pairs(file: Path) -> Pairs:
    """The data step's pairs.parquet, as true exchanges."""
    rows = read_rows(file, "caregiver", "child_reply", "child", "split")
    return [Example(line, reply, TRUE, child, split, "true") for line, reply, child, split in rows]


def gather(data: Path, pairs: Pairs, settings: RewardsSettings) -> dict[str, list[Example]]:
    """The examples of RM-1, RM-2 and RM-4 by name, all splits.

    Args:
        data: folder of the data step.
        pairs: of `read_pairs`.
        settings: which labels.

    Raises:
        SettingsError: there is nothing to learn from, or no scores where they are asked for.
    """
    splits = _splits(data / "utterances.parquet")
    scored = _scored(data, settings)
    coherence: list[Example] = []
    clarity: list[Example] = []
    if settings.labels != "scored":
        coherence += coherence_contrast(pairs, settings.seed)
        clarity += clarity_contrast(pairs, settings.seed)
    judged = coherence_examples(scored, splits, settings.scored_labels)
    coherence += _held_out(judged, pairs) if settings.coherence_form == "match" else judged
    clarity += clarity_examples(scored, splits, settings.scored_labels)
    childish = childish_examples(data / "utterances.parquet", settings.childish_labels)
    found = {"childish": childish, "coherence": coherence, "clarity": clarity}
    for name, examples in found.items():
        if not any(example.split == TRAIN for example in examples):
            raise SettingsError(f"{data} holds nothing that the reward '{name}' could learn from")
    return {name: without_marks(with_validation(examples), settings.seed) for name, examples in found.items()}


def without_marks(examples: Sequence[Example], seed: int) -> list[Example]:
    """The examples, the child's final mark taken away from half of those that are learnt from (our choice).

    Every utterance of a transcript ends with a mark, while models leave it out at times; whether it stands there says
    nothing about the child.
    """
    lot = random.Random(seed)
    return [
        item._replace(reply=item.reply.rstrip(" .?!"))
        if item.split == TRAIN and lot.random() < 0.5 and item.reply.rstrip(" .?!")
        else item
        for item in examples
    ]


def _splits(utterances: Path) -> dict[str, str]:
    """The split of each child; none of a child that is on several sides, as where the data is split by transcript."""
    import pyarrow.parquet as parquet

    table = parquet.read_table(utterances, columns=["child", "split"]).group_by(["child", "split"]).aggregate([])
    sides = list(zip(table["child"].to_pylist(), table["split"].to_pylist(), strict=True))
    counts = Counter(child for child, _ in sides)
    return {child: split for child, split in sides if counts[child] == 1}


def _held_out(judged: Pairs, pairs: Pairs) -> Pairs:
    """Scored exchanges where none is learnt from: of every child whose exchanges are not learnt from, for the test."""
    known = {pair.child for pair in pairs if pair.split == TRAIN}
    return [item if item.child in known else item._replace(split=TEST) for item in judged]


def _scored(data: Path, settings: RewardsSettings) -> list[ScoredPair]:
    """The scored exchanges that the settings ask for; none where they ask for no scores."""
    if settings.labels == "contrast":
        return []
    file = Path(settings.scored_pairs).expanduser() if settings.scored_pairs else data / "scored_pairs.parquet"
    if not settings.scored_pairs and not file.is_file():
        if settings.labels != "auto":
            raise SettingsError(
                f"rewards.labels = {settings.labels} needs scores: set rewards.scored_pairs to a file of them (toddler-"
                "robot train label makes one), or rewards.labels to contrast, which needs none"
            )
        return []
    return read_scored(file)

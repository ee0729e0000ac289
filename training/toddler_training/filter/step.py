"""The step `filter`: the clearest caregiver lines, by RM-4, become the prompts of the reinforcement."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from robot_runtime.errors import SettingsError
from toddler_training.base.base import base_folder, load_tokenizer
from toddler_training.base.prompting import Prompter
from toddler_training.base.threads import limit_threads
from toddler_training.config import TrainingConfig
from toddler_training.data.tables import read_rows
from toddler_training.rewards.reward import Reward, load_learned
from toddler_training.work import Work

TRAIN, VALIDATION, TEST = "train", "validation", "test"


class Line(NamedTuple):
    """A caregiver line as it was said to a child."""

    text: str
    """What was said."""
    split: str
    """The child's split."""


class Prompt(NamedTuple):
    """A row of prompts.parquet."""

    prompt: str
    """The caregiver's line."""
    clarity: float
    """RM-4, in [0, 1]."""
    split: str
    """`train` or `validation`."""
    tokens: int
    """Of the whole rendered prompt."""


def run(work: Work, config: TrainingConfig) -> dict[str, Any]:
    """Score, rank and cut.

    Raises:
        SettingsError: an earlier step is missing, or no prompt is left to train with.
        ModelError: the base's tokenizer cannot be had.
    """
    limit_threads()
    lines, dropped = distinct_lines(_lines(work.made("data", "pairs.parquet")))
    tokenizer = load_tokenizer(base_folder(config.base))
    prompter = Prompter(tokenizer, config.base.prompt_format, config.base.system)
    lengths = [len(prompter.prompt_ids(line.text)) for line in work.progress(lines, "prompts")]
    clarity = load_learned("clarity", work.made("rewards", "clarity"))
    prompts, more = clearest(lines, lengths, clarity, config.filter.share, config.filter.max_tokens)
    if not any(prompt.split == TRAIN for prompt in prompts):
        raise SettingsError(
            f"no prompt is left to train with ({dict(dropped + more)}): raise filter.share or filter.max_tokens"
        )
    _write(work.out / "prompts.parquet", prompts)
    _plot(work.out / "plot.png", prompts)
    return {
        "lines": len(lines) + dropped.total(),
        "prompts": dict(Counter(prompt.split for prompt in prompts)),
        "dropped": dict(dropped + more),
        "least_clarity": round(min(prompt.clarity for prompt in prompts), 4),
        "longest_tokens": max(prompt.tokens for prompt in prompts),
        "questions": sum(prompt.prompt.endswith("?") for prompt in prompts),
    }


def distinct_lines(lines: Iterable[Line]) -> tuple[list[Line], Counter[str]]:
    """Each text once, whatever its case and spaces; never one that was said to a test child too.

    A line that was said to children of both other splits is kept for validation, so that nothing held out is trained.

    Returns:
        The lines, and how many were dropped by cause.
    """
    said: dict[str, list[Line]] = {}
    for line in lines:
        said.setdefault(" ".join(line.text.casefold().split()), []).append(line)
    kept, dropped = [], Counter[str]()
    for same in said.values():
        splits = {line.split for line in same}
        if TEST in splits:
            dropped["said to a test child"] += len(same)
            continue
        kept.append(Line(same[0].text, VALIDATION if VALIDATION in splits else TRAIN))
        dropped["said before"] += len(same) - 1
    return kept, +dropped


def clearest(
    lines: Sequence[Line], lengths: Sequence[int], clarity: Reward, share: float, max_tokens: int
) -> tuple[list[Prompt], Counter[str]]:
    """The clearest share of the lines that are short enough, the clearest first; of each split the same share.

    Args:
        lines: distinct ones.
        lengths: tokens of each rendered prompt.
        clarity: RM-4.
        share: above 0, to 1; of a split at least one line is kept.
        max_tokens: longest prompt.

    Returns:
        The prompts, and how many were dropped by cause.
    """
    dropped = Counter[str]()
    short = [(line, tokens) for line, tokens in zip(lines, lengths, strict=True) if tokens <= max_tokens]
    dropped[f"longer than {max_tokens} tokens"] = len(lines) - len(short)
    texts = [line.text for line, _ in short]
    scores = clarity.score(texts, [""] * len(texts))
    scored = [Prompt(line.text, score, line.split, tokens) for (line, tokens), score in zip(short, scores, strict=True)]
    prompts = []
    for split in (TRAIN, VALIDATION):
        ranked = sorted((prompt for prompt in scored if prompt.split == split), key=lambda each: -each.clarity)
        prompts += ranked[: math.ceil(share * len(ranked))]
    dropped["less clear"] = len(scored) - len(prompts)
    return prompts, +dropped


def _lines(file: Path) -> list[Line]:
    return [Line(*row) for row in read_rows(file, "caregiver", "split")]


def _write(file: Path, prompts: Sequence[Prompt]) -> None:
    import pyarrow
    import pyarrow.parquet as parquet

    columns = zip(*prompts, strict=True)
    parquet.write_table(pyarrow.table(dict(zip(Prompt._fields, map(list, columns), strict=True))), file)


def _plot(file: Path, prompts: Sequence[Prompt]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.hist([prompt.clarity for prompt in prompts], bins=30)
    left.set(title="the prompts", xlabel="clarity (RM-4)", ylabel="prompts")
    right.hist([prompt.tokens for prompt in prompts], bins=30)
    right.set(xlabel="tokens of the prompt", ylabel="prompts")
    figure.savefig(file, dpi=100)

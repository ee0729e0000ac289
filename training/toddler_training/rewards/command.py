"""`toddler-robot train label`: scores for RM-2 and RM-4 from a language model."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ABOUT = """Have a language model score exchanges: how clear the caregiver's line is, and how well the reply fits. Every
score is kept at once; interrupted, run the same command again. Then set rewards.scored_pairs to the file. The text of
the exchanges goes to the server: mind the terms of your transcripts."""


def add_label(parser: argparse.ArgumentParser) -> None:
    """The options of `label`."""
    parser.description = ABOUT
    parser.add_argument("--pairs", type=Path, required=True, help="pairs.parquet of the step data")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.jsonl", help="where the scores go")
    parser.add_argument("--server", required=True, metavar="URL", help="up to and without /chat/completions")
    parser.add_argument("--model", required=True, help="its name there")
    parser.add_argument("--key", default="OPENAI_API_KEY", metavar="VARIABLE", help="environment variable of the key")
    parser.add_argument("--count", type=int, default=3500, help="exchanges, drawn by lot (default 3500, published)")
    parser.add_argument("--samples", type=int, default=3, help="scores of an exchange (default 3, published)")
    parser.add_argument("--temperature", type=float, default=0.5, help="of the model (default 0.5, published)")
    parser.add_argument("--together", type=int, default=8, help="exchanges at a time (default 8)")
    parser.add_argument("--seed", type=int, default=3407)
    parser.set_defaults(run=_label)


def _label(options: argparse.Namespace) -> int:
    from robot_runtime.errors import SettingsError
    from toddler_training.chat_server import ChatServer
    from toddler_training.command import Signals
    from toddler_training.rewards.label import drawn_exchanges, label

    if min(options.count, options.samples, options.together) < 1:
        raise SettingsError("--count, --samples and --together should be 1 or more")
    exchanges = drawn_exchanges(options.pairs, options.count, options.seed)
    judge = ChatServer(
        options.server,
        options.model,
        os.environ.get(options.key) or None,
        options.temperature,
        stop=Signals().received,
    )
    count = label(judge, exchanges, options.out, samples=options.samples, together=options.together, bar=_bar)
    print(f"{options.out}: {count} exchanges are scored")
    return 0


def _bar(done: Iterator[Any], total: int) -> Iterator[Any]:
    from tqdm import tqdm

    yield from tqdm(done, desc="label", total=total, disable=None, leave=False)

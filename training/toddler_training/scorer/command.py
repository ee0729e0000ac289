"""The command `scorer`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add_scorer(parser: argparse.ArgumentParser) -> None:
    """The options of `scorer`."""
    parser.add_argument("--out", type=Path, required=True, help="folder for the file and its card")
    parser.add_argument("--pairs", type=int, default=400_000, help="distinct exchanges to generate")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--corpus", type=Path, metavar="FILE", help="count this corpus instead (JSONL)")
    parser.add_argument("--install", action="store_true", help="copy the result into the package")
    parser.set_defaults(run=_scorer)


def _scorer(options: argparse.Namespace) -> int:
    from toddler_training.scorer.build import build_scorer

    card = build_scorer(
        options.out,
        pairs=options.pairs,
        seed=options.seed,
        corpus=options.corpus,
        install_it=options.install,
        tell=lambda line: print(line, file=sys.stderr, flush=True),
    )
    print(f"{options.out / card['file']}: {card['bytes']} bytes, SHA-256 {card['sha256']}")
    return 0

"""The command `bundled`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from robot_runtime.errors import SettingsError
from toddler_training.bundled.settings import BundledSettings, TrainSettings


def add_bundled(parser: argparse.ArgumentParser) -> None:
    """The options of `bundled`."""
    parser.add_argument("--out", type=Path, required=True, help="folder for everything made on the way")
    parser.add_argument("--pairs", type=int, default=BundledSettings.pairs, help="distinct exchanges to generate")
    parser.add_argument(
        "--corpus", metavar="FOLDER", help="scenes and lexicon of your own in place of ours (docs/another-toddler.md)"
    )
    parser.add_argument("--text", metavar="FOLDER", help="learn from the text of an earlier build, its --out")
    parser.add_argument("--layers", type=int, default=BundledSettings.layers, help="transformer layers")
    parser.add_argument(
        "--start", metavar="MODEL", help="go on from the weights and tokenizer of a model with as many layers or fewer"
    )
    parser.add_argument("--minutes", type=float, help="minutes of training (default 45, or none with --steps)")
    parser.add_argument("--steps", type=int, help="training steps")
    parser.add_argument(
        "--decay",
        type=float,
        default=TrainSettings.decay_share,
        metavar="SHARE",
        help="share of the run, at its end, over which the learning rate falls to 0 (default %(default)g)",
    )
    parser.add_argument("--seed", type=int, default=BundledSettings.seed)
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out, with its text")
    parser.add_argument("--install", action="store_true", help="copy the result into the package")
    parser.add_argument("--no-compile", action="store_true", help="train without torch.compile (no C++ compiler)")
    parser.add_argument(
        "--snapshot", type=Path, metavar="DIR", help="only convert the newest checkpoint of --out, even one in progress"
    )
    parser.set_defaults(run=_bundled)


def _bundled(options: argparse.Namespace) -> int:
    if options.snapshot:
        return _snapshot(options)
    from toddler_training.bundled.build import build_bundled
    from toddler_training.bundled.pretrain import Budget
    from toddler_training.command import Signals

    minutes = 45.0 if options.minutes is None and options.steps is None else options.minutes
    summary = build_bundled(
        options.out,
        BundledSettings(
            options.pairs,
            layers=options.layers,
            start=options.start,
            corpus=options.corpus,
            text=options.text,
            seed=options.seed,
        ),
        Budget(minutes, options.steps),
        train=TrainSettings(seed=options.seed, decay_share=options.decay, compile=not options.no_compile),
        resume=options.resume,
        install_it=options.install,
        stop=Signals().received,
        tell=lambda line: print(line, file=sys.stderr, flush=True),
    )
    print(f"{options.out / summary['file']}: {summary['bytes']} bytes, SHA-256 {summary['sha256']}")
    return 0


def _snapshot(options: argparse.Namespace) -> int:
    from toddler_training.bundled.build import refuse_install, text_settings
    from toddler_training.bundled.export import Q8_0, save_folder, write_gguf
    from toddler_training.bundled.pretrain import CHECKPOINT
    from toddler_training.installing import install

    if options.resume:
        raise SettingsError("--snapshot trains nothing: leave --resume out")
    if options.install:
        refuse_install(text_settings(options.out), options.snapshot / Q8_0)
    save_folder(options.out / CHECKPOINT, options.out / "tokenizer", options.snapshot / "model")
    file = write_gguf(options.snapshot / "model", options.snapshot)
    print(install(file, Q8_0) if options.install else file)
    return 0

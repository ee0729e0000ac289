"""Make and try the bundled model: `python -m toddler_training --help`."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from robot_runtime.errors import ToddlerRobotError


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; 0 when done, 2 when something given is wrong, 3 when training was interrupted."""
    options = _parser().parse_args(argv)
    try:
        return int(options.run(options))
    except ToddlerRobotError as error:
        print(error, file=sys.stderr)
        return 3 if type(error).__name__ == "Stopped" else 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m toddler_training", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    bundled = commands.add_parser("bundled", help="make the bundled model from nothing")
    bundled.add_argument("--out", type=Path, required=True, help="folder for everything made on the way")
    bundled.add_argument("--pairs", type=int, default=600_000, help="distinct exchanges to generate")
    bundled.add_argument("--minutes", type=float, help="minutes of training (default 45, or none with --steps)")
    bundled.add_argument("--steps", type=int, help="training steps")
    bundled.add_argument("--seed", type=int, default=7)
    bundled.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    bundled.add_argument("--install", action="store_true", help="copy the result into the package")
    bundled.set_defaults(run=_bundled)

    export = commands.add_parser("export", help="convert the newest checkpoint of a run, even one in progress")
    export.add_argument("--run", dest="folder", type=Path, required=True, help="the run's folder")
    export.add_argument("--out", type=Path, required=True, help="folder for the converted model")
    export.add_argument("--install", action="store_true", help="copy the result into the package")
    export.set_defaults(run=_export)

    answers = commands.add_parser("answers", help="ask a model every question of a file")
    answers.add_argument("--model", required=True, help="catalogue name or GGUF file")
    answers.add_argument("--questions", type=Path, required=True, help="caregiver lines, one a line")
    answers.add_argument("--seed", type=int, default=1)
    answers.set_defaults(run=_answers)
    return parser


def _bundled(options: argparse.Namespace) -> int:
    from toddler_training.bundled import BundledSettings, build_bundled
    from toddler_training.pretrain import Budget

    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: stopping.append(received))
    minutes = 45.0 if options.minutes is None and options.steps is None else options.minutes
    summary = build_bundled(
        options.out,
        BundledSettings(pairs=options.pairs, seed=options.seed),
        Budget(minutes, options.steps),
        resume=options.resume,
        install_it=options.install,
        stop=lambda: bool(stopping),
        tell=lambda line: print(line, flush=True),
    )
    print(f"{options.out / summary['file']}: {summary['bytes']} bytes, SHA-256 {summary['sha256']}")
    return 0


def _export(options: argparse.Namespace) -> int:
    from toddler_training.export import install, save_folder, write_gguf
    from toddler_training.pretrain import CHECKPOINT

    save_folder(options.folder / CHECKPOINT, options.folder / "tokenizer", options.out / "model")
    file = write_gguf(options.out / "model", options.out)
    print(install(file) if options.install else file)
    return 0


def _answers(options: argparse.Namespace) -> int:
    from toddler_training.answers import print_answers

    return print_answers(options.model, options.questions, options.seed)


if __name__ == "__main__":
    sys.exit(main())

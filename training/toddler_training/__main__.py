"""Make and try the bundled model: `python -m toddler_training --help`."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from robot_runtime.errors import ToddlerRobotError, TrainingStopped


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns:
        0 when done, 1 when the check refused every answer to some question, 2 when something given is wrong, 3 when
        training was interrupted.
    """
    options = _parser().parse_args(argv)
    try:
        return int(options.run(options))
    except ToddlerRobotError as error:
        print(error, file=sys.stderr)
        return 2


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
    bundled.add_argument("--no-compile", action="store_true", help="train without torch.compile (no C++ compiler)")
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
    from toddler_training.learner import TrainSettings
    from toddler_training.pretrain import Budget

    stopping = _Signals()
    minutes = 45.0 if options.minutes is None and options.steps is None else options.minutes
    try:
        summary = build_bundled(
            options.out,
            BundledSettings(pairs=options.pairs, seed=options.seed),
            Budget(minutes, options.steps),
            train=TrainSettings(seed=options.seed, compile=not options.no_compile),
            resume=options.resume,
            install_it=options.install,
            stop=stopping.received,
            tell=lambda line: print(line, flush=True),
        )
    except TrainingStopped as stopped:
        print(stopped, file=sys.stderr)
        return 3
    print(f"{options.out / summary['file']}: {summary['bytes']} bytes, SHA-256 {summary['sha256']}")
    return 0


class _Signals:
    """Notes the first SIGTERM or SIGINT, so that training can save; a second one ends the program at once."""

    def __init__(self) -> None:
        self._noted = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._note)

    def _note(self, number: int, _frame: object) -> None:
        if self._noted:
            sys.exit(128 + number)
        self._noted = True

    def received(self) -> bool:
        return self._noted


def _export(options: argparse.Namespace) -> int:
    from toddler_training.export import install, save_folder, write_gguf
    from toddler_training.pretrain import CHECKPOINT

    save_folder(options.folder / CHECKPOINT, options.folder / "tokenizer", options.out / "model")
    file = write_gguf(options.out / "model", options.out)
    print(install(file) if options.install else file)
    return 0


def _answers(options: argparse.Namespace) -> int:
    from toddler_training.answers import tell_answers

    counts = tell_answers(options.model, options.questions, options.seed, print)
    return 0 if counts["answered"] == counts["questions"] else 1


if __name__ == "__main__":
    sys.exit(main())

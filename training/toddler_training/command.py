"""`toddler-robot train` and `python -m toddler_training`: from transcripts to a model that talks."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from robot_runtime.errors import MissingExtraError, SettingsError, ToddlerRobotError, TrainingStopped
from robot_runtime.mind.threads import QUIET_THREADS

ABOUT = """Train the language model, step by step: each step reads what the ones before it left in the folder of the
run, and a step that was done with the same settings is not done again. Interrupted, run the same command again."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run `python -m toddler_training`.

    Returns:
        0 when done, 1 when the check refused every answer to some question, 2 when something given is wrong, 3 when
        training was interrupted.
    """
    parser = argparse.ArgumentParser(prog="toddler-robot train", description=ABOUT)
    add_arguments(parser)
    options = parser.parse_args(argv)
    try:
        return int(options.run(options))
    except TrainingStopped as stopped:
        print(stopped, file=sys.stderr)
        return 3
    except ModuleNotFoundError as error:
        print(MissingExtraError(f"Training ({error})", "training"), file=sys.stderr)
        return 2
    except ToddlerRobotError as error:
        print(error, file=sys.stderr)
        return 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add a command for each step, and those around them."""
    from toddler_training.bundled.command import add_bundled
    from toddler_training.bundled.judging import add_answers, add_judged
    from toddler_training.evaluate.study.command import add_questionnaire
    from toddler_training.rewards.command import add_label
    from toddler_training.scorer.command import add_scorer
    from toddler_training.steps import STEPS

    commands = parser.add_subparsers(required=True, metavar="STEP")
    for name, step in STEPS.items():
        _add_run(commands.add_parser(name, help=step.about), (name,))
    _add_run(commands.add_parser("all", help="every step up to evaluate"), ())
    add_label(commands.add_parser("label", help="have a language model score exchanges for the reward models"))
    add_questionnaire(commands.add_parser("questionnaire", help="a form for a study with people, and its analysis"))
    add_bundled(commands.add_parser("bundled", help="make the bundled model from nothing"))
    add_scorer(commands.add_parser("scorer", help="make the coherence scorer of the check"))
    add_answers(commands.add_parser("answers", help="ask models every question of a file"))
    add_judged(commands.add_parser("judged", help="what a reader's verdicts on replies say about models"))


def _add_run(parser: argparse.ArgumentParser, steps: tuple[str, ...]) -> None:
    parser.add_argument("--config", default="card", metavar="PRESET|FILE.toml", help="settings (default: card)")
    parser.add_argument("--out", type=Path, required=True, metavar="RUN_DIR", help="folder of the run")
    parser.add_argument(
        "--set", action="append", default=[], metavar="SECTION.KEY=VALUE", help="change a setting; may be repeated"
    )
    parser.set_defaults(run=_run, steps=steps)


def _run(options: argparse.Namespace) -> int:
    # No library that is loaded from here on tells anybody about this run, or draws bars of its own.
    os.environ |= {"HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1", "TRACKIO_DISABLE": "1"}
    os.environ |= {"HF_HUB_DISABLE_PROGRESS_BARS": "1"} | QUIET_THREADS
    from toddler_training.config import load_config
    from toddler_training.steps import WHOLE, run_step

    config = load_config(options.config, options.set)
    steps = options.steps or WHOLE
    hooks: dict[str, Any] = {"stop": Signals().received}
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        hooks = _together(steps, **hooks)
    for step in steps:
        run_step(step, options.out, config, **hooks)
    if hooks.get("first", True):
        print(options.out / steps[-1])
    return 0


def _together(steps: Sequence[str], stop: Callable[[], bool]) -> dict[str, Any]:
    """Hooks of a step that several processes do together, which torchrun or `accelerate launch` has started.

    A signal that one of them has had ends all after the same step, so that none waits for another in vain.

    Raises:
        SettingsError: it is done by one process.
    """
    from toddler_training.steps import STEPS

    if alone := [step for step in steps if not STEPS[step].together]:
        several = " and ".join(name for name, step in STEPS.items() if step.together)
        raise SettingsError(
            f"the step {alone[0]} runs in one process: start it without torchrun (several processes do {several} only)"
        )
    from accelerate.utils import gather_object

    from toddler_training.grpo.processes import processes

    state = processes()
    first = bool(state.is_main_process)
    hooks = {"first": first, "wait": state.wait_for_everyone, "stop": lambda: any(gather_object([stop()]))}
    return hooks if first else hooks | {"tell": lambda line: None}


class Signals:
    """Notes the first SIGTERM or SIGINT, so that training can save; a second one ends the program at once."""

    def __init__(self) -> None:
        """Listen from now on."""
        self._noted = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._note)

    def _note(self, number: int, _frame: Any) -> None:
        if self._noted:
            sys.exit(128 + number)
        self._noted = True

    def received(self) -> bool:
        """Whether one has come."""
        return self._noted

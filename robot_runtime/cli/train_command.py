"""`toddler-robot train`: everything after it is left to the training package, which the runtime does not know."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib.metadata import entry_points

from robot_runtime.errors import MissingExtraError

NAME = "train"
"""The command."""
GROUP = "robot_runtime.commands"
"""Entry point group of other packages' commands: functions of the arguments that give an exit code."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the list of commands; its arguments are never read here."""
    commands.add_parser(NAME, help="train the language model, step by step", add_help=False)


def run(arguments: Sequence[str]) -> int:
    """Run it with what stands behind `train`; returns its exit code.

    Raises:
        MissingExtraError: the package is not installed.
    """
    for entry in entry_points(group=GROUP, name=NAME):
        return int(entry.load()(arguments))
    raise MissingExtraError("Training", "training")

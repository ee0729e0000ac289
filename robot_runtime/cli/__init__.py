"""The command `toddler-robot`. Nothing heavy is imported before it is needed: `--help` answers at once."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from robot_runtime import __version__
from robot_runtime.cli import train_command
from robot_runtime.errors import ToddlerRobotError

USAGE_ERROR = 2
"""Exit code of everything that the user can put right."""


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    from robot_runtime.cli import (
        ask_command,
        bench_command,
        doctor_command,
        models_command,
        report_command,
        simulate_command,
        talk_command,
    )

    whole = argparse.ArgumentParser(
        prog="toddler-robot",
        description="Talk with a robot that is two years old. Everything runs on this computer.",
        epilog="Without a command: talk. Type a line, the toddler answers; Ctrl-D ends.",
    )
    whole.add_argument("--version", action="version", version=f"toddler-robot {__version__}")
    talk_command.add_arguments(whole)
    commands = whole.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    for command in (
        ask_command,
        models_command,
        doctor_command,
        bench_command,
        simulate_command,
        report_command,
        train_command,
    ):
        command.add_parser(commands)
    whole.set_defaults(run=talk_command.run)
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns:
        The exit code: 0, or 2 after one line that says what to do, or what the command says (`doctor`: 1).
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a character is no reason to stop
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if given[:1] == [train_command.NAME]:
            return train_command.run(given[1:])
        options = parser().parse_args(given)
        return int(options.run(options))
    except ToddlerRobotError as error:
        print(f"toddler-robot: {error}", file=sys.stderr)
        return USAGE_ERROR
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone; keep the interpreter from complaining about it on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0

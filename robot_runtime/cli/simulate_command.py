"""`toddler-robot simulate`: a robot on the wire for everybody without one."""

from __future__ import annotations

import argparse

from robot_runtime.cli.entries import add_name, run_entry

GROUP = "robot_runtime.simulators"
"""The entry point group."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("simulate", help="be a robot, for everybody without one")
    add_name(parser, "which robot, as in --platform NAME")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Simulate until told to stop."""
    return run_entry(GROUP, options)

"""`toddler-robot doctor`: look at this computer."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json

from robot_runtime.cli.options import add_session_options, settings_of

MARKS = {"ok": "ok     ", "warning": "warning", "broken": "BROKEN "}
"""How a status is printed."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("doctor", help="look for what would keep the toddler from talking")
    parser.add_argument("--json", action="store_true", help="findings as JSON")
    add_session_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print findings.

    Returns:
        1 when something needed is broken, else 0.
    """
    from robot_runtime.doctor import examine

    findings = asyncio.run(examine(settings_of(options)))
    if options.json:
        print(json.dumps([dataclasses.asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            print(f"{MARKS[finding.status]} {finding.name:18} {finding.text}")
    return int(any(finding.status == "broken" for finding in findings))

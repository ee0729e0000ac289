"""`toddler-robot report`: a page about a recorded session."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("report", help="make a page about a recorded session")
    parser.add_argument("session", metavar="SESSION_DIR", type=Path, help="a folder that --record has made")
    parser.add_argument("--out", metavar="FILE.html", type=Path, help="default: report.html in the session's folder")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the page, and print where it is.

    Raises:
        RecordError: there is no record, or the page cannot be written.
    """
    from robot_runtime.errors import RecordError
    from robot_runtime.meter.report import report
    from robot_runtime.record import read_events

    page = report(read_events(options.session))
    out: Path = options.out or options.session / "report.html"
    try:
        out.write_text(page, "utf-8")
    except OSError as error:
        raise RecordError(f"cannot write {out}: {error.strerror or error}") from error
    print(out)
    return 0

"""`toddler-robot ask`: one turn."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from typing import TYPE_CHECKING

from robot_runtime.cli.options import add_session_options, settings_of

if TYPE_CHECKING:
    from robot_runtime.settings import Settings
    from robot_runtime.turn import Turn


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("ask", help="say one thing and print the answer")
    parser.add_argument("text", help="what to say to the toddler")
    parser.add_argument("--json", action="store_true", help="everything: candidates, scores, refusals, milliseconds")
    add_session_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the reply to one line."""
    from robot_runtime.errors import SettingsError
    from robot_runtime.turn import turn_json

    if not options.text.strip():
        raise SettingsError("there is nothing to answer: give a text, as in toddler-robot ask 'Where is your bag?'")
    turn = asyncio.run(ask(settings_of(options), options.text.strip()))
    if options.json:
        print(json.dumps(turn_json(turn), ensure_ascii=False, indent=2))
    else:
        print(turn.reply)
    return 0


async def ask(settings: Settings, text: str) -> Turn:
    """One turn in a session of its own."""
    from robot_runtime.session import open_session

    def notice(line: str) -> None:
        print(f"[{line}]", file=sys.stderr)

    async with open_session(settings, notice=notice) as session:
        return await session.dialogue.respond(text)

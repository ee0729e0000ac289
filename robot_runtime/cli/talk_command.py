"""`toddler-robot`: talk."""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import TYPE_CHECKING

from robot_runtime.cli.options import add_session_options, settings_of

if TYPE_CHECKING:
    from robot_runtime.console import Console
    from robot_runtime.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of a conversation."""
    parser.add_argument("--platform", metavar="NAME", help="virtual (default), or another robot that is installed")
    parser.add_argument("--ip", metavar="ADDR[:PORT]", help="the robot's address")
    parser.add_argument("--text", action="store_true", help="type instead of speaking, on any platform")
    parser.add_argument("--json", action="store_true", help="print each turn as a line of JSON")
    add_session_options(parser)


def run(options: argparse.Namespace) -> int:
    """Talk until the end of input."""
    settings = settings_of(options)
    live = sys.stdin.isatty() and sys.stdout.isatty() and not options.json
    asyncio.run(talk(settings, live=live, as_json=options.json, typing=options.text))
    return 0


async def talk(settings: Settings, *, live: bool, as_json: bool, typing: bool) -> None:
    """One conversation at the keyboard."""
    from robot_runtime.console import JsonConsole, LiveConsole, PlainConsole
    from robot_runtime.conversation import Conversation
    from robot_runtime.session import open_session

    plain = JsonConsole() if as_json else PlainConsole()
    async with open_session(settings, interactive=live, notice=plain.notice) as session:
        if not typing and settings.session.platform != "virtual":
            plain.notice("there is no recogniser in this version: type instead (--text leaves this line out)")
        console: Console = LiveConsole(session.robot.picture) if live else plain
        name = session.robot.capabilities.name
        if live:
            console.notice(f"{name}, {session.model.name}. Type a line; /stop stops everything, Ctrl-D ends")
        await Conversation(console, session).run()

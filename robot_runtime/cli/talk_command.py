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
    parser.add_argument("--hear", metavar="FILE|DIR", help="listen to WAV files in place of a microphone")
    parser.add_argument("--reply-delay", metavar="S", type=float, help="answer so many seconds after the caregiver")
    parser.add_argument("--json", action="store_true", help="print each turn as a line of JSON")
    parser.add_argument("--meter", action="store_true", help="after each turn, a line about where its time went")
    add_session_options(parser)


def run(options: argparse.Namespace) -> int:
    """Talk until the end of input."""
    settings = settings_of(options)
    live = sys.stdin.isatty() and sys.stdout.isatty() and not options.json
    # Who pipes lines into the robot of the terminal means to type.
    listen = not options.text and bool(settings.ear.hear or live or settings.session.platform != "virtual")
    asyncio.run(talk(settings, live=live, as_json=options.json, listen=listen, meter=options.meter))
    return 0


async def talk(settings: Settings, *, live: bool, as_json: bool, listen: bool, meter: bool) -> None:
    """One conversation."""
    from robot_runtime.console import JsonConsole, LiveConsole, PlainConsole
    from robot_runtime.conversation import Conversation
    from robot_runtime.meter.line import Meter
    from robot_runtime.session import open_session

    plain = JsonConsole() if as_json else PlainConsole()
    async with open_session(settings, listen=listen, interactive=live, notice=plain.notice) as session:
        console: Console = LiveConsole(session.robot.picture) if live else plain
        if meter:
            session.record.watch(Meter().take)
        name = session.robot.capabilities.name
        if live:
            how = "Speak, or type a line" if session.ear else "Type a line"
            console.notice(f"{name}, {session.model.name}. {how}; /stop stops everything, Ctrl-D ends")
        await Conversation(console, session).run()

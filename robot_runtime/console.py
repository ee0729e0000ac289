"""Where the caregiver types and reads: a live view in a terminal, plain lines or JSON anywhere else."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable

from robot_runtime.turn import Turn, turn_json

REFRESH_S = 0.08
"""Seconds between two pictures of the robot in the live view."""


class Console(ABC):
    """Lines in, turns and notices out."""

    interactive: bool = False
    """A person watches: a new line interrupts the toddler."""

    @abstractmethod
    def lines(self) -> AsyncIterator[str]:
        """What the caregiver says, line by line, until the end of input; empty lines are left out."""

    def reply(self, turn: Turn) -> None:
        """Show what is about to be spoken."""
        print(turn.reply, flush=True)

    def heard(self, text: str) -> None:
        """Show what was understood of the caregiver."""
        print(f"you: {text}", file=sys.stderr, flush=True)

    def felt(self, kind: str) -> None:
        """Show what happened to the robot's body and is going to be answered."""
        print(f"* {kind.replace('_', ' ')}", file=sys.stderr, flush=True)

    def completed(self, turn: Turn) -> None:  # noqa: B027 (most have shown it already)
        """Show what is known only when a turn is over."""

    def notice(self, text: str) -> None:
        """Tell the caregiver something that the toddler does not say."""
        print(f"[{text}]", file=sys.stderr, flush=True)


class PlainConsole(Console):
    """Lines from standard input, replies to standard output; for pipes and scripts."""

    async def lines(self) -> AsyncIterator[str]:
        """Read standard input in a thread of its own, so that waiting for a line holds up nothing."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[str | None] = asyncio.Queue(maxsize=1)

        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(errors="replace")

        def read() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has been closed meanwhile
                for line in sys.stdin:
                    asyncio.run_coroutine_threadsafe(queue.put(line), loop).result()
                asyncio.run_coroutine_threadsafe(queue.put(None), loop).result()

        threading.Thread(target=read, name="standard input", daemon=True).start()
        while (line := await queue.get()) is not None:
            if line.strip():
                yield line.strip()


class JsonConsole(PlainConsole):
    """Lines from standard input, each turn as a JSON object in one line to standard output."""

    def reply(self, turn: Turn) -> None:
        """Nothing yet: the turn's times are not known."""

    def heard(self, text: str) -> None:
        """Nothing: the turn says it."""

    def felt(self, kind: str) -> None:
        """Nothing: the turn says it."""

    def completed(self, turn: Turn) -> None:
        """One line."""
        print(json.dumps(turn_json(turn), ensure_ascii=False), flush=True)


class LiveConsole(Console):
    """The conversation scrolls by; below it the robot's picture and the line that the caregiver is typing."""

    interactive = True

    def __init__(self, picture: Callable[[], str]) -> None:
        """Show the robot as `picture` says, several times a second."""
        from prompt_toolkit import PromptSession

        self._picture = picture
        self._prompt: PromptSession[str] = PromptSession(erase_when_done=True)

    async def lines(self) -> AsyncIterator[str]:
        """Prompt for lines; what others print meanwhile appears above the picture."""
        from prompt_toolkit.patch_stdout import patch_stdout

        with patch_stdout(raw=True):
            while True:
                try:
                    line = await self._prompt.prompt_async(self._message, refresh_interval=REFRESH_S)
                except (EOFError, KeyboardInterrupt):
                    return
                if line.strip():
                    print(f"  you: {line.strip()}")
                    yield line.strip()

    def reply(self, turn: Turn) -> None:
        """What was said, and why if it was not thought."""
        canned = turn.source == "canned" and turn.heard_as != "body"
        note = f"   (canned: {turn.failure or 'no candidate passed the check'})" if canned else ""
        print(f"  Pip: {turn.reply}{note}", flush=True)

    def heard(self, text: str) -> None:
        """In the conversation."""
        print(f"  you: {text}", flush=True)

    def felt(self, kind: str) -> None:
        """In the conversation."""
        print(f"  * {kind.replace('_', ' ')}", flush=True)

    def _message(self) -> str:
        picture = self._picture()
        return f"{picture}\nyou> " if picture else "you> "

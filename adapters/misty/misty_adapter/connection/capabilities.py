"""What this robot's firmware can do: the commands that `GET /api/help` lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from robot_runtime.errors import RobotError

NEEDED = ("audio", "audio/play", "audio/stop", "images", "images/display")
"""Commands without which there is no conversation."""

OPTIONAL: Mapping[str, str] = {
    "blink/settings": "it does not blink in the toddler's own way",
    "led/transition": "its light does not breathe",
    "notification/settings": "its own light signals stay on",
    "head": "its head does not move",
    "arms/set": "its arms do not move",
    "halt": "it cannot be halted",
}
"""What is done without, by the command that is missing."""


@dataclass(frozen=True)
class Firmware:
    """The commands of one robot."""

    commands: frozenset[tuple[str, str]]
    """(verb, path) such as ("POST", "audio/play")."""

    def has(self, path: str, verb: str = "POST") -> bool:
        """Whether there is such a command."""
        return (verb, path) in self.commands

    def missing(self) -> str:
        """What is done without, as a line for the user; empty when nothing is."""
        lacks = [effect for path, effect in OPTIONAL.items() if not self.has(path)]
        return f"Misty's firmware lacks some commands: {', '.join(lacks)}" if lacks else ""

    def require(self, path: str, what: str) -> None:
        """Raise `RobotError` when there is no such command for `what`, which is something that the user asked for."""
        if not self.has(path):
            raise RobotError(f"this Misty's firmware has no {path}, which {what} needs; change the profile's [robot]")


def firmware(help: Any) -> Firmware:
    """Make sense of the result of `GET /api/help`: commands by verb, or, as other versions have it, a mere list.

    Raises:
        RobotError: it is not what a Misty says.
    """
    commands = frozenset(_commands(help))
    if not commands:
        raise RobotError("what answers there is no Misty (its /api/help lists no commands): check --ip")
    if lacks := [path for path in NEEDED if ("POST", path) not in commands]:
        raise RobotError(f"this Misty's firmware has no {', '.join(lacks)}: it cannot talk; update it in the Misty app")
    return Firmware(commands)


def _commands(help: Any) -> Iterator[tuple[str, str]]:
    groups = help.items() if isinstance(help, dict) else [("", help)]
    for verb, entries in groups:
        for entry in entries if isinstance(entries, list) else []:
            if not isinstance(entry, dict) or not isinstance(path := entry.get("endpoint"), str):
                continue
            method = verb or entry.get("verb") or entry.get("method") or "post"
            yield str(method).upper(), path.strip("/ ").lower().removeprefix("api/")

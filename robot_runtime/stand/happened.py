"""All that happened in a talk at the stand, on the time axis of its room, and what of it was not as expected."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from robot_runtime.check.words import words_of
from robot_runtime.console import Console
from robot_runtime.stand.room import Room
from robot_runtime.stand.scenario import Step
from robot_runtime.turn import Turn

SLACK_S = 0.5
"""From the decision upon an answer to its first sample at the robot, at most."""


@dataclass
class Line:
    """A step as it happened, in seconds of the room. What happens from its beginning on belongs to it."""

    step: Step
    """What was done."""
    began: float
    """When; for words, their first voiced sample."""
    ended: float
    """The last one."""
    until: float = float("inf")
    """When the next step began."""

    def has(self, at: float) -> bool:
        """Whether that moment belongs to it."""
        return self.began <= at < self.until


@dataclass
class Happened:
    """What happened."""

    lines: list[Line] = field(default_factory=list)
    """Of the caregiver."""
    heard: list[tuple[float, str]] = field(default_factory=list)
    """When which words were understood."""
    spoken: list[tuple[float, float]] = field(default_factory=list)
    """When the robot was audible."""
    turns: list[tuple[float, Turn]] = field(default_factory=list)
    """When which answer was decided upon."""
    notices: list[tuple[float, str]] = field(default_factory=list)
    """What the user was told beside the talk."""
    at_rest: bool = True
    """Whoever answers is ready for the next line."""
    stops: list[float] = field(default_factory=list)
    """When the runtime knew that it had to fall silent in the middle of an answer."""

    def answers(self, line: Line) -> list[float]:
        """Milliseconds from the end of a line to each time the robot speaks up for it; below 0 if too early."""
        return [(begin - line.ended) * 1e3 for begin, _ in self.spoken if line.has(begin)]

    def turn(self, line: Line) -> Turn | None:
        """The first answer to a line."""
        return next((turn for at, turn in self.turns if line.has(at)), None)

    def cut_short(self, line: Line) -> tuple[float, float | None] | None:
        """How a line into the robot's speech ended it: milliseconds from two moments to its last audible sample.

        The moments are the beginning of the line, and when the runtime knew that it had to stop, None if it never did.
        None when the robot was silent.
        """
        for begin, end in self.spoken:
            if begin < line.began < end:
                known = next((at for at in self.stops if line.has(at)), None)
                return (end - line.began) * 1e3, None if known is None else (end - known) * 1e3
        return None

    def false_stops(self) -> int:
        """How often the robot fell silent in the middle of an answer though the caregiver had not begun a line."""
        return sum(
            turn.interrupted and not any(at < line.began < at + turn.played_s + SLACK_S for line in self.lines)
            for at, turn in self.turns
        )

    def wrong(self) -> list[str]:
        """What is not as expected."""
        return [f"step {number}: {what}" for number, line in enumerate(self.lines, 1) for what in self._wrong(line)]

    def _wrong(self, line: Line) -> list[str]:
        step, answers = line.step, self.answers(line)
        heard = [word for at, text in self.heard if line.has(at) for word in words_of(text)]
        count = 0 if step.absent else step.answers
        found = []
        if step.heard is not None and heard != list(words_of(step.heard)):
            found.append(f"'{' '.join(heard)}' was heard, not '{step.heard}'")
        if count is not None and len(answers) != count:
            found.append(f"{len(answers)} answers, not {count}")
        if step.answer_within_ms is not None and not (answers and 0 <= answers[0] <= step.answer_within_ms):
            found.append(f"answers after {answers} ms, not within {step.answer_within_ms:g}")
        if step.told and not any(line.has(at) and step.told in text for at, text in self.notices):
            found.append(f"nobody told '{step.told}'")
        return found

    def account(self) -> str:
        """All of it in order, for people."""
        told = [
            (line.began, f"{line.step.say or line.step.event or 'noise'} (to {line.ended:.2f})") for line in self.lines
        ]
        told += [(at, f"  heard: {text}") for at, text in self.heard]
        told += [(at, f"  reply: {turn.reply} {turn.stages_ms}") for at, turn in self.turns]
        told += [(begin, f"  robot audible (to {end:.2f})") for begin, end in self.spoken]
        told += [(at, f"  notice: {text}") for at, text in self.notices]
        return "\n".join(f"{at:7.2f} {text}" for at, text in sorted(told))


class Bystander(Console):
    """Nobody types; what the runtime shows is noted."""

    interactive = True

    def __init__(self, room: Room, happened: Happened) -> None:
        """Note it in `happened`, at the times of the room."""
        self._room = room
        self._happened = happened

    async def lines(self) -> AsyncIterator[str]:
        """None, for as long as the talk lasts."""
        await asyncio.Event().wait()
        yield ""

    def heard(self, text: str) -> None:
        """Note it."""
        self._happened.heard.append((self._room.now(), text))

    def felt(self, kind: str) -> None:
        """Note it."""
        self.notice(f"felt {kind}")

    def reply(self, turn: Turn) -> None:
        """Note it."""
        self._happened.at_rest = False
        self._happened.turns.append((self._room.now(), turn))

    def completed(self, turn: Turn) -> None:
        """Note it."""
        self.ready()

    def ready(self) -> None:
        """The next line can be said."""
        self._happened.at_rest = True

    def notice(self, text: str) -> None:
        """Note it."""
        self._happened.notices.append((self._room.now(), text))

    def event(self, event: dict[str, Any]) -> None:
        """Note what the record is told about interruptions, when the silence has begun."""
        if event["type"] == "barge_in":
            self._happened.stops.append(self._room.now() - event["silent_ms"] / 1e3)

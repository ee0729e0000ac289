"""What a model answers to the held-out caregiver lines, through the runtime's own mind and check."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from robot_runtime.check import Check, tidy
from robot_runtime.errors import TrainingStopped
from robot_runtime.mind.mind import Mind
from robot_runtime.mind.prompt import Exchange
from robot_runtime.mind.settings import MindSettings
from robot_runtime.model_store.locate import LocatedModel
from robot_runtime.session import worker_settings
from robot_runtime.settings import Settings
from toddler_training.kept_lines import kept_lines

PATIENCE_S = 60.0
"""Longest thinking for one line: nobody waits here as in a conversation, and a large model may take its time."""

TALK = (
    "Hi there! What's your name?",
    "What did you do today?",
    "Who did you play with?",
    "Do you want milk or juice?",
    "Uh oh, the juice is all gone. What should we do now?",
    "Look, a big dog! What does the dog say?",
    "Are you tired?",
    "Okay, good night! See you tomorrow.",
)
"""What the caregiver says in the sample conversation."""


@dataclass(frozen=True)
class Reply:
    """The answer to one line."""

    candidates: tuple[str, ...]
    """As the model wrote them, the raw reply first."""
    chosen: str | None
    """Tidied, the one that the check ranks highest; None when it refuses all."""


@dataclass(frozen=True)
class Asking:
    """How models are asked."""

    candidates: int
    """Replies sampled for a line."""
    temperature: float
    """Of all models; below 0 means each one's own."""
    seed: int
    """The candidates of line n have the seeds from `seed + n * candidates` on: the same for every model."""

    def mind(self) -> MindSettings:
        """Settings of the mind."""
        return MindSettings(candidates=self.candidates, temperature=self.temperature, deadline_s=PATIENCE_S)


def answer_all(
    model: LocatedModel, lines: Sequence[str], asking: Asking, kept: Path, stop: Callable[[], bool], bar: Bar
) -> list[Reply]:
    """Answer every line with nothing said before it.

    Args:
        model: who is asked.
        lines: what is asked.
        asking: how.
        kept: file of replies, JSON lines; what it holds already is not asked again.
        stop: whether the user wants an end.
        bar: shows progress over the numbers of the lines still to be asked.

    Raises:
        TrainingStopped: `stop` said so; `kept` has all replies so far.
        ToddlerRobotError: the model cannot be loaded, or failed at a line.
    """
    replies = [Reply(tuple(made["candidates"]), made["chosen"]) for made in kept_lines(kept)][: len(lines)]

    async def ask() -> None:
        check = Check()
        with kept.open("a", encoding="utf-8") as file:
            async with _thinking(model, asking) as mind:
                for number in bar(range(len(replies), len(lines))):
                    if stop():
                        raise TrainingStopped(f"stopped; {number} replies of {model.name} are in {kept}")
                    reply = await _reply(mind, check, lines[number], (), asking, number)
                    file.write(json.dumps(asdict(reply)) + "\n")
                    file.flush()
                    replies.append(reply)

    if len(replies) < len(lines):
        asyncio.run(ask())
    return replies


def converse(model: LocatedModel, lines: Sequence[str], asking: Asking) -> list[Exchange]:
    """A conversation: every line is answered knowing what was said before, as on a robot.

    Returns:
        The exchanges; a reply is empty where the check refused every candidate.
    """

    async def talk() -> list[Exchange]:
        check, exchanges = Check(), list[Exchange]()
        async with _thinking(model, asking) as mind:
            for number, line in enumerate(lines):
                reply = await _reply(mind, check, line, exchanges, asking, number)
                exchanges.append(Exchange(line, reply.chosen or ""))
        return exchanges

    return asyncio.run(talk())


Bar = Callable[[Sequence[int]], Iterable[int]]
"""Passes numbers on and shows how far they are."""


@asynccontextmanager
async def _thinking(model: LocatedModel, asking: Asking) -> AsyncIterator[Mind]:
    settings = Settings(mind=asking.mind())
    mind = Mind(worker_settings(settings, model), settings.mind)
    try:
        await mind.start()
        yield mind
    finally:
        await mind.aclose()


async def _reply(
    mind: Mind, check: Check, line: str, history: Sequence[Exchange], asking: Asking, number: int
) -> Reply:
    first = asking.seed + number * asking.candidates
    spoken = [exchange for exchange in history if exchange.child]
    thought = await mind.think(line, spoken, range(first, first + asking.candidates))
    tidied = [tidy(text) for text in thought.texts]
    recent = [exchange.child for exchange in spoken]
    best = check.rank(line, tidied, recent, log_p=thought.log_p, seed=first).best
    return Reply(thought.texts, None if best is None else tidied[best])

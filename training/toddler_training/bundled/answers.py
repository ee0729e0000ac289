"""What a model answers to a list of questions, through the runtime's own mind and check, each as a first turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from robot_runtime.check import Check, tidy
from robot_runtime.errors import SettingsError
from robot_runtime.mind.mind import Mind
from robot_runtime.model_store.locate import LocatedModel, locate
from robot_runtime.session import worker_settings
from robot_runtime.settings import Settings


@dataclass(frozen=True)
class Answer:
    """One question and what became of it."""

    question: str
    """What the caregiver said."""
    reply: str | None
    """The candidate that the check chose, None when it refused all."""
    candidates: tuple[str, ...]
    """Every candidate, tidied."""


def read_questions(path: Path) -> list[str]:
    """Caregiver lines of a file, one a line; empty lines and lines that begin with # are left out.

    Raises:
        SettingsError: the file is missing or holds no line.
    """
    if not path.is_file():
        raise SettingsError(f"no questions at {path}: give a text file with one caregiver line on each line")
    lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    questions = [line for line in lines if line and not line.startswith("#")]
    if not questions:
        raise SettingsError(f"{path} holds no question: write one caregiver line on each line")
    return questions


async def ask(model: LocatedModel, questions: Sequence[str], seed: int) -> AsyncIterator[Answer]:
    """Ask every question with nothing said before it.

    Args:
        model: Who is asked.
        questions: What is asked.
        seed: Seed of the first candidate; each of the others has its own, the same for every question.

    Raises:
        ModelError: the model cannot be loaded.
        MindError: it failed at a question.
    """
    settings = Settings()
    check = Check(settings.check)
    worker = worker_settings(settings, model)
    mind = Mind(worker, settings.mind)
    try:
        await mind.start()
        for question in questions:
            thought = await mind.think(question, [], range(seed, seed + worker.candidates))
            candidates = tuple(tidy(text) for text in thought.texts)
            ranking = check.rank(question, candidates)
            reply = None if ranking.best is None else candidates[ranking.best]
            yield Answer(question, reply, candidates)
    finally:
        await mind.aclose()


def tell_answers(model: str, questions: Path, seed: int, tell: Callable[[str], None]) -> dict[str, int]:
    """Tell question and reply for every line of a file.

    Args:
        model: Catalogue name or GGUF file.
        questions: Text file of caregiver lines.
        seed: Seed of the candidates.
        tell: Called with each line for the user.

    Returns:
        How many `questions` there were, and to how many the check let a candidate pass (`answered`).

    Raises:
        ToddlerRobotError: the model or the file cannot be read, or the model failed at a question.
    """
    located, lines = locate(model), read_questions(questions)

    async def run() -> int:
        answered = 0
        async for answer in ask(located, lines, seed):
            answered += answer.reply is not None
            tell(f"{answer.question}\n    -> {answer.reply or _refused(answer)}")
        return answered

    counts = {"questions": len(lines), "answered": asyncio.run(run())}
    tell(f"{counts['answered']} of {counts['questions']} answered by the model")
    return counts


def _refused(answer: Answer) -> str:
    return f"(all refused: {' | '.join(dict.fromkeys(answer.candidates))})"

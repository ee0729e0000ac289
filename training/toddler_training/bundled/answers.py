"""What a model answers to a list of questions, through the runtime's own mind and check, each as a first turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from robot_runtime.check import Check, tidy
from robot_runtime.errors import SettingsError
from robot_runtime.mind.mind import Mind
from robot_runtime.mind.settings import MindSettings
from robot_runtime.model_store.locate import LocatedModel, locate
from robot_runtime.session import worker_settings
from robot_runtime.settings import load
from toddler_training.corpus.held_out import read_lines
from toddler_training.data.scored import read_scored
from toddler_training.data.settings import DataSettings
from toddler_training.evaluate.replies import PATIENCE_S


@dataclass(frozen=True)
class Answer:
    """One question and what became of it."""

    question: str
    """What the caregiver said."""
    reply: str | None
    """The candidate that the check chose, None when it refused all."""
    candidates: tuple[str, ...]
    """Every candidate, tidied, in the order of their seeds."""
    refused: int
    """How many candidates the check refused."""


def read_questions(path: Path) -> list[str]:
    """Caregiver lines of a file, one a line; empty lines and lines that begin with # are left out.

    Of a CSV of scored pairs, those of `read_exchanges`.

    Raises:
        SettingsError: the file is missing or holds no line.
    """
    if not path.is_file():
        raise SettingsError(f"no questions at {path}: give a text file with one caregiver line on each line")
    questions = [said for said, _ in read_exchanges(path)] if path.suffix == ".csv" else read_lines(path)
    if not questions:
        raise SettingsError(f"{path} holds no question: write one caregiver line on each line")
    return questions


def read_exchanges(path: Path) -> list[tuple[str, str]]:
    """What was said to children of two (24 to 35 months) in a CSV of scored pairs, and what they answered.

    A line that was said to several children stands there once, with the first answer.

    Raises:
        SettingsError: the file cannot be read, or lacks a column.
    """
    first: dict[str, str] = {}
    for pair in read_scored(path)[0]:
        if DataSettings().in_window(pair.age_months):
            first.setdefault(pair.caregiver, pair.child_reply)
    return list(first.items())


async def ask(
    model: LocatedModel,
    questions: Sequence[str],
    seed: int,
    candidates: int = MindSettings.candidates,
    profile: Path | None = None,
) -> AsyncIterator[Answer]:
    """Ask every question with nothing said before it.

    Args:
        model: Who is asked.
        questions: What is asked.
        seed: Seed of the first candidate; each candidate of each question has its own, counted on from it.
        candidates: Replies sampled for a question, 0 to 32; 0 chooses by the size of the model.
        profile: Settings of mind and check.

    Raises:
        SettingsError: there cannot be so many candidates.
        ModelError: the model cannot be loaded.
        MindError: it failed at a question.
    """
    settings = load(profile, environment={}, options={"mind": {"candidates": candidates, "deadline_s": PATIENCE_S}})
    check = Check(settings.check)
    worker = worker_settings(settings, model)
    mind = Mind(worker, settings.mind)
    try:
        await mind.start()
        for number, question in enumerate(questions):
            first = seed + number * worker.candidates
            thought = await mind.think(question, [], range(first, first + worker.candidates))
            tidied = tuple(tidy(text) for text in thought.texts)
            ranking = check.rank(question, tidied, log_p=thought.log_p, seed=first)
            reply = None if ranking.best is None else tidied[ranking.best]
            yield Answer(question, reply, tidied, sum(not verdict.passed for verdict in ranking.verdicts))
    finally:
        await mind.aclose()


def tell_answers(
    model: str,
    questions: Path,
    seed: int,
    tell: Callable[[str], None],
    candidates: int = MindSettings.candidates,
    profile: Path | None = None,
) -> dict[str, int]:
    """Tell question and reply for every line of a file.

    Args:
        model: Catalogue name or GGUF file.
        questions: File of caregiver lines, as `read_questions` has it.
        seed: Seed of the candidates.
        tell: Called with each line for the user.
        candidates: As `ask` has it.
        profile: Likewise.

    Returns:
        How many `questions` there were, and to how many the check let a candidate pass (`answered`).

    Raises:
        ToddlerRobotError: the model or the file cannot be read, or the model failed at a question.
    """
    located, lines = locate(model), read_questions(questions)

    async def run() -> int:
        answered = 0
        async for answer in ask(located, lines, seed, candidates, profile):
            answered += answer.reply is not None
            tell(f"{answer.question}\n    -> {answer.reply or _refused(answer)}")
        return answered

    counts = {"questions": len(lines), "answered": asyncio.run(run())}
    tell(f"{counts['answered']} of {counts['questions']} answered by the model")
    return counts


def _refused(answer: Answer) -> str:
    return f"(all refused: {' | '.join(dict.fromkeys(answer.candidates))})"

"""`bench voice`: from the caregiver's last voiced sample to the answer at the robot, beside a naive loop in one run.

Caregiver and room are synthetic, all else is what a talk uses: voice activity, recogniser, endpoint, early thinking,
model, check, voice. The naive loop has the same recogniser, model, check and voice, one after the other: it waits for
the recogniser's own endpoint, thinks only then, and its model's cache holds nothing of the talk.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from robot_runtime.bench.numbers import summary
from robot_runtime.bench.user import ScriptedUser, spoken
from robot_runtime.check.words import words_of
from robot_runtime.console import Console
from robot_runtime.conversation import Conversation
from robot_runtime.ear.recogniser import RATE
from robot_runtime.mind.prompt import Exchange
from robot_runtime.model_store.locate import LocatedModel
from robot_runtime.model_store.vosk_folder import locate_vosk
from robot_runtime.session import open_session
from robot_runtime.settings import Settings
from robot_runtime.turn import Turn

DEAF_S = 0.25
"""How long the naive loop is deaf after it has spoken: as long as the ear's own tail by default."""


class Listed(Console):
    """Nobody types; every answer is noted when it goes to the robot."""

    def __init__(self, user: ScriptedUser) -> None:
        """Answers to `user`."""
        self._user = user
        self.turns: list[tuple[int, float, Turn]] = []
        """Number of the line, when the answer went to the robot (time.perf_counter), and the turn."""

    async def lines(self) -> AsyncIterator[str]:
        """None, for as long as the talk lasts."""
        await asyncio.Event().wait()
        yield ""

    def heard(self, text: str) -> None:
        """Nothing to show."""

    def reply(self, turn: Turn) -> None:
        """Note it."""
        self.turns.append((self._user.line, time.perf_counter(), turn))


async def bench_voice(
    settings: Settings, model: LocatedModel, lines: list[str], turns: int, notice: Callable[[str], None]
) -> dict[str, Any]:
    """Milliseconds over a talk of `turns` spoken lines, ours and the naive loop's."""
    sounds = await spoken(lines)
    wanted = [lines[number % len(lines)] for number in range(turns)]
    script = [sounds[number % len(sounds)] for number in range(turns)]
    session_settings = dataclasses.replace(
        settings.session, platform="virtual", model=str(model.path), seed=0, sound_device="none"
    )
    settings = dataclasses.replace(settings, session=session_settings)
    notice(f"{turns} lines for our loop")
    ours = await _ours(settings, script, notice)
    notice(f"{turns} lines for the naive loop")
    naive = await _naive(settings, script, notice)
    figures = [_figures(talk, wanted) for talk in (ours, naive)]
    medians = [each["answer_ms"]["p50"] for each in figures]
    return {
        "model": model.name,
        "turns": turns,
        "ours": figures[0],
        "naive serial loop": figures[1],
        "naive_to_ours": round(medians[1] / medians[0], 2),
    }


async def _ours(settings: Settings, script: list[Any], notice: Callable[[str], None]) -> tuple[ScriptedUser, Listed]:
    user = ScriptedUser(script, seed=0)
    console = Listed(user)
    async with open_session(settings, listen=True, source=user, interactive=True, notice=notice) as session:
        await Conversation(console, session).run()
    return user, console


async def _naive(settings: Settings, script: list[Any], notice: Callable[[str], None]) -> tuple[ScriptedUser, Listed]:
    import vosk

    user = ScriptedUser(script, seed=0)
    console = Listed(user)
    vosk.SetLogLevel(-1)
    recogniser = vosk.KaldiRecognizer(vosk.Model(str(locate_vosk(settings.ear.model))), RATE)
    async with open_session(settings, interactive=True, notice=notice) as session:
        await session.mind.think("hello", CROWD, [0])
        deaf_until = -1.0
        async for block in user.blocks():
            if block.end_s < deaf_until:
                continue
            if not await asyncio.to_thread(recogniser.AcceptWaveform, block.pcm.tobytes()):
                continue
            text = json.loads(recogniser.Result())["text"].replace("[unk]", "").strip()
            if not text:
                continue
            user.hold(True)
            await session.dialogue.respond(text, "microphone", console.reply)
            await session.mind.think("hello", CROWD, [0])  # whatever the cache held of the talk is gone
            user.hold(False)
            recogniser.Reset()
            deaf_until = block.end_s + DEAF_S
    return user, console


CROWD = [Exchange("what is that over there", "a big bus"), Exchange("and who is in it", "mommy and me")]
"""A talk of others, to push a talk out of the model's cache."""


def _figures(talk: tuple[ScriptedUser, Listed], wanted: list[str]) -> dict[str, Any]:
    user, console = talk
    first: dict[int, tuple[float, Turn]] = {}
    for line, at, turn in console.turns:
        first.setdefault(line, (at, turn))
    answers = {line: (at - user.ended_at[line]) * 1e3 for line, (at, _) in first.items() if line >= 0}
    holds = {line: turn.stages_ms["hold"] for line, (_, turn) in first.items() if "hold" in turn.stages_ms}
    return {
        "answered": len(answers),
        "answers_too_many": len(console.turns) - len(first),
        "words_right": sum(words_of(turn.caregiver) == words_of(wanted[line]) for line, (_, turn) in first.items()),
        "early": sum(turn.early for _, turn in first.values()),
        "answer_ms": summary(list(answers.values())),
        "hold_ms": summary(list(holds.values())) if holds else None,
        "after_hold_ms": summary([answers[line] - hold for line, hold in holds.items()]) if holds else None,
    }

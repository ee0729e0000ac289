"""A reply while it is said: it can be hushed in the middle of a word, and go on from the beginning of that word."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

from robot_runtime.record import Record
from robot_runtime.robot import Robot
from robot_runtime.turn import Turn
from robot_runtime.voice.speech import Speech

HELD_S = 15.0
"""A hushed reply goes on after so long if nobody decides: more than the longest utterance, for a deaf ear."""


class Saying:
    """One reply. What was played of it is written into the turn."""

    def __init__(self, turn: Turn, speech: Speech, robot: Robot, record: Record, utterance: str) -> None:
        """Say `speech`, the reply of `turn`, through `robot`; `utterance` is its name in the record."""
        self.turn = turn
        """The turn that it is the reply of."""
        self._speech = speech
        self._robot = robot
        self._record = record
        self._utterance = utterance
        self._playing: asyncio.Task[None] | None = None
        self._began: float | None = None
        self._from_s = 0.0
        self._started = False
        self._evidence: dict[str, Any] = {}
        self._hushed_at: float | None = None
        self._decided = asyncio.Event()

    @property
    def hushed(self) -> bool:
        """It was hushed and has not gone on."""
        return self._hushed_at is not None

    def hush(self, why: str, **evidence: Any) -> None:
        """Silence at once; then `run` waits for `go_on`, or for being cancelled.

        Args:
            why: see `Turn.stopped`.
            evidence: of JSON types, for the record.
        """
        if self._playing and not self._playing.done() and not self.hushed:
            self.turn.stopped, self._evidence, self._hushed_at = why, evidence, time.perf_counter()
            self._decided.clear()
            self._note_played()
            self._playing.cancel()

    def go_on(self) -> None:
        """Nobody wanted to say anything: say the rest."""
        self._decided.set()

    async def run(self, on_start: Callable[[], None]) -> None:
        """Say it to the end; cancelled, the robot is silent before this returns.

        Args:
            on_start: called when the first sample goes out.

        Raises:
            RobotError: it cannot be played.
        """
        turn, word = self.turn, 0
        while not await self._play(word, on_start):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HELD_S):
                    await self._decided.wait()
            self._hushed_at = None
            word = turn.heard_words
            turn.resumed += 1
            self._record.event("resumed", utterance=self._utterance, word=word)
        turn.played_s, turn.heard_words = self._speech.duration_s, len(self._speech.words)

    async def _play(self, word: int, on_start: Callable[[], None]) -> bool:
        """Play from that word on; whether that went to the end."""

        def started() -> None:
            self._began = time.perf_counter()
            if not self._started:
                self._started = True
                on_start()

        self._began = None
        self._from_s = self._speech.begins_s(word) if word else 0.0
        rest = self._speech.rest(word) if word else self._speech
        playing = self._playing = asyncio.create_task(self._robot.say(rest, self.turn.expression, started))
        try:
            await asyncio.wait({playing})
        finally:
            if not playing.done():
                if not self.hushed:  # a second time would tear the robot away from falling silent in order
                    self._note_played()
                    playing.cancel()
                await asyncio.wait({playing})
            if self._hushed_at is not None and playing.cancelled():
                self._tell((time.perf_counter() - self._hushed_at) * 1e3)
        if playing.cancelled():
            return False
        playing.result()
        return True

    def _note_played(self) -> None:
        """How far it has come."""
        if self._began is None:
            return
        told_s = self._robot.spoken_s()
        passed_s = time.perf_counter() - self._began if told_s is None else max(0.0, told_s)
        speech, turn = self._speech, self.turn
        turn.played_s = min(self._from_s + passed_s, speech.duration_s)
        ends = [speech.begins_s(word + 1) for word in range(len(speech.words))]
        turn.heard_words = max(turn.heard_words, sum(end <= turn.played_s for end in ends))

    def _tell(self, silent_ms: float) -> None:
        self._record.event(
            "barge_in",
            utterance=self._utterance,
            why=self.turn.stopped,
            evidence=self._evidence,
            silent_ms=round(silent_ms, 1),
            played_s=round(self.turn.played_s, 3),
            heard_words=self.turn.heard_words,
        )

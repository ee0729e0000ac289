"""One turn of talk: answer, speak, move, remember, record."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import math
import time
from collections.abc import Callable, Sequence
from typing import Any

from robot_runtime.check import find
from robot_runtime.composer import Composer
from robot_runtime.draft import Draft
from robot_runtime.errors import MindError, RobotError
from robot_runtime.mind.memory import Memory
from robot_runtime.mind.prompt import Exchange
from robot_runtime.record import Record
from robot_runtime.robot import Expression, Robot
from robot_runtime.saying import Saying
from robot_runtime.timing import AT_ONCE, TimingSettings
from robot_runtime.turn import Clock, Turn, rounded
from robot_runtime.voice.speech import Speech

RECENT_REPLIES = 16
"""How many of its last replies are kept for the check, which says how many of them count."""


class Dialogue:
    """A conversation with one robot. `respond` is called for one utterance at a time."""

    def __init__(
        self,
        *,
        composer: Composer,
        robot: Robot,
        record: Record,
        memory: Memory,
        timing: TimingSettings = AT_ONCE,
        gate: Callable[[bool], None] = lambda closed: None,
    ) -> None:
        """Bring the parts together; all are ready for use, and closed by whoever opened them.

        Args:
            composer: makes the replies.
            robot: plays and shows.
            record: keeps.
            memory: what the model is reminded of.
            timing: when to answer.
            gate: told True when the robot begins to speak, and False when it has ended: for an ear that would hear it.
        """
        self._composer = composer
        self._robot = robot
        self._record = record
        self._memory = memory
        self._timing = timing
        self._gate = gate
        self._saying: Saying | None = None
        self._silent_since = -math.inf
        self._recent: list[str] = []
        self.turns = 0
        """Turns begun."""

    @property
    def last(self) -> str:
        """The reply that is being said, else the last one; empty before the first."""
        if self._saying:
            return self._saying.turn.reply
        return self._recent[-1] if self._recent else ""

    @property
    def speaking(self) -> bool:
        """The robot says something."""
        return self._saying is not None and not self._saying.hushed

    @property
    def hushed(self) -> bool:
        """What the robot was saying waits for a decision: `go_on`, or a cancelled `respond`."""
        return self._saying is not None and self._saying.hushed

    @property
    def silent_s(self) -> float:
        """Seconds since the robot has ended to speak, 0 while it speaks; infinite before the first time."""
        return 0.0 if self.speaking else time.monotonic() - self._silent_since

    def hush(self, why: str, **evidence: Any) -> None:
        """Stop the robot in the middle of a word; see `Saying.hush`. Harmless when it says nothing."""
        if self._saying:
            self._silent_since = time.monotonic()
            self._saying.hush(why, **evidence)

    def go_on(self) -> None:
        """Say the rest of what was hushed, if something was."""
        if self._saying:
            self._saying.go_on()

    async def respond(
        self,
        caregiver: str,
        source: str = "keyboard",
        on_reply: Callable[[Turn], None] = lambda turn: None,
        *,
        answers: Sequence[str] = (),
        fixed: bool = False,
        draft: Draft | None = None,
        hold_s: float | None = None,
    ) -> Turn:
        """Answer one utterance; returns when the answer has been spoken.

        Args:
            caregiver: what was said.
            source: how it was said, for the record.
            on_reply: called when the reply is decided and about to be spoken.
            answers: at least two lines to choose from when no candidate may be spoken; empty for the canned ones.
            fixed: ask no model, the answers are the only ones.
            draft: is spoken if it answers these words; else it is forgotten.
            hold_s: how long ago the caregiver has fallen silent, when that was heard.

        Cancelled (the caregiver went on talking), the robot falls silent and what it had said is remembered.

        Raises:
            RecordError: the record cannot be written any more.
        """
        turn = Turn(caregiver, heard_as=source)
        clock = Clock(turn.stages_ms)
        if hold_s is not None:
            turn.stages_ms["hold"] = hold_s * 1e3
        self.turns += 1
        heard = self._record.utterance()
        self._record.event(
            "caregiver_said",
            utterance=heard,
            text=caregiver,
            source=source,
            denied=[{"kind": found.kind, "detail": found.detail} for found in find(caregiver)],
        )
        if draft and draft.answers(caregiver, self.turns, self._memory.exchanges):
            turn.adopt(draft.turn)
            speech = draft.speech
        else:
            await self._robot.express(Expression.THINKING)
            speech = await self._composer.compose(turn, clock, self.turns, *self._past(), answers, fixed)
        self._record_thought(heard, turn)
        answer = self._record.utterance()
        self._record.event(
            "child_says",
            utterance=answer,
            answers=heard,
            text=turn.reply,
            source=turn.source,
            expression=turn.expression,
            wav=self._record.wav(answer, speech),
            seconds=round(speech.duration_s, 4),
        )
        on_reply(turn)
        try:
            await self._speak(turn, clock, speech, answer)
        finally:
            self._remember(turn)
            clock.mark("total")
            self._record.event(
                "turn_completed",
                utterance=answer,
                answers=heard,
                stages_ms=rounded(turn.stages_ms),
                interrupted=turn.interrupted,
                stopped=turn.stopped,
                resumed=turn.resumed,
                played_s=round(turn.played_s, 4),
                heard_words=turn.heard_words,
                heard=turn.heard,
            )
        await self._robot.express(Expression.LISTENING)
        await self._think_ahead()
        return turn

    async def read(self, caregiver: str) -> None:
        """Let the model read words that may not be the last ones: a draft that follows has less to do."""
        with contextlib.suppress(MindError):  # the draft meets it again, and knows what to do
            await self._composer.read(caregiver, self._past()[0])

    async def draft(self, caregiver: str) -> Draft:
        """Answer words that may not be the last ones, for `respond` to speak if they are; nothing is said or recorded.

        Cancelled, it leaves nothing behind.
        """
        turn = Turn(caregiver, drafted_s=time.monotonic())
        number, (history, recent) = self.turns + 1, self._past()
        speech = await self._composer.compose(turn, Clock(turn.stages_ms), number, history, recent)
        return Draft(turn, speech, number, history)

    async def _speak(self, turn: Turn, clock: Clock, speech: Speech, utterance: str) -> None:
        def started() -> None:
            clock.mark("first_sample")
            self._record.event("speech_started", utterance=utterance)

        self._gate(True)
        try:
            await self._wait(turn, clock)
            self._saying = Saying(turn, speech, self._robot, self._record, utterance)
            await self._saying.run(started)
        except RobotError as error:
            self._record.event("notice", text=str(error))
        except asyncio.CancelledError:
            turn.interrupted = True
            turn.stopped = turn.stopped or "end"
            raise
        finally:
            if self.speaking:
                self._silent_since = time.monotonic()
            self._saying = None
            self._gate(False)

    async def _wait(self, turn: Turn, clock: Clock) -> None:
        """Let the time pass that a child would take, if that is wanted."""
        intended_s = self._timing.intended_s(turn.reply)
        if not intended_s:
            return
        turn.stages_ms["intended"] = intended_s * 1e3
        passed_ms = turn.stages_ms.get("hold", 0.0) + clock.passed_ms()
        with clock.stage("wait"):
            await asyncio.sleep(max(0.0, intended_s - passed_ms / 1e3))

    def _remember(self, turn: Turn) -> None:
        """Keep what was really heard of the reply."""
        said = turn.heard if turn.interrupted else turn.reply
        self._recent = [*self._recent, turn.reply][-RECENT_REPLIES:]
        if said:
            self._memory.remember(turn.caregiver, said)

    def _past(self) -> tuple[tuple[Exchange, ...], list[str]]:
        """What has been said, and the last replies, as they are if what is being said now ends here."""
        if self._saying is None:
            return self._memory.exchanges, self._recent
        turn, memory = self._saying.turn, copy.deepcopy(self._memory)
        if turn.heard:
            memory.remember(turn.caregiver, turn.heard)
        return memory.exchanges, [*self._recent, turn.reply][-RECENT_REPLIES:]

    async def _think_ahead(self) -> None:
        """Let the model read the conversation so far while the caregiver thinks."""
        try:
            self._memory.keep(await self._composer.prepare(self._memory.exchanges))
        except MindError as error:
            self._record.event("notice", text=str(error))

    def _record_thought(self, heard: str, turn: Turn) -> None:
        self._record.event(
            "thought",
            utterance=heard,
            reply=turn.reply,
            source=turn.source,
            failure=turn.failure,
            early=turn.early,
            drafted_s_ago=None if turn.drafted_s is None else round(time.monotonic() - turn.drafted_s, 3),
            candidates=turn.candidates,
            wanted_words=turn.wanted_words,
            prompt_tokens=turn.prompt_tokens,
            cached_tokens=turn.cached_tokens,
            stages_ms=rounded(turn.stages_ms),
        )

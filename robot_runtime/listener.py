"""Hands-free talk: what the ear hears becomes utterances of the conversation, often with the reply already at hand.

The end of an utterance is certain only when a silence has lasted. Meanwhile the model reads the words so far, and when
they rest they are answered as if they were all: thought, checked and synthesised. When the words stay, the draft is
spoken at once; when they change, it is dropped and nobody has heard of it. The robot shows that it listens when
somebody speaks, and that it thinks as soon as they pause.

Where the ear is open while the robot speaks, a voice and a word that is neither one of the robot's own nor a mere
back-channel claim the floor: the robot is hushed. When nothing comes of it, it says the rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from robot_runtime.check import CannedLines, Kind
from robot_runtime.check.words import words_of
from robot_runtime.dialogue import Dialogue
from robot_runtime.draft import Draft, Spoken
from robot_runtime.ear.ear import Ear
from robot_runtime.ear.listening import (
    EarEvent,
    NothingHeard,
    PartialChanged,
    SpeechBegan,
    SpeechPaused,
    SpeechResumed,
    UtteranceEnded,
)
from robot_runtime.ear.recogniser import RATE
from robot_runtime.ear.settings import EarSettings
from robot_runtime.record import Record
from robot_runtime.robot import Expression, Robot
from robot_runtime.voice.speech import Speech

STABLE_S = 0.12
"""A partial that has not changed for so long is worth a draft; words take longer to say."""

HUHS = 2
"""How often in a row the toddler asks again; then it waits until it understands."""

ECHO_S = 1.0
"""What begins so soon after the robot has spoken, and consists of several of its own words, was its echo."""


BACK_CHANNELS = frozenset("uhhuh mhm mmhm mm hm hmm yeah yep okay ok right ah oh um uh".split())
"""Words with which people say no more than that they listen."""


@dataclass
class Tally:
    """How often early thinking was worth it, for the record."""

    drafts: int = 0
    """Begun."""
    hits: int = 0
    """Spoken."""
    waits_ms: list[float] = field(default_factory=list)
    """From the endpoint to the draft's being ready, of each hit; 0 if it was."""


class Listener:
    """See the module's docstring."""

    def __init__(
        self,
        ear: Ear,
        dialogue: Dialogue,
        robot: Robot,
        record: Record,
        settings: EarSettings,
        heard: Callable[[Spoken], None],
        claimed: Callable[..., None],
        released: Callable[[], None],
    ) -> None:
        """Listen for a conversation.

        Args:
            ear: what is heard.
            dialogue: drafts replies.
            robot: shows what is going on.
            record: keeps it.
            settings: of the ear.
            heard: told each utterance that is to be answered.
            claimed: told, with the evidence by name, when somebody else than the robot has said a word while it speaks.
            released: told when an utterance is over that is not to be answered.
        """
        self._ear = ear
        self._dialogue = dialogue
        self._robot = robot
        self._record = record
        self._settings = settings
        self._heard = heard
        self._claimed = claimed
        self._released = released
        self._huh = CannedLines().lines[Kind.NOTHING_HEARD]
        self._huhs = 0
        self._began_s = 0.0
        self._began_after_s = float("inf")
        self._partial = ""
        self._draft: asyncio.Task[Draft] | None = None
        self._drafted = ""
        self.tally = Tally()
        """What early thinking has brought so far."""

    async def run(self) -> None:
        """Listen until the source ends.

        Raises:
            ToddlerRobotError: the recogniser hangs.
            RecordError: the record cannot be written any more.
        """
        try:
            async with contextlib.aclosing(self._ear.events()) as events:
                async for event in events:
                    await self._take(event)
        finally:
            self._drop()
            self._released()
            self._record.event(
                "early_thinking", drafts=self.tally.drafts, hits=self.tally.hits, waits_ms=self.tally.waits_ms
            )

    async def _take(self, event: EarEvent) -> None:
        match event:
            case SpeechBegan(at_s):
                self._record.event("speech_began", at_s=round(at_s, 3))
                self._began_s, self._began_after_s = at_s, self._dialogue.silent_s
                await self._show(Expression.LISTENING)
            case PartialChanged(text, at_s):
                self._record.event("partial", text=text, at_s=round(at_s, 3))
                self._partial = text
                self._claim(at_s)
                self._think(STABLE_S)
            case SpeechPaused():
                await self._show(Expression.THINKING)
                self._think(0.0)
            case SpeechResumed():
                await self._show(Expression.LISTENING)
            case UtteranceEnded():
                self._end(event)
                self._partial = ""
            case NothingHeard(speech_end_s, endpoint_s):
                self._record.event(
                    "nothing_heard", speech_end_s=round(speech_end_s, 3), endpoint_s=round(endpoint_s, 3)
                )
                await self._show(Expression.LISTENING)
                self._partial = ""
                self._drop()
                self._released()

    async def _show(self, expression: Expression) -> None:
        """Show it, unless the robot speaks with a face of its own."""
        if not self._dialogue.speaking:
            await self._robot.express(expression)

    def _claim(self, at_s: float) -> None:
        """Tell when the words so far are evidence that somebody speaks to the robot while it speaks."""
        if not self._dialogue.speaking:
            return
        if word := claiming(self._partial, self._own()):
            self._claimed(word=word, partial=self._partial, voice_s=round(self._began_s, 3), word_s=round(at_s, 3))

    def _own(self) -> frozenset[str]:
        """The words that the robot says, or has said last."""
        return frozenset(words_of(self._dialogue.last))

    def _think(self, after_s: float) -> None:
        """Draft a reply to the words so far, unless there is one, or the robot still speaks."""
        if self._dialogue.speaking or not self._settings.early or not words_of(self._partial):
            self._drop()
            return
        if self._draft and words_of(self._drafted) == words_of(self._partial) and not self._draft.cancelled():
            return
        self._drop()
        self._drafted = self._partial
        self._draft = asyncio.create_task(self._write(self._partial, after_s))

    async def _write(self, text: str, after_s: float) -> Draft:
        due = time.monotonic() + after_s
        if after_s:
            await self._dialogue.read(text)
            await asyncio.sleep(due - time.monotonic())
        self.tally.drafts += 1
        return await self._dialogue.draft(text)

    def _drop(self) -> None:
        draft, self._draft = self._draft, None
        if draft:
            draft.cancel()
            draft.add_done_callback(lambda task: task.cancelled() or task.exception())

    def _end(self, event: UtteranceEnded) -> None:
        heard = event.heard
        draft, self._draft = self._draft, None
        hit = draft is not None and words_of(self._drafted) == words_of(heard.text)
        fate = self._fate(event)
        hold_s = event.endpoint_s - event.speech_end_s
        self._record.event(
            "heard",
            text=heard.text,
            confidence=round(heard.confidence, 3),
            words=[[word.text, word.start_s, word.end_s, round(word.confidence, 3)] for word in heard.words],
            speech_end_s=round(event.speech_end_s, 3),
            endpoint_s=round(event.endpoint_s, 3),
            wav=self._record.wav(self._record.utterance(), Speech(heard.text, event.pcm, RATE)),
            draft=hit,
            fate=fate,
        )
        if not hit or fate != "answered":
            self._draft = draft
            self._drop()
            draft = None
        if fate == "answered":
            self._huhs = 0
            if draft:
                self._count(draft)
            self._heard(Spoken(heard.text, draft, hold_s))
        elif fate == "unclear":
            self._huhs += 1
            self._heard(Spoken(heard.text, hold_s=hold_s, answers=self._huh))
        else:
            self._released()

    def _fate(self, event: UtteranceEnded) -> str:
        """What becomes of an utterance: answered, asked about (unclear), or left alone (ignored, echo, back_channel).

        What is not understood is not asked about as long as the robot has something to say: it was a noise.
        """
        heard, dialogue = event.heard, self._dialogue
        words = set(words_of(heard.text))
        if words <= self._own() and self._began_after_s < (ECHO_S if len(words) > 1 else 1e-9):
            return "echo"
        if words <= BACK_CHANNELS and (dialogue.speaking or dialogue.hushed):
            return "back_channel"
        if heard.confidence < self._settings.confidence:
            busy = dialogue.speaking or dialogue.hushed
            return "unclear" if self._huhs < HUHS and not busy else "ignored"
        return "answered"

    def _count(self, draft: asyncio.Task[Draft]) -> None:
        self.tally.hits += 1
        began = time.perf_counter()
        draft.add_done_callback(
            lambda _: self.tally.waits_ms.append(round(max(0.0, time.perf_counter() - began) * 1e3, 1))
        )


def claiming(partial: str, own: Collection[str]) -> str | None:
    """The first word with which somebody claims the floor from a robot that says the words `own`; None without any."""
    return next((word for word in words_of(partial) if word not in BACK_CHANNELS and word not in own), None)

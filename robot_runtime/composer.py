"""From words to a reply as sound: think, check, choose, synthesise.

The composer decides what is said. A reply that cannot be thought, or that the check refuses, becomes a canned line in
character; whatever fails, the toddler answers.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence

from robot_runtime.check import CannedLines, Check, kind_of, pick_fresh, tidy
from robot_runtime.errors import MindError, VoiceError
from robot_runtime.expressions import expression_for
from robot_runtime.mind.mind import Mind, Thought
from robot_runtime.mind.prompt import Exchange
from robot_runtime.record import Record
from robot_runtime.turn import Clock, Turn, describe
from robot_runtime.voice.speech import Speech, Voice


class Composer:
    """Keeps nothing from one reply to the next."""

    def __init__(self, *, mind: Mind, check: Check, voice: Voice, record: Record, candidates: int, seed: int) -> None:
        """Bring the parts together; all are ready for use, and closed by whoever opened them.

        Args:
            mind: thinks.
            check: judges and ranks.
            voice: text to speech.
            record: told when the voice fails.
            candidates: replies to sample each turn.
            seed: with the same model and the same caregiver lines, the same seed gives the same replies.
        """
        self._mind = mind
        self._check = check
        self._canned = CannedLines()
        self._voice = voice
        self._record = record
        self._candidates = candidates
        self._seed = seed

    async def compose(
        self,
        turn: Turn,
        clock: Clock,
        number: int,
        history: Sequence[Exchange],
        recent: Sequence[str],
        answers: Sequence[str] = (),
        fixed: bool = False,
    ) -> Speech:
        """Answer `turn.caregiver`: write the reply, where it came from and its candidates into the turn.

        Args:
            turn: new.
            clock: of the turn.
            number: of the turn, which its random numbers depend on.
            history: what had been said before.
            recent: the last replies, oldest first.
            answers: lines to choose from when no candidate may be spoken; empty for the canned ones.
            fixed: ask no model, the answers are the only ones.

        Returns:
            The reply as sound.
        """
        thought = await self._think(turn, clock, number, history, fixed)
        with clock.stage("check"):
            if not (thought and self._choose(turn, thought, number, recent)):
                self._fall_back(turn, number, recent, answers)
        turn.expression = expression_for(turn.reply)
        with clock.stage("voice"):
            speech = await self._synthesize(turn.reply)
        turn.seconds = speech.duration_s
        return speech

    async def prepare(self, history: Sequence[Exchange]) -> int:
        """Let the model read what was said before; see `Mind.prepare`.

        Raises:
            MindError: it cannot.
        """
        return await self._mind.prepare(history)

    async def read(self, caregiver: str, history: Sequence[Exchange]) -> None:
        """Let the model read what may have to be answered next, unless it would not be asked.

        Raises:
            MindError: it cannot.
        """
        if not kind_of(caregiver).fixed:
            await self._mind.prepare(history, caregiver)

    async def _think(
        self, turn: Turn, clock: Clock, number: int, history: Sequence[Exchange], fixed: bool
    ) -> Thought | None:
        """Candidates; None where the mind fails, or is not asked because a toddler must not go into that."""
        with clock.stage("think"):
            if fixed or kind_of(turn.caregiver).fixed:
                return None
            try:
                seeds = [self._number(number, f"candidate {i}") for i in range(self._candidates)]
                thought = await self._mind.think(turn.caregiver, history, seeds)
            except MindError as error:
                turn.failure = str(error)
                return None
        turn.stages_ms |= {"prefill": thought.prefill_ms, "decode": thought.decode_ms}
        turn.prompt_tokens, turn.cached_tokens = thought.prompt_tokens, thought.cached_tokens
        return thought

    def _choose(self, turn: Turn, thought: Thought, number: int, recent: Sequence[str]) -> bool:
        """Take the best candidate; whether one may be spoken."""
        ranking = self._check.rank(
            turn.caregiver,
            [tidy(text) for text in thought.texts],
            recent,
            log_p=thought.log_p,
            seed=self._number(number, "length"),
        )
        turn.candidates, turn.wanted_words = describe(ranking), ranking.wanted_words
        if ranking.best is None:
            return False
        turn.reply = ranking.verdicts[ranking.best].reply
        return True

    def _fall_back(self, turn: Turn, number: int, recent: Sequence[str], answers: Sequence[str]) -> None:
        """Take a line that was written for the occasion."""
        turn.source = "canned"
        chance = random.Random(self._number(number, "canned"))
        if answers:
            turn.reply = pick_fresh(answers, recent, chance)
        elif turn.failure:
            turn.reply = self._canned.pick_failed(recent, chance)
        else:
            turn.reply = self._canned.pick(turn.caregiver, recent, chance)

    async def _synthesize(self, text: str) -> Speech:
        """Speech, or silence where the voice fails: the reply is still shown and recorded."""
        try:
            return await self._voice.synthesize(text)
        except VoiceError as error:
            self._record.event("notice", text=str(error))
            return Speech.silence(text)

    def _number(self, turn: int, purpose: str) -> int:
        """A random number that depends on the seed, the turn and the purpose alone."""
        text = f"{self._seed}/{turn}/{purpose}".encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=4).digest())

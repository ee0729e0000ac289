"""Replies that are ready before they are certain."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from robot_runtime.check.words import words_of
from robot_runtime.mind.prompt import Exchange
from robot_runtime.turn import Turn
from robot_runtime.voice.speech import Speech


@dataclass(frozen=True)
class Draft:
    """A reply that was thought, checked and synthesised ahead of time; nobody has heard it, and perhaps nobody will."""

    turn: Turn
    """What it is, and how long each part of it took."""
    speech: Speech
    """It as sound."""
    number: int
    """Of the turn that it was made for."""
    history: Sequence[Exchange]
    """What had been said before."""

    def answers(self, caregiver: str, number: int, history: Sequence[Exchange]) -> bool:
        """Whether it may be the answer: to the same words, whatever their case and punctuation, after the same talk."""
        same_words = words_of(caregiver) == words_of(self.turn.caregiver)
        return same_words and number == self.number and history == self.history


@dataclass(frozen=True)
class Spoken:
    """An utterance that was heard."""

    text: str
    """Its words."""
    draft: asyncio.Task[Draft] | None = None
    """The reply to them, done or under way; None if it has to be thought about."""
    hold_s: float = 0.0
    """From the last voice to the endpoint, in seconds."""
    answers: Sequence[str] = ()
    """What to answer instead of thinking: it was not understood."""

"""From recorded events, one by one, to turns and what happened between them."""

from __future__ import annotations

import json
from collections import deque

from robot_runtime.meter.fields import Event, mapping, number, objects, text
from robot_runtime.meter.trace import Entry, Happening, Hearing, Trace, stages_of

WAITING = 16
"""Utterances that were heard and may still be answered; people who talk that far ahead are not measured."""


class Timeline:
    """Takes events in their order. It keeps only what is not over yet."""

    def __init__(self) -> None:
        """Before the first event."""
        self._hearing: Hearing | None = None
        self._waiting: deque[Hearing] = deque(maxlen=WAITING)
        self._turn: Trace | None = None
        self._turns = 0

    def take(self, event: Event) -> Entry | None:
        """Take the next event; returns what is complete with it."""
        t = number(event, "t") or 0.0
        match event.get("type"):
            case "speech_began":
                self._hearing = Hearing(t, number(event, "at_s"))
            case "partial":
                self._partial(event, t)
            case "heard" | "nothing_heard":
                return self._heard(event, t)
            case "caregiver_said":
                return self._said(event, t)
            case "thought" | "child_says" | "speech_started" | "turn_completed" if self._turn:
                return self._answer(self._turn, event, t)
            case "robot_event":
                kind, data = text(event, "kind"), mapping(event, "data")
                return Happening(t, "robot", f"{kind} {json.dumps(data, ensure_ascii=False)}" if data else kind)
            case "stimulus_dropped":
                return Happening(t, "robot", f"{text(event, 'kind')} was not answered: {text(event, 'why')}")
            case "notice":
                return Happening(t, "notice", text(event, "text"))
            case "stop" | "resume" as kind:
                return Happening(t, kind, "the robot was stopped" if kind == "stop" else "the robot went on")
        return None

    def rest(self) -> list[Entry]:
        """What was not over at the end."""
        turn, self._turn = self._turn, None
        waiting, self._waiting = list(self._waiting), deque(maxlen=WAITING)
        return [*waiting, *([turn] if turn else [])]

    def _partial(self, event: Event, t: float) -> None:
        self._hearing = self._hearing or Hearing(t)
        at_s = number(event, "at_s")
        if at_s is not None:
            self._hearing.partials.append((at_s, text(event, "text")))
            self._hearing.arrived(at_s, t)

    def _heard(self, event: Event, t: float) -> Hearing | None:
        hearing, self._hearing = self._hearing or Hearing(t), None
        hearing.text = text(event, "text")
        hearing.confidence = number(event, "confidence")
        hearing.speech_end_s = number(event, "speech_end_s")
        hearing.endpoint_s = number(event, "endpoint_s")
        if hearing.endpoint_s is not None:
            hearing.arrived(hearing.endpoint_s, t)
        hearing.fate = text(event, "fate") or ("answered" if hearing.text else "nothing heard")
        if hearing.fate not in ("answered", "unclear"):
            return hearing
        self._waiting.append(hearing)
        return None

    def _said(self, event: Event, t: float) -> Trace | None:
        """A turn begins; one that was still open has been given up."""
        given_up = self._turn
        self._turns += 1
        turn = Trace(self._turns, t, text(event, "text"), text(event, "source"), objects(event, "denied"))
        if turn.source == "microphone":
            turn.hearing = next((heard for heard in self._waiting if heard.text == turn.caregiver), None)
            if turn.hearing:
                self._waiting.remove(turn.hearing)
        self._turn = turn
        return given_up

    def _answer(self, turn: Trace, event: Event, t: float) -> Trace | None:
        turn.stages_ms |= stages_of(event)
        match event["type"]:
            case "thought":
                turn.thought_s = t
                turn.reply, turn.reply_source = text(event, "reply"), text(event, "source")
                turn.failure = text(event, "failure")
                turn.early = event.get("early") is True
                turn.candidates = objects(event, "candidates")
            case "child_says":
                turn.reply, turn.reply_source = text(event, "text"), text(event, "source")
            case "speech_started":
                turn.first_sample_s = t
            case "turn_completed":
                turn.completed_s = t
                turn.played_s = number(event, "played_s") or 0.0
                turn.interrupted = event.get("interrupted") is True
                turn.stopped, turn.heard = text(event, "stopped"), text(event, "heard")
                turn.resumed = round(number(event, "resumed") or 0)
                self._turn = None
                return turn
        return None

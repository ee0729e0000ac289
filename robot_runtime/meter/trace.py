"""What a record says of one utterance, of one turn, and of whatever else happened, on the record's clock.

The ear counts samples and the record seconds. The two are brought together anew for every utterance, by the event that
arrived with the least delay: what the ear said of a moment cannot have been recorded before it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from robot_runtime.check.words import words_of
from robot_runtime.meter.fields import Event, number, objects, text

WORK = ("think", "check", "voice")
"""What a reply costs, in its order."""


@dataclass(frozen=True)
class Span:
    """A part of a turn; seconds on the record's clock."""

    kind: str
    """`caregiver`, `hold`, `think`, `check`, `voice`, `wait` or `reply`."""
    began_s: float
    """When it began."""
    ended_s: float
    """When it was over."""
    early: bool = False
    """It was done before the caregiver's turn was over; it began within a few tenths of a second of `began_s`."""


@dataclass
class Hearing:
    """One utterance as the ear followed it; times in seconds of the ear's clock unless they say otherwise."""

    t: float
    """When the record first speaks of it, on the record's clock."""
    began_s: float | None = None
    """When the voice began."""
    partials: list[tuple[float, str]] = field(default_factory=list)
    """When the recogniser had another opinion, and all words of it."""
    speech_end_s: float | None = None
    """End of the last voice."""
    endpoint_s: float | None = None
    """When the hold was over."""
    text: str = ""
    """The words in the end."""
    confidence: float | None = None
    """Their mean confidence, 0 to 1."""
    fate: str = ""
    """What became of it: answered, unclear, ignored, echo, back_channel; nothing heard."""
    offset_s: float | None = None
    """To be added for the record's clock; None as long as it is not known."""

    def arrived(self, at_s: float, t: float) -> None:
        """An event about the moment `at_s` was recorded at `t`."""
        self.offset_s = t - at_s if self.offset_s is None else min(self.offset_s, t - at_s)

    def recorded(self, at_s: float | None) -> float | None:
        """A moment on the record's clock."""
        return None if at_s is None or self.offset_s is None else at_s + self.offset_s

    @property
    def drafted_s(self) -> float | None:
        """Since when the last words were known, on the record's clock: an early reply to them was begun then."""
        since = None
        for at_s, words in reversed(self.partials):
            if words_of(words) != words_of(self.text):
                break
            since = at_s
        return self.recorded(since)


@dataclass
class Trace:
    """One turn. Times in seconds on the record's clock, None where the record does not have them."""

    number: int
    """1 for the first one."""
    t: float
    """When the caregiver's words were taken up."""
    caregiver: str
    """They."""
    source: str
    """`keyboard`, `microphone` or `body`."""
    denied: list[Event] = field(default_factory=list)
    """What the deny list found in them, as recorded."""
    hearing: Hearing | None = None
    """How they were heard."""
    reply: str = ""
    """The answer."""
    reply_source: str = ""
    """`model` or `canned`."""
    failure: str = ""
    """Why the mind gave nothing."""
    early: bool = False
    """The answer was ready before the caregiver had finished."""
    candidates: list[Event] = field(default_factory=list)
    """As recorded."""
    stages_ms: dict[str, float] = field(default_factory=dict)
    """As recorded."""
    thought_s: float | None = None
    """When the answer was ready to be spoken."""
    first_sample_s: float | None = None
    """When its first sample went out."""
    completed_s: float | None = None
    """When the turn was over; None of one that was given up."""
    played_s: float = 0.0
    """How much was played, in seconds."""
    interrupted: bool = False
    """It was not played to its end."""
    stopped: str = ""
    """Why it was stopped the last time: `voice`, `touch`, `line`, `body`, `stop`, `end`; empty if it was not."""
    resumed: int = 0
    """How often it went on after that."""
    heard: str = ""
    """The words of it that were played."""

    @property
    def zero_s(self) -> float:
        """When the caregiver had finished: the end of the last voice, or of the line that was typed."""
        heard = self.hearing.recorded(self.hearing.speech_end_s) if self.hearing else None
        return self.t - self.stages_ms.get("hold", 0.0) / 1e3 if heard is None else heard

    @property
    def hold_ms(self) -> float | None:
        """How long the ear waited for more; None of what was not heard."""
        if self.hearing and self.hearing.speech_end_s is not None and self.hearing.endpoint_s is not None:
            return (self.hearing.endpoint_s - self.hearing.speech_end_s) * 1e3
        return self.stages_ms.get("hold")

    @property
    def answer_ms(self) -> float | None:
        """From the end of the caregiver's words to the first sample; None if there was no sound."""
        return None if self.first_sample_s is None else (self.first_sample_s - self.zero_s) * 1e3

    @property
    def after_hold_ms(self) -> float | None:
        """What the answer took beyond the hold; None of what was not heard."""
        if self.answer_ms is None or self.hold_ms is None:
            return None
        return self.answer_ms - self.hold_ms

    @property
    def work_ms(self) -> float:
        """What thinking, check and voice took together."""
        return sum(self.stages_ms.get(stage, 0.0) for stage in WORK)

    @property
    def wait_ms(self) -> float | None:
        """What of the answer's time was neither hold nor work."""
        if self.answer_ms is None:
            return None
        return max(0.0, self.answer_ms - (self.hold_ms or 0.0) - (0.0 if self.early else self.work_ms))

    @property
    def refused(self) -> int:
        """How many candidates the check refused."""
        return sum(bool(objects(candidate, "refusals")) for candidate in self.candidates)

    @property
    def rules(self) -> Counter[str]:
        """How many refusals each rule gave."""
        return Counter(
            text(refusal, "rule") for candidate in self.candidates for refusal in objects(candidate, "refusals")
        )

    def spans(self) -> list[Span]:
        """The parts of the turn whose times are known, those of the work last."""
        spans = []
        zero, hearing = self.zero_s, self.hearing
        began = hearing.recorded(hearing.began_s) if hearing else None
        if began is not None:
            spans.append(Span("caregiver", began, zero))
        taken = zero + (self.hold_ms or 0.0) / 1e3
        if taken > zero:
            spans.append(Span("hold", zero, taken))
        if self.first_sample_s is not None:
            spans.append(Span("wait", taken, self.first_sample_s))
            spans.append(Span("reply", self.first_sample_s, self.first_sample_s + self.played_s))
        return spans + self._work()

    def _work(self) -> list[Span]:
        at = self.hearing.drafted_s if self.early and self.hearing else None
        if self.early and at is None:
            return []
        if at is None:
            if self.thought_s is None:
                return []
            at = self.thought_s - self.work_ms / 1e3
        spans = []
        for stage in WORK:
            if stage in self.stages_ms:
                end = at + self.stages_ms[stage] / 1e3
                spans.append(Span(stage, at, end, self.early))
                at = end
        return spans


@dataclass(frozen=True)
class Happening:
    """Something besides talk."""

    t: float
    """When, on the record's clock."""
    kind: str
    """The event's type."""
    text: str
    """What."""


Entry = Trace | Hearing | Happening
"""What a session consists of; a hearing by itself is one that was not answered."""


def stages_of(event: Event) -> dict[str, float]:
    """The `stages_ms` of an event, as far as they are numbers."""
    stages: Any = event.get("stages_ms")
    if not isinstance(stages, dict):
        return {}
    return {name: ms for name in stages if (ms := number(stages, name)) is not None}

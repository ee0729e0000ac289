"""What happened in one turn, and how long each part of it took."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from robot_runtime.check import Ranking
from robot_runtime.robot import Expression


@dataclass
class Turn:
    """What happened in one turn."""

    caregiver: str
    """What was said to the toddler, or what something that happened to its body amounts to."""
    heard_as: str = "keyboard"
    """How that came: `keyboard`, or `body` where nobody said it."""
    reply: str = ""
    """What it answered."""
    source: str = "model"
    """`model` or `canned`."""
    failure: str | None = None
    """Why the mind gave nothing, None if it did."""
    expression: Expression = Expression.NEUTRAL
    """The face it was said with."""
    candidates: list[dict[str, Any]] = field(default_factory=list)
    """Every candidate: text, score, scores by check, refusals with rule and detail, chosen."""
    wanted_words: int | None = None
    """Words of the length that was drawn for the reply; None where none was."""
    early: bool = False
    """The reply was ready before the caregiver had finished."""
    stages_ms: dict[str, float] = field(default_factory=dict)
    """Milliseconds of the silence after which the turn was taken (hold, of what was heard), think (prefill and decode
    within it), check, voice, what a study's delay adds (wait) and means to reach (intended), and from the caregiver's
    line to the first sample (first_sample) and to the end of the speech (total)."""
    cached_tokens: int = 0
    """Prompt tokens that were evaluated before the turn began."""
    prompt_tokens: int = 0
    """Length of the prompt."""
    drafted_s: float | None = None
    """When the thinking began, on the monotonic clock, if that was before the caregiver had finished."""
    interrupted: bool = False
    """It was not said to its end."""
    stopped: str | None = None
    """Why it was stopped the last time: `voice` (somebody said a word), `touch`, `line` (typed), `body` (something
    urgent), `stop`, `end` (of the talk)."""
    resumed: int = 0
    """How often it went on after that, because nobody had wanted to say anything."""
    heard_words: int = 0
    """How many words of the reply were played to their end."""
    seconds: float = 0.0
    """Length of the speech."""
    played_s: float = 0.0
    """How much of it was played."""

    @property
    def heard(self) -> str:
        """The words that were played."""
        return " ".join(self.reply.split()[: self.heard_words])

    def adopt(self, draft: Turn) -> None:
        """Take over a reply that was made ahead of time, and what it cost."""
        for name in (
            "reply",
            "source",
            "failure",
            "expression",
            "candidates",
            "wanted_words",
            "cached_tokens",
            "prompt_tokens",
            "seconds",
            "drafted_s",
        ):
            setattr(self, name, getattr(draft, name))
        self.early = True
        self.stages_ms |= draft.stages_ms


def turn_json(turn: Turn) -> dict[str, Any]:
    """A turn as JSON types."""
    return {
        "caregiver": turn.caregiver,
        "heard_as": turn.heard_as,
        "reply": turn.reply,
        "source": turn.source,
        "failure": turn.failure,
        "early": turn.early,
        "expression": turn.expression,
        "candidates": turn.candidates,
        "wanted_words": turn.wanted_words,
        "stages_ms": rounded(turn.stages_ms),
        "prompt_tokens": turn.prompt_tokens,
        "cached_tokens": turn.cached_tokens,
        "interrupted": turn.interrupted,
        "resumed": turn.resumed,
        "seconds": round(turn.seconds, 3),
    }


def describe(ranking: Ranking) -> list[dict[str, Any]]:
    """A ranking as JSON types, one entry a candidate."""
    return [
        {
            "text": verdict.reply,
            "chosen": number == ranking.best,
            "score": round(verdict.score, 4),
            "scores": {name: round(score, 4) for name, score in verdict.scores.items()},
            "refusals": [{"rule": refusal.rule, "detail": refusal.detail} for refusal in verdict.refusals],
        }
        for number, verdict in enumerate(ranking.verdicts)
    ]


def rounded(stages_ms: dict[str, float]) -> dict[str, float]:
    """Milliseconds to the microsecond."""
    return {stage: round(ms, 3) for stage, ms in stages_ms.items()}


class Clock:
    """Writes milliseconds into a turn."""

    def __init__(self, stages_ms: dict[str, float]) -> None:
        """Start now; write into `stages_ms`."""
        self._stages_ms = stages_ms
        self._began = time.perf_counter()

    def passed_ms(self) -> float:
        """Milliseconds since the turn began."""
        return (time.perf_counter() - self._began) * 1e3

    def mark(self, name: str) -> None:
        """Note the milliseconds since the turn began."""
        self._stages_ms[name] = self.passed_ms()

    def stage(self, name: str) -> _Stage:
        """Milliseconds of a `with` block."""
        return _Stage(self._stages_ms, name)


class _Stage:
    def __init__(self, stages_ms: dict[str, float], name: str) -> None:
        self._stages_ms = stages_ms
        self._name = name

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._stages_ms[self._name] = (time.perf_counter() - self._began) * 1e3

"""What the check says about a candidate."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """One reason why a reply may not be spoken."""

    rule: str
    """The rule's id, such as `lexicon` or `deny.violence`; stable, for records."""

    detail: str
    """What in the reply broke it, in a few words."""


@dataclass(frozen=True)
class Verdict:
    """The check of one reply."""

    reply: str
    """The reply as it would be spoken."""

    score: float
    """How good it is, in [0, 1], whether refused or not."""

    refusals: tuple[Refusal, ...]
    """Why it may not be spoken; empty when it may."""

    scores: dict[str, float]
    """Each term of the score by its name, in [0, 1]."""

    @property
    def passed(self) -> bool:
        """Whether the reply may be spoken."""
        return not self.refusals


@dataclass(frozen=True)
class Ranking:
    """The check of all candidates for one turn."""

    best: int | None
    """Index of the candidate to speak; None when every one was refused."""

    verdicts: tuple[Verdict, ...]
    """One a candidate, in the order given; identical candidates share a verdict."""

    wanted_words: int | None = None
    """Words of the length that was drawn for the turn; None where none was."""

"""What happens to the robot's body, as something that the toddler answers.

An event of a known kind waits for its turn as a stimulus; `stimuli.toml` says what it amounts to. So that the toddler
neither chatters nor answers what is long past, a kind has a cooldown, stimuli keep a distance from each other, and
each expires. What is dropped is told with the reason: `disabled`, `cooldown`, `waiting` (one of its kind does already),
`full`, `expired` or `ended`.
"""

from __future__ import annotations

import functools
import math
import random
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robot_runtime.errors import SettingsError
from robot_runtime.robot import RobotEvent

STIMULI_FILE = Path(__file__).parent / "stimuli.toml"
"""The shipped reactions."""

GAP_S = 4.0
"""Seconds between two stimuli that are not urgent. Our choice: an answer takes some two seconds to think and say."""

WAITING = 4
"""Stimuli that may wait; the oldest goes when there are more."""


@dataclass(frozen=True)
class BodySettings:
    """What becomes of the things that happen to the body."""

    react: bool = True
    """Answer them; they are recorded in any case."""
    ignored: str = ""
    """Kinds that are not answered, separated by commas, as in `tapped, cube_tapped`."""
    cooldown_scale: float = 1.0
    """Factor on the seconds in which a kind is not answered again. 0 to 100."""

    def __post_init__(self) -> None:
        """Refuse values outside the ranges named above."""
        if not 0 <= self.cooldown_scale <= 100:
            raise SettingsError(f"cooldown_scale = {self.cooldown_scale:g} is outside 0 to 100")
        if unknown := self.ignored_kinds - load_reactions().keys():
            raise SettingsError(
                f"ignored names no kind '{sorted(unknown)[0]}'; there are: {', '.join(sorted(load_reactions()))}"
            )

    @property
    def ignored_kinds(self) -> frozenset[str]:
        """The kinds in `ignored`."""
        return frozenset(kind.strip() for kind in self.ignored.split(",") if kind.strip())


@dataclass(frozen=True)
class Reaction:
    """What stimuli.toml says about a kind; its head explains the fields."""

    says: tuple[str, ...] = ()
    """What it amounts to as a caregiver's line; empty for what is not answered."""
    answers: tuple[str, ...] = ()
    """Replies for when no candidate passed the check."""
    fixed: bool = False
    """The answers are the only ones."""
    urgent: bool = False
    """It goes before the others."""
    cooldown_s: float = 0.0
    """Seconds until the kind is answered again."""
    expires_s: float = 6.0
    """Seconds until it is too late for an answer."""
    notice: str = ""
    """Told to the user."""


@functools.cache
def load_reactions() -> Mapping[str, Reaction]:
    """The shipped reactions by kind of event."""
    table: dict[str, dict[str, Any]] = tomllib.loads(STIMULI_FILE.read_text("utf-8"))
    return {kind: Reaction(**{**entry, **_tuples(entry)}) for kind, entry in table.items()}


def _tuples(entry: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(value) for name, value in entry.items() if isinstance(value, list)}


def reaction_to(event: RobotEvent) -> Reaction:
    """How to react to an event; to one of an unknown kind, not at all."""
    return load_reactions().get(event.kind, Reaction())


@dataclass(frozen=True)
class Stimulus:
    """Something that happened to the body, and is to be answered now."""

    kind: str
    """Of the event."""
    says: str
    """What it amounts to as a caregiver's line."""
    reaction: Reaction
    """How to answer."""


@dataclass(frozen=True)
class _Waiting:
    kind: str
    reaction: Reaction
    since: float


class Stimuli:
    """Those that wait. Times are seconds of any clock that only goes forward."""

    def __init__(self, settings: BodySettings, seed: int, dropped: Callable[[str, str], None]) -> None:
        """Begin with none.

        Args:
            settings: what is answered, and how often.
            seed: of the wordings.
            dropped: told the kind and the reason of each that will not be answered.
        """
        self._settings = settings
        self._chance = random.Random(seed)
        self._dropped = dropped
        self._waiting: list[_Waiting] = []
        self._answered: dict[str, float] = {}
        self._given = -GAP_S

    def offer(self, event: RobotEvent, now: float) -> None:
        """Let an event wait for its turn, or drop it; one of a kind that is never answered is passed over."""
        reaction = reaction_to(event)
        if not reaction.says:
            return
        if not self._settings.react or event.kind in self._settings.ignored_kinds:
            self._dropped(event.kind, "disabled")
            return
        cooldown = reaction.cooldown_s * self._settings.cooldown_scale
        if now - self._answered.get(event.kind, -math.inf) < cooldown:
            self._dropped(event.kind, "cooldown")
            return
        if any(item.kind == event.kind for item in self._waiting):
            self._dropped(event.kind, "waiting")
            return
        self._waiting.append(_Waiting(event.kind, reaction, now))
        if len(self._waiting) > WAITING:
            self._dropped(self._waiting.pop(0).kind, "full")

    def due(self, now: float) -> float | None:
        """Seconds until `next` can give one, None while none waits."""
        if not self._waiting:
            return None
        return 0.0 if self._urgent() else max(0.0, self._given + GAP_S - now)

    def next(self, now: float, *, urgent: bool = False) -> Stimulus | None:
        """The stimulus whose turn it is: the urgent before the others, the older before the newer.

        Args:
            now: the time.
            urgent: give none but an urgent one.
        """
        for late in [item for item in self._waiting if now - item.since > item.reaction.expires_s]:
            self._waiting.remove(late)
            self._dropped(late.kind, "expired")
        if not self._waiting or (urgent and not self._urgent()) or self.due(now):
            return None
        chosen = (self._urgent() or self._waiting)[0]
        self._waiting.remove(chosen)
        self._given = self._answered[chosen.kind] = now
        return Stimulus(chosen.kind, self._chance.choice(chosen.reaction.says), chosen.reaction)

    def close(self) -> None:
        """Drop all that wait."""
        for item in self._waiting:
            self._dropped(item.kind, "ended")
        self._waiting.clear()

    def _urgent(self) -> list[_Waiting]:
        return [item for item in self._waiting if item.reaction.urgent]

"""What goes wrong, with which probability, and the seeded dice that decide when."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from robot_runtime.errors import SettingsError

REQUEST_FAULTS = ("bad_request", "error", "unavailable", "slow", "hang", "drop_before", "drop_after")
"""What can befall a request; at most one of them does."""

MESSAGE_FAULTS = ("half_open", "socket_drop")
"""What can befall a message of the WebSocket."""

PROBABILITIES = (*REQUEST_FAULTS, *MESSAGE_FAULTS, "ignored")
"""The fields of `Faults` that are probabilities."""


@dataclass(frozen=True)
class Faults:
    """Probabilities are 0 to 1, those of the faults of a request for each request, and together at most 1."""

    bad_request: float = 0.0
    """Answers 400 and does nothing."""
    error: float = 0.0
    """Answers 500 and does nothing."""
    unavailable: float = 0.0
    """Answers 503 and does nothing."""
    slow: float = 0.0
    """Does it, but answers late."""
    slow_least_s: float = 1.0
    """How late at least, in seconds."""
    slow_most_s: float = 4.0
    """How late at most, in seconds."""
    hang: float = 0.0
    """Does nothing and never answers."""
    drop_before: float = 0.0
    """Cuts the connection and does nothing."""
    drop_after: float = 0.0
    """Does it and cuts the connection."""
    half_open: float = 0.0
    """For each message of the WebSocket: the socket stays open, but nothing comes through any more."""
    socket_drop: float = 0.0
    """For each message of the WebSocket: the socket is cut."""
    ignored: float = 0.0
    """For each command that comes while another is under way: answers 200 and does nothing (reported from a robot)."""
    delay_ms: float = 0.0
    """Network delay in real milliseconds each way: of a request, of its answer, and of a message of the WebSocket."""
    reboot_at_s: tuple[float, ...] = ()
    """Seconds after the start at which the robot reboots by itself."""

    def __post_init__(self) -> None:
        """Check the probabilities.

        Raises:
            SettingsError: they are out of range.
        """
        for kinds in (REQUEST_FAULTS, MESSAGE_FAULTS, ("ignored",)):
            shares = [getattr(self, kind) for kind in kinds]
            if not (min(shares) >= 0 and sum(shares) <= 1 + 1e-9):
                raise SettingsError(
                    f"the probabilities of the faults {', '.join(kinds)} must be 0 to 1, and so their sum"
                )

    @classmethod
    def mixed(cls, rate: float, **others: Any) -> Faults:
        """Every kind of fault, so that a request meets some fault with probability `rate`, and so does a message."""
        shares = dict.fromkeys(REQUEST_FAULTS, rate / len(REQUEST_FAULTS))
        shares |= dict.fromkeys(MESSAGE_FAULTS, rate / len(MESSAGE_FAULTS)) | {"ignored": rate}
        return cls(**{**shares, **others})


class FaultSource:
    """Decides by seeded dice: the same seed and the same order of requests meet the same faults."""

    def __init__(self, faults: Faults, seed: int, record: Callable[..., None]) -> None:
        """Throw dice of `seed`; `record(type, **fields)` is told of every fault that is applied."""
        self.faults = faults
        self._requests = random.Random(f"{seed} requests")
        self._messages = random.Random(f"{seed} messages")
        self._record = record
        self.applied: dict[str, int] = {}
        """How often each fault befell."""

    def of_request(self, what: str, busy: bool) -> str | None:
        """The fault that befalls the request `what`, if any.

        Args:
            what: verb and path, for the record.
            busy: another command is under way.
        """
        dice, ignored = self._requests.random(), self._requests.random()
        fault = self._draw(REQUEST_FAULTS, dice)
        if fault is None and busy and ignored < self.faults.ignored:
            fault = "ignored"
        return self._note(fault, what)

    def of_message(self) -> str | None:
        """The fault that befalls a message of the WebSocket, if any."""
        return self._note(self._draw(MESSAGE_FAULTS, self._messages.random()), "message")

    def slow_s(self) -> float:
        """How late a slow answer is, in seconds."""
        return self._requests.uniform(self.faults.slow_least_s, self.faults.slow_most_s)

    def _draw(self, kinds: tuple[str, ...], dice: float) -> str | None:
        for kind in kinds:
            dice -= getattr(self.faults, kind)
            if dice < 0:
                return kind
        return None

    def _note(self, fault: str | None, what: str) -> str | None:
        if fault is not None:
            self.applied[fault] = self.applied.get(fault, 0) + 1
            self._record("fault", fault=fault, at=what)
        return fault

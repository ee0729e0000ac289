"""What a user may change about a Cozmo: the `[robot]` section of a profile."""

from __future__ import annotations

from dataclasses import dataclass

from robot_runtime.errors import SettingsError


@dataclass(frozen=True)
class CozmoSettings:
    """Settings of the adapter."""

    volume: float = 0.8
    """Loudness of the robot's loudspeaker, 0 .. 1."""
    lead_in_s: float = 0.2
    """Silence before each utterance in seconds, 0 .. 1: the amplifier swallows the beginning of a sound (reported,
    sun4git/SmartCozmo)."""
    connect_s: float = 30.0
    """How long to try to reach the robot at the start, in seconds, 1 .. 3600."""
    patience_s: float = 10.0
    """How long an utterance waits for a robot that has gone, in seconds, 0 .. 600; then it is shown only as text."""
    moves: bool = True
    """Whether head and lift move."""
    moves_anywhere: bool = False
    """Whether they also move on the charger and at the edge of a table."""
    wheels: bool = False
    """Whether a no, for which Cozmo cannot shake its head, may be a small turn to and fro on its treads."""

    def __post_init__(self) -> None:
        """Refuse what is out of range; raises `SettingsError`."""
        limits = {"volume": (0, 1), "lead_in_s": (0, 1), "connect_s": (1, 3600), "patience_s": (0, 600)}
        for key, (lowest, highest) in limits.items():
            if not lowest <= getattr(self, key) <= highest:
                raise SettingsError(f"{key} is {getattr(self, key)}: choose a value from {lowest} to {highest}")

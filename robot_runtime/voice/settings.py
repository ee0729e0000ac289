"""What a user may change about the voice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from robot_runtime.errors import SettingsError

ENGINES = ("auto", "espeak", "pyttsx3", "none")
"""What `VoiceSettings.engine` may be."""
TODDLER_VOICE = Path(__file__).parent / "voices" / "toddler"
"""The espeak-ng voice file that comes with the package."""


@dataclass(frozen=True)
class VoiceSettings:
    """Settings of both engines; the defaults are the calibrated child-like voice."""

    engine: str = "auto"
    """`espeak`, `pyttsx3`, `none`, or `auto`: espeak on Linux, pyttsx3 on macOS and Windows."""
    rate_wpm: int = 130
    """Speaking rate in words per minute, 80 .. 300. Adults speak at about 175; young children are slower."""
    pitch: int = 50
    """espeak's pitch, 0 .. 99; 50 is the voice file's own pitch."""
    pitch_range: int = 65
    """espeak's intonation range, 0 .. 99; 0 is monotone, 50 the voice file's own range."""
    voice_file: Path = TODDLER_VOICE
    """The espeak-ng voice file to speak with."""
    system_voice: str = ""
    """The identifier of a system voice for pyttsx3; empty picks an English female one, else the system default."""
    target_f0_hz: float = 290.0
    """Where pyttsx3's adult voice is shifted to, in Hz; where our espeak voice was measured. Adult women
    speak at about 200 Hz, children of two and three at about 300."""
    max_seconds: float = 20.0
    """Longest utterance; speech is cut there. A reply of 24 tokens takes about 8 s."""
    deadline_s: float = 15.0
    """How long an engine may take for one utterance before it counts as hung."""

    def __post_init__(self) -> None:
        """Refuse what an engine would bend without a word; raises `SettingsError`."""
        if self.engine not in ENGINES:
            raise SettingsError(f"engine is {self.engine!r}: choose one of {', '.join(ENGINES)}.")
        limits = {
            "rate_wpm": (80, 300),
            "pitch": (0, 99),
            "pitch_range": (0, 99),
            "target_f0_hz": (80, 500),
            "max_seconds": (0.1, 600),
            "deadline_s": (0.1, 600),
        }
        for key, (lowest, highest) in limits.items():
            if not lowest <= getattr(self, key) <= highest:
                raise SettingsError(f"{key} is {getattr(self, key)}: choose a value from {lowest} to {highest}.")

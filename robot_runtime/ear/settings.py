"""What a user may change about the ear: the `[ear]` section of a profile."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from robot_runtime.errors import SettingsError


@dataclass(frozen=True)
class ActivitySettings:
    """When sound counts as speech: `[ear.activity]`."""

    silero: bool = True
    """Ask the network; without it loudness decides, which takes every noise for speech."""
    voice_on: float = 0.5
    """Probability of speech from which a voice begins, 0.05 to 1; Silero's authors use 0.5."""
    voice_off: float = 0.35
    """Probability below which it ends, 0 to `voice_on`; Silero's authors use 0.15 less than for its beginning."""
    above_noise_db: float = 9.0
    """How much louder than the quietest moments speech has to be, in dB, 3 to 40. The mean of steady noise is some
    2 dB above its quietest moment."""
    speech_s: float = 0.3
    """Seconds of voice that are speech even if no word is recognised, 0.1 to 2. A cough takes a quarter of a second."""
    pause_s: float = 0.2
    """Seconds without voice that are a pause, 0.06 to 1. The closure of a `t` or `k` takes up to 0.1 s."""

    def __post_init__(self) -> None:
        """Refuse values outside the ranges named above; raises `SettingsError`."""
        _check(self, voice_on=(0.05, 1), above_noise_db=(3, 40), speech_s=(0.1, 2), pause_s=(0.06, 1))
        _check(self, voice_off=(0, self.voice_on))


@dataclass(frozen=True)
class EndpointSettings:
    """How long a silence has to be for the turn to be over: `[ear.endpoint]`.

    People answer each other after 0.2 s, dialogue systems after 0.2 to 1 s; children pause up to 0.8 s within a turn.
    """

    complete_s: float = 0.35
    """Seconds after words that sound finished, `shortest_s` to `longest_s`."""
    unclear_s: float = 0.55
    """Seconds after words that may be finished, likewise."""
    unfinished_s: float = 0.9
    """Seconds after words that sound unfinished, or when there are none, likewise."""
    adapt: bool = True
    """Learn from the speaker: longer after one went on just before or after the end was assumed, shorter after clean
    ends."""
    shortest_s: float = 0.25
    """Lower bound of what is learned, in seconds, 0.1 to 1."""
    longest_s: float = 1.5
    """Upper bound, in seconds, `shortest_s` to 5."""
    utterance_s: float = 12.0
    """Longest turn in seconds, 1 to 60; it is ended there."""

    def __post_init__(self) -> None:
        """Refuse values outside the ranges named above; raises `SettingsError`."""
        _check(self, shortest_s=(0.1, 1), utterance_s=(1, 60))
        _check(self, longest_s=(self.shortest_s, 5))
        bounds = (self.shortest_s, self.longest_s)
        _check(self, complete_s=bounds, unclear_s=bounds, unfinished_s=bounds)


@dataclass(frozen=True)
class EarSettings:
    """How the toddler hears: `[ear]`."""

    hear: Path | None = None
    """A WAV file, or a folder with WAV files, to listen to in place of a microphone."""
    realtime: bool = True
    """Whether files take the time that their sound takes."""
    robot: bool = True
    """Hear through the robot's own microphones, if it has some and neither `hear` nor `microphone` is set."""
    microphone: str | None = None
    """A name that `doctor` lists, or `null` for one that gives silence; None is the default device."""
    recogniser: str = "vosk"
    """Name of an installed recogniser."""
    model: Path | None = None
    """The recogniser's model: a folder or a name out of `models list`; None is the recogniser's own choice."""
    phrases: str = ""
    """All that is expected to be said, separated by commas, as in `yes, no, where is your bag`; empty: free speech."""
    early: bool = True
    """Think while the caregiver may still be speaking; off, the reply is thought about when the turn is over."""
    confidence: float = 0.5
    """Below this mean confidence of the words the toddler asks again, 0 to 1; 0 takes everything."""
    tail_s: float = 0.25
    """Seconds that the ear stays shut after the robot has spoken, for the echo of the room. 0 to 3."""
    echo: str = "auto"
    """What becomes of the robot's own voice. `gate`: the ear is shut while the robot speaks. `remove`: it is taken out
    of what is heard, and one can interrupt; one is told where that is impossible. `auto`: the same without a word."""
    activity: ActivitySettings = field(default_factory=ActivitySettings)
    """`[ear.activity]`"""
    endpoint: EndpointSettings = field(default_factory=EndpointSettings)
    """`[ear.endpoint]`"""

    def __post_init__(self) -> None:
        """Refuse values outside the ranges named above; raises `SettingsError`."""
        _check(self, tail_s=(0, 3), confidence=(0, 1))
        if self.echo not in ("auto", "remove", "gate"):
            raise SettingsError(f"echo = {self.echo!r} is none of auto, remove, gate")

    @property
    def expected(self) -> tuple[str, ...]:
        """The phrases in `phrases`, in lower case."""
        return tuple(phrase.strip().lower() for phrase in self.phrases.split(",") if phrase.strip())


def _check(settings: object, **ranges: tuple[float, float]) -> None:
    """Refuse fields outside their range."""
    for name, (low, high) in ranges.items():
        value = getattr(settings, name)
        if not low <= value <= high:
            raise SettingsError(f"{name} = {value:g} is outside {low:g} to {high:g}")

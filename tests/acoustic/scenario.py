"""Scenarios: who says what when in which room, what happens meanwhile, and what is expected of the robot. YAML.

about: One line about what is shown.
robots: [virtual, cozmo]    # against which it is run
slow_robots: [misty]        # and against which only `make slow` runs it
room: {echo_db: -6}         # keys of `RoomSettings`
repeat: 1                   # how often the talk is gone through
quiet_s: 2                  # seconds to go on listening after the last step
talk:                       # a list of `Step`s
  - say: hello pip
    answers: 1
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from robot_runtime.errors import SettingsError
from robot_runtime.settings import section

ROBOTS = ("virtual", "cozmo", "misty")
"""What a scenario can be run against."""

VOICES = ("caregiver", "adult", "child")
"""Who can speak."""

MOMENTS = ("answer", "speaking")
"""What a step can wait for: that the robot has said something since the step before and is silent, or that it has
begun to."""

EVENTS = ("mind kill", "microphone unplug", "microphone plug", "robot ")
"""What can happen; after `robot` comes whatever the robot's simulator can be told."""


@dataclass(frozen=True)
class RoomSettings:
    """What the microphone hears beside the user."""

    delay_ms: float = 12.0
    """From the robot's loudspeaker to the microphone, 0 to 500: sound takes 3 ms for a metre, devices the rest."""
    echo_db: float = -24.0
    """How loud the robot is at the microphone, beside what it plays, -120 to 0."""
    noise_db: float = -65.0
    """Loudness of the noise, of full scale, -120 to -20."""

    def __post_init__(self) -> None:
        """Refuse values outside the ranges named above; raises `SettingsError`."""
        for name, (low, high) in {"delay_ms": (0, 500), "echo_db": (-120, 0), "noise_db": (-120, -20)}.items():
            if not low <= getattr(self, name) <= high:
                raise SettingsError(f"{name} = {getattr(self, name):g} is outside {low} to {high}")


@dataclass(frozen=True)
class Step:
    """One thing that is done, and what is expected from its beginning to that of the next step."""

    after: float | str = 0.5
    """Seconds since the end of the step before, or one of `MOMENTS`."""
    say: str = ""
    """Words in lower case; `...` is a hesitation."""
    voice: str = VOICES[0]
    """One of `VOICES`."""
    noise_ms: float = 0.0
    """Or a noise as loud as a cough that lasts so long."""
    event: str = ""
    """Or one of `EVENTS`."""
    heard: str | None = None
    """The words that the robot understands, empty for none."""
    answers: int | None = None
    """How often the robot speaks up."""
    absent: bool = False
    """It does not, not even once."""
    answer_within_ms: float | None = None
    """From the last sample of the word to the first that is audible of the robot."""
    told: str = ""
    """Part of a notice that the user gets."""

    def __post_init__(self) -> None:
        """Refuse what cannot be done; raises `SettingsError`."""
        if sum(map(bool, (self.say, self.noise_ms, self.event))) != 1:
            raise SettingsError("needs exactly one of say, noise_ms and event")
        if isinstance(self.after, str) and self.after not in MOMENTS:
            raise SettingsError(f"after = {self.after!r} is neither seconds nor {' nor '.join(MOMENTS)}")
        if self.voice not in VOICES:
            raise SettingsError(f"there is no voice {self.voice!r}: choose one of {', '.join(VOICES)}")
        if self.event and not self.event.startswith(EVENTS):
            raise SettingsError(f"event = {self.event!r} is none of {', '.join(EVENTS)}")
        if self.absent and (self.answers or self.answer_within_ms):
            raise SettingsError("absent excludes answers and answer_within_ms")


@dataclass(frozen=True)
class Scenario:
    """A whole one."""

    about: str
    """What is shown."""
    robots: tuple[str, ...]
    """Against which of `ROBOTS`."""
    talk: tuple[Step, ...]
    """In order."""
    slow_robots: tuple[str, ...] = ()
    """And against which it takes too long to be run each time."""
    repeat: int = 1
    """How often the talk is gone through."""
    quiet_s: float = 1.0
    """Seconds to go on listening after the last step and the answers to it."""
    room: RoomSettings = field(default_factory=RoomSettings)
    """Where."""


def read(path: Path) -> Scenario:
    """Read a scenario.

    Raises:
        SettingsError: it cannot be read, or something in it is wrong; the message says where.
    """
    where = f"{path.name}: "
    try:
        table = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"{where}{error}") from error
    known = {each.name for each in dataclasses.fields(Scenario)}
    if not isinstance(table, dict) or not {"about", "robots", "talk"} <= set(table) <= known:
        raise SettingsError(f"{where}needs about, robots and talk, and knows {', '.join(sorted(known))}")
    for key in ("robots", "slow_robots"):
        named = table.get(key, [])
        if not isinstance(named, list) or not all(name in ROBOTS for name in named):
            raise SettingsError(f"{where}{key} is a list of some of {', '.join(ROBOTS)}")
        table[key] = tuple(named)
    for key, kinds in {"repeat": int, "quiet_s": int | float}.items():
        if not isinstance(table.get(key, 1), kinds) or table.get(key, 1) < 0:
            raise SettingsError(f"{where}{key} = {table[key]!r} is no number from 0 on")
    if (
        not isinstance(table["talk"], list)
        or not table["talk"]
        or not all(isinstance(step, dict) for step in table["talk"])
    ):
        raise SettingsError(f"{where}talk is a list of steps")
    steps = enumerate(table["talk"], 1)
    table["talk"] = tuple(section(Step, f"step {number}", step, where) for number, step in steps)
    table["room"] = section(RoomSettings, "room", table.get("room", {}), where)
    table["talk"] *= table.get("repeat", 1)
    return Scenario(**table)

"""Scenarios: who says what when in which room, what happens meanwhile, and what is expected of the robot. YAML.

about: One line about what is shown.
robots: [virtual, cozmo]    # against which it is run
slow_robots: [misty]        # and against which it takes too long to be run each time
room: {echo_db: -6}         # keys of `RoomSettings`
quick: false                # sound takes no time; for the virtual robot only
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
from typing import Any

from robot_runtime.errors import MissingExtraError, SettingsError
from robot_runtime.settings import section
from robot_runtime.stand.caregiver import VOICES
from robot_runtime.stand.room import RoomSettings

MOMENTS = ("answer", "speaking")
"""What a step can wait for: that the robot has said something since the step before and is silent, or that it has
begun to."""

EVENTS = ("mind kill", "microphone unplug", "microphone plug", "robot ")
"""What can happen; after `robot` comes whatever the robot's simulator can be told."""


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
    """Platforms against which it is run."""
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
    quick: bool = False
    """Sound takes no time, see `room.py`; for the virtual robot only."""


def scenarios_in(path: Path) -> dict[str, Scenario]:
    """Read a scenario, or all of a folder, by name.

    Raises:
        SettingsError: there is none, or something is wrong in one.
        MissingExtraError: the extra `stand` is not installed.
    """
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not files:
        raise SettingsError(f"the folder {path} has no scenario: no name in it ends in .yaml")
    return {file.stem: read(file) for file in files}


def read(path: Path) -> Scenario:
    """Read a scenario.

    Raises:
        SettingsError: it cannot be read, or something in it is wrong; the message says where.
        MissingExtraError: the extra `stand` is not installed.
    """
    try:
        import yaml
    except ImportError as error:
        raise MissingExtraError("Reading scenarios", "stand") from error
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
        if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
            raise SettingsError(f"{where}{key} is a list of names of robots")
        table[key] = tuple(named)
    numbers: dict[str, Any] = {"repeat": int, "quiet_s": int | float}
    for key, kinds in numbers.items():
        if not isinstance(table.get(key, 1), kinds) or table.get(key, 1) < 0:
            raise SettingsError(f"{where}{key} = {table[key]!r} is no number from 0 on")
    if not isinstance(table.get("quick", False), bool):
        raise SettingsError(f"{where}quick is true or false")
    talk = table["talk"]
    if not isinstance(talk, list) or not talk or not all(isinstance(step, dict) for step in talk):
        raise SettingsError(f"{where}talk is a list of steps")
    steps = enumerate(table["talk"], 1)
    table["talk"] = tuple(section(Step, f"step {number}", step, where) for number, step in steps)
    table["room"] = section(RoomSettings, "room", table.get("room", {}), where)
    table["talk"] *= table.get("repeat", 1)
    return Scenario(**table)

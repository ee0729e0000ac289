"""All settings, from a TOML profile, the environment and the command line, the later ones winning.

A profile has one section for each field of `Settings`; a key's meaning, unit and range stand in the docstring under the
field of that name. A file that a profile names is looked for beside the profile first. The environment variable of
`[mind] candidates` is `TODDLER_ROBOT_MIND_CANDIDATES`. What `[robot]` may hold is known to the robot alone, which reads
it with `section`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import os
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from robot_runtime.check import CheckSettings
from robot_runtime.ear.settings import EarSettings
from robot_runtime.errors import SettingsError
from robot_runtime.mind.settings import MindSettings
from robot_runtime.stimuli import BodySettings
from robot_runtime.timing import TimingSettings
from robot_runtime.voice.settings import VoiceSettings

Section = TypeVar("Section")

PREFIX = "TODDLER_ROBOT_"
"""How the environment variables begin."""

NO_SETTINGS = frozenset({"TODDLER_ROBOT_CACHE"})
"""Variables of that beginning that belong to no profile: where models are kept."""


@dataclass(frozen=True)
class SessionSettings:
    """What a session is made of."""

    platform: str = "virtual"
    """Name of an installed robot."""
    ip: str | None = None
    """The robot's address, HOST or HOST:PORT."""
    model: str | None = None
    """Catalogue name or path of a .gguf file; None is the bundled model."""
    record: str | None = None
    """Folder below which the session's own folder is made; None keeps no record."""
    seed: int | None = None
    """Seed of everything that is drawn by lot; None draws the seed itself."""
    sound_device: str | None = None
    """Output device of the computer, for robots that speak through it: a name that `doctor` lists, or `none`; None is
    the default device."""


@dataclass(frozen=True)
class Settings:
    """A whole profile."""

    session: SessionSettings = field(default_factory=SessionSettings)
    """`[session]`"""
    mind: MindSettings = field(default_factory=MindSettings)
    """`[mind]`"""
    check: CheckSettings = field(default_factory=CheckSettings)
    """`[check]`"""
    voice: VoiceSettings = field(default_factory=VoiceSettings)
    """`[voice]`"""
    ear: EarSettings = field(default_factory=EarSettings)
    """`[ear]`"""
    timing: TimingSettings = field(default_factory=TimingSettings)
    """`[timing]`"""
    body: BodySettings = field(default_factory=BodySettings)
    """`[body]`"""
    robot: Mapping[str, Any] = field(default_factory=dict)
    """`[robot]`, as it stands there; values from the environment are text."""


def load(
    profile: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    options: Mapping[str, Mapping[str, Any]] | None = None,
) -> Settings:
    """Read settings.

    Args:
        profile: a TOML file.
        environment: environment variables; those that do not begin with `PREFIX` are not looked at.
        options: {section: {key: value}} from the command line; values of None do not count.

    Raises:
        SettingsError: a file that cannot be read, or an unknown section or key, or a value of the wrong kind.
    """
    tables: dict[str, dict[str, Any]] = {item.name: {} for item in dataclasses.fields(Settings)}
    kinds = typing.get_type_hints(Settings)
    if profile is not None:
        for name, table in _read(profile).items():
            if name not in tables or not isinstance(table, dict):
                raise SettingsError(f"{profile}: no section [{name}]{_nearest(name, tables)}")
            tables[name] |= _found(table, kinds[name], profile.parent)
    for variable, text in environment.items():
        if variable.startswith(PREFIX) and variable not in NO_SETTINGS:
            name, key = _split(variable, tables)
            tables[name][key] = text
    for name, values in (options or {}).items():
        tables[name] |= {key: value for key, value in values.items() if value is not None}
    where = f"{profile}: " if profile else ""
    robot = tables.pop("robot")
    sections: dict[str, Any] = {name: section(kinds[name], name, table, where) for name, table in tables.items()}
    return Settings(**sections, robot=robot)


def section(kind: type[Section], name: str, table: Mapping[str, Any], where: str = "") -> Section:
    """A dataclass from a table; a field that is a dataclass itself is a table within the table.

    Args:
        kind: the dataclass.
        name: of the section, for messages.
        table: keys and values, as in TOML; text where another type is wanted is converted.
        where: how messages begin, for instance with the profile's name.

    Raises:
        SettingsError: an unknown key, or a value of the wrong kind or outside its range.
    """
    hints = typing.get_type_hints(kind)
    values = {}
    for key, value in table.items():
        if key not in hints:
            raise SettingsError(f"{where}no key '{key}' in [{name}]{_nearest(key, hints)}")
        if dataclasses.is_dataclass(hints[key]) and isinstance(value, dict):
            values[key] = section(typing.cast(type[Any], hints[key]), f"{name}.{key}", value, where)
        else:
            values[key] = _value(value, hints[key], f"{where}[{name}] {key}")
    try:
        return kind(**values)
    except (ValueError, SettingsError) as error:
        raise SettingsError(f"{where}[{name}] {error}") from error


def _read(profile: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(profile.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read the profile {profile}: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"the profile {profile} is not TOML: {error}") from error


def _found(table: Mapping[str, Any], kind: Any, folder: Path) -> dict[str, Any]:
    """The table with the files that are named in it and lie in the folder."""
    hints = typing.get_type_hints(kind) if dataclasses.is_dataclass(kind) else {}
    found = {}
    for key, value in table.items():
        hint = hints.get(key)
        if isinstance(value, dict):
            value = _found(value, hint, folder)
        elif isinstance(value, str) and Path in (hint, *typing.get_args(hint)) and (folder / value).exists():
            value = folder / value
        found[key] = value
    return found


def _split(variable: str, tables: Mapping[str, Any]) -> tuple[str, str]:
    name, _, key = variable.removeprefix(PREFIX).lower().partition("_")
    if name not in tables:
        raise SettingsError(f"the environment variable {variable} names no section of a profile; unset it")
    return name, key


def _value(value: Any, hint: Any, what: str) -> Any:
    """A value of the type that the hint asks for; text (from the environment) is converted."""
    allowed = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    if type(value) in allowed or (isinstance(value, Path) and Path in allowed):
        return value
    if isinstance(value, str) and bool in allowed and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if isinstance(value, str) and Path in allowed:
        return Path(value)
    for kind in (int, float):
        if kind in allowed and isinstance(value, str | int) and not isinstance(value, bool):
            with contextlib.suppress(ValueError):
                return kind(value)
    names = " or ".join("nothing" if kind is type(None) else kind.__name__ for kind in allowed)
    raise SettingsError(f"{what} = {value!r} should be {names}")


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"; did you mean '{near[0]}'?" if near else f"; there are: {', '.join(sorted(known))}"

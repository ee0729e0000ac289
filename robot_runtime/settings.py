"""All settings, from a TOML profile, the environment and the command line, the later ones winning.

A profile has one section for each field of `Settings`; a key's meaning, unit and range stand in the docstring under the
field of that name. The environment variable of `[mind] candidates` is `TODDLER_ROBOT_MIND_CANDIDATES`.
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
from typing import Any

from robot_runtime.check import CheckSettings
from robot_runtime.errors import SettingsError
from robot_runtime.mind.settings import MindSettings
from robot_runtime.voice.settings import VoiceSettings

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
    tables: dict[str, dict[str, Any]] = {section.name: {} for section in dataclasses.fields(Settings)}
    if profile is not None:
        for section, table in _read(profile).items():
            if section not in tables or not isinstance(table, dict):
                raise SettingsError(f"{profile}: no section [{section}]{_nearest(section, tables)}")
            tables[section] |= table
    for variable, text in environment.items():
        if variable.startswith(PREFIX) and variable not in NO_SETTINGS:
            section, key = _split(variable, tables)
            tables[section][key] = text
    for section, values in (options or {}).items():
        tables[section] |= {key: value for key, value in values.items() if value is not None}
    kinds = typing.get_type_hints(Settings)
    where = f"{profile}: " if profile else ""
    return Settings(**{section: _section(kinds[section], section, table, where) for section, table in tables.items()})


def _read(profile: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(profile.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read the profile {profile}: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"the profile {profile} is not TOML: {error}") from error


def _split(variable: str, tables: Mapping[str, Any]) -> tuple[str, str]:
    section, _, key = variable.removeprefix(PREFIX).lower().partition("_")
    if section not in tables:
        raise SettingsError(f"the environment variable {variable} names no section of a profile; unset it")
    return section, key


def _section(kind: type, section: str, table: Mapping[str, Any], where: str) -> Any:
    """A dataclass from a table; a field that is a dataclass itself is a table within the table."""
    hints = typing.get_type_hints(kind)
    values = {}
    for key, value in table.items():
        if key not in hints:
            raise SettingsError(f"{where}no key '{key}' in [{section}]{_nearest(key, hints)}")
        if dataclasses.is_dataclass(hints[key]) and isinstance(value, dict):
            values[key] = _section(typing.cast(type, hints[key]), f"{section}.{key}", value, where)
        else:
            values[key] = _value(value, hints[key], f"{where}[{section}] {key}")
    try:
        return kind(**values)
    except (ValueError, SettingsError) as error:
        raise SettingsError(f"{where}[{section}] {error}") from error


def _value(value: Any, hint: Any, what: str) -> Any:
    """A value of the type that the hint asks for; text (from the environment) is converted."""
    allowed = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    if type(value) in allowed:
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

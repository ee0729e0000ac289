"""All settings of a training run: a preset or a TOML file, then `--set section.key=value`.

A file has a section for each field of `TrainingConfig`; what a key means stands under the field of that name. It may
begin with `preset = "card"`, and then holds only what differs.
"""

from __future__ import annotations

import tomllib
import typing
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from importlib import resources
from pathlib import Path
from typing import Any

from robot_runtime.errors import SettingsError
from robot_runtime.settings import section
from toddler_training.base.settings import BaseSettings
from toddler_training.data.settings import DataSettings
from toddler_training.evaluate.settings import EvaluateSettings
from toddler_training.export.settings import ExportSettings
from toddler_training.filter.settings import FilterSettings
from toddler_training.grpo.settings import GrpoSettings
from toddler_training.rewards.settings import RewardsSettings
from toddler_training.sft.settings import SftSettings
from toddler_training.sweep.settings import SweepSettings

Tables = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class TrainingConfig:
    """A whole run."""

    base: BaseSettings = field(default_factory=BaseSettings)
    """`[base]`."""
    data: DataSettings = field(default_factory=DataSettings)
    """`[data]`."""
    rewards: RewardsSettings = field(default_factory=RewardsSettings)
    """`[rewards]`."""
    filter: FilterSettings = field(default_factory=FilterSettings)
    """`[filter]`."""
    sft: SftSettings = field(default_factory=SftSettings)
    """`[sft]`."""
    grpo: GrpoSettings = field(default_factory=GrpoSettings)
    """`[grpo]`."""
    export: ExportSettings = field(default_factory=ExportSettings)
    """`[export]`."""
    evaluate: EvaluateSettings = field(default_factory=EvaluateSettings)
    """`[evaluate]`."""
    sweep: SweepSettings = field(default_factory=SweepSettings)
    """`[sweep]`."""


def presets() -> list[str]:
    """Names of the presets that come with the package."""
    folder = resources.files("toddler_training.presets")
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def load_config(source: str, changes: Sequence[str] = ()) -> TrainingConfig:
    """Read a configuration.

    Args:
        source: name of a preset, or path of a TOML file.
        changes: `section.key=value` each, the value as in TOML; bare words are text.

    Raises:
        SettingsError: neither a preset nor a file, or an unknown section or key, or a value of the wrong kind.
    """
    tables = _tables(source)
    for change in changes:
        name, key, value = _change(change)
        tables.setdefault(name, {})[key] = value
    kinds = typing.get_type_hints(TrainingConfig)
    unknown = sorted(set(tables) - {item.name for item in fields(TrainingConfig)})
    if unknown:
        raise SettingsError(f"{source}: no section [{unknown[0]}]; there are: {', '.join(kinds)}")
    return TrainingConfig(**{name: section(kinds[name], name, table, f"{source}: ") for name, table in tables.items()})


def _tables(source: str) -> Tables:
    if source in presets():
        return _read(resources.files("toddler_training.presets").joinpath(f"{source}.toml").read_text("utf-8"), source)
    path = Path(source).expanduser()
    try:
        return _read(path.read_text("utf-8"), source)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{source} is neither a preset ({', '.join(presets())}) nor a file that can be read: {error}"
        ) from error


def _read(text: str, source: str) -> Tables:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{source} is not TOML: {error}") from error
    preset = content.pop("preset", None)
    if preset is not None and preset not in presets():
        raise SettingsError(f"{source}: no preset {preset!r}; there are: {', '.join(presets())}")
    tables: Tables = _tables(preset) if preset else {}
    for name, table in content.items():
        if not isinstance(table, dict):
            raise SettingsError(f"{source}: '{name}' stands outside a section")
        tables[name] = _merged(tables.get(name, {}), table)
    return tables


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """`old` with what `new` says, table by table."""
    both = dict(old)
    for key, value in new.items():
        nested = isinstance(value, dict) and isinstance(both.get(key), dict)
        both[key] = _merged(both[key], value) if nested else value
    return both


def _change(change: str) -> tuple[str, str, Any]:
    where, equals, text = change.partition("=")
    name, dot, key = where.strip().partition(".")
    if not (equals and dot and name and key):
        raise SettingsError(f"--set {change}: write section.key=value, for instance grpo.steps=100")
    try:
        return name, key, tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return name, key, text.strip()

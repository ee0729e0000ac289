"""The catalogue: models known by name, read from `toddler_models/catalogue.toml`."""

from __future__ import annotations

import dataclasses
import difflib
import re
import tomllib
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import toddler_models
from robot_runtime.errors import ModelError, UnknownModelError
from robot_runtime.model_store.sampling import Sampling

NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
"""Names are file names too."""

CATALOGUE = toddler_models.DATA / "catalogue.toml"
"""The catalogue that comes with the package."""


@dataclass(frozen=True)
class CatalogueEntry:
    """A model known by name."""

    name: str
    """Name of its table."""
    about: str
    """One sentence for `models list`."""
    licence: str
    """SPDX name, or what is known in its place."""
    prompt_format: str
    """A name in robot_runtime/mind/prompt_formats.toml."""
    bundled: str = ""
    """File beside the catalogue; empty for a model that is pulled."""
    repository: str = ""
    """owner/name on the Hugging Face Hub; empty for a bundled model."""
    revision: str = "main"
    """Branch or commit there. Whatever the first pull finds is written to the lock file and holds from then on."""
    files: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of files of the repository, where known; the others are pinned by the first pull."""
    size_mb: int = 0
    """Megabytes (10^6 bytes) of the Q8_0 file that a pull makes; 0 for a bundled model, which can be looked at."""
    notice: str = ""
    """What the user must be told before a pull."""
    system: str | None = None
    """System text in place of the prompt format's own."""
    sampling: Sampling = field(default_factory=Sampling)
    """Sampling that suits the model."""


@dataclass(frozen=True)
class VoskEntry:
    """A model that listens, known by name: one archive to be unpacked. Its table has `kind = "vosk"`."""

    name: str
    """Name of its table."""
    about: str
    """One sentence for `models list`."""
    licence: str
    """SPDX name, or what is known in its place."""
    url: str
    """Of a ZIP archive that holds the model in one folder."""
    size: int
    """Bytes of the archive."""
    sha256: str
    """Of the archive, in hexadecimal."""


def load_catalogue(path: Path = CATALOGUE) -> dict[str, CatalogueEntry]:
    """All models that talk by name, in the file's order.

    Raises:
        ModelError: the file cannot be read, or an entry has an unknown key, lacks one or holds a value of another kind.
    """
    tables = _tables(path).items()
    return {name: _entry(f"{path}: [{name}]", name, table) for name, table in tables if not _is_vosk(table)}


def load_vosk_entries(path: Path = CATALOGUE) -> dict[str, VoskEntry]:
    """All models that listen by name, in the file's order; raises as `load_catalogue`."""
    entries = {}
    for name, table in _tables(path).items():
        if _is_vosk(table):
            values = {key: value for key, value in table.items() if key != "kind"}
            entries[name] = VoskEntry(name=name, **_checked(f"{path}: [{name}]", VoskEntry, values, given=("name",)))
    return entries


def _is_vosk(table: Any) -> bool:
    return isinstance(table, dict) and table.get("kind") == "vosk"


def _tables(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"cannot read the model catalogue {path}: {error}") from error


def entry_named(name: str) -> CatalogueEntry:
    """The entry of that name.

    Raises:
        UnknownModelError: there is none; the message names the nearest.
    """
    catalogue = load_catalogue()
    if name in catalogue:
        return catalogue[name]
    if name in load_vosk_entries():
        raise UnknownModelError(f"{name} is a model that listens: it belongs to the ear, and cannot talk")
    near = difflib.get_close_matches(name, catalogue, 1, 0.4)
    meant = f" Did you mean {near[0]}?" if near else ""
    raise UnknownModelError(f"no model '{name}', and no such .gguf file; known are: {', '.join(catalogue)}.{meant}")


def _entry(where: str, name: str, table: Any) -> CatalogueEntry:
    if not isinstance(table, dict) or not NAME.fullmatch(name):
        raise ModelError(f"{where} must be a table, named in lower-case letters, digits, '.', '_' and '-'")
    values = dict(table)
    if "sampling" in values:
        values["sampling"] = Sampling(**_checked(f"{where} sampling", Sampling, values["sampling"]))
    entry = CatalogueEntry(name=name, **_checked(where, CatalogueEntry, values, given=("name",)))
    if bool(entry.bundled) == bool(entry.repository):
        raise ModelError(f"{where} must have either 'bundled' or 'repository'")
    return entry


def _checked(where: str, kind: type, table: Any, given: tuple[str, ...] = ()) -> dict[str, Any]:
    """The table, if its keys are those of the dataclass and its values of their kinds."""
    if not isinstance(table, dict):
        raise ModelError(f"{where} must be a table")
    kinds = typing.get_type_hints(kind)
    for given_name in given:
        del kinds[given_name]
    unknown = set(table) - set(kinds)
    if unknown:
        raise ModelError(f"{where} has the unknown key '{min(unknown)}'; there are: {', '.join(kinds)}")
    for item in dataclasses.fields(kind):
        needed = item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
        if item.name not in table and needed and item.name not in given:
            raise ModelError(f"{where} lacks the key '{item.name}'")
    converted = {
        key: float(value) if kinds[key] is float else value for key, value in table.items() if _fits(value, kinds[key])
    }
    for key in table:
        if key not in converted:
            raise ModelError(f"{where} {key} is not of the kind {getattr(kinds[key], '__name__', kinds[key])}")
    return converted


def _fits(value: Any, kind: Any) -> bool:
    if isinstance(value, bool):
        return kind is bool
    if kind is float:
        return isinstance(value, int | float)
    if kind == Mapping[str, str]:
        return isinstance(value, dict) and all(isinstance(inner, str) for inner in value.values())
    return isinstance(value, kind)

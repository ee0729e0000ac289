"""From what a user writes after `--model` to a file and what has to be known to talk with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import platformdirs

import toddler_models
from robot_runtime.errors import ModelError
from robot_runtime.model_store.catalogue import CatalogueEntry, entry_named, load_catalogue
from robot_runtime.model_store.checksums import Lock, manifest_sha256, read_locks
from robot_runtime.model_store.gguf_header import read_texts
from robot_runtime.model_store.sampling import Sampling

BUNDLED = "toddler-nursery"
"""The model that needs no download."""

KINDS = ("q8_0", "q4_0")
"""What a pulled model is quantised to, the preferred kind first."""

ENTRY_BESIDE = "catalogue-entry.toml"
"""What a training run writes beside its files: one table as in the catalogue."""

PROMPT_FORMAT_KEY = "toddler.prompt_format"
"""GGUF metadata key under which the exporter stores the name of a prompt format."""


@dataclass(frozen=True)
class LocatedModel:
    """A model on this computer."""

    path: Path
    """The GGUF file."""
    name: str
    """Catalogue name, or the file's name without its ending."""
    prompt_format: str
    """A name in robot_runtime/mind/prompt_formats.toml."""
    sampling: Sampling
    """Sampling that suits it."""
    system: str | None
    """System text, None for the prompt format's own."""
    licence: str
    """SPDX name, or what is known in its place."""
    sha256: str | None
    """What the file's SHA-256 must be, None if nobody has said."""


def cache_folder() -> Path:
    """The user's cache folder for this program; on Linux `$XDG_CACHE_HOME` or ~/.cache decides where it is."""
    return platformdirs.user_cache_path("toddler-robot")


def models_folder() -> Path:
    """Where pulled models and their lock file lie."""
    return cache_folder() / "models"


def lock_file() -> Path:
    """Holds the checksums of pulled models."""
    return models_folder() / "models.lock.toml"


def pulled_file(entry: CatalogueEntry, kind: str) -> Path:
    """Where a pull leaves the model of that kind."""
    return models_folder() / entry.name / f"{entry.name}-{kind}.gguf"


def present_file(entry: CatalogueEntry) -> Path | None:
    """The model's file if it is on this computer."""
    paths = [pulled_file(entry, kind) for kind in KINDS]
    if entry.bundled:
        paths = [toddler_models.DATA / entry.bundled]
    return next((path for path in paths if path.is_file()), None)


def locate(name_or_path: str | None) -> LocatedModel:
    """Find a model.

    Args:
        name_or_path: a catalogue name, a .gguf file, a folder that holds exactly one, or the folder of a training run;
            None is the bundled model.

    Raises:
        UnknownModelError: neither a name nor a file.
        ModelError: a known model that has not been pulled, or a file that cannot be used.
    """
    name = name_or_path or BUNDLED
    path = Path(name).expanduser()
    if path.is_dir() and name not in load_catalogue():
        path = _only_file(path)
    if path.is_file():
        return _file(path)
    entry = entry_named(name)
    found = present_file(entry)
    if found is None and entry.bundled:
        raise ModelError(
            f"the bundled model {toddler_models.DATA / entry.bundled} is missing: install the package again"
        )
    if found is None:
        raise ModelError(f"the model {name} is not on this computer yet: toddler-robot models pull {name}")
    return LocatedModel(
        path=found,
        name=name,
        prompt_format=entry.prompt_format,
        sampling=entry.sampling,
        system=entry.system,
        licence=entry.licence,
        sha256=_expected_sha256(entry, found),
    )


def _expected_sha256(entry: CatalogueEntry, path: Path) -> str | None:
    if entry.bundled:
        return manifest_sha256(path.parent / f"{entry.name}.json")
    return read_locks(lock_file()).get(entry.name, Lock()).files.get(path.name)


def _only_file(folder: Path) -> Path:
    """The file to use: of a training run's the preferred kind, elsewhere the only one."""
    exported = folder / "export" if (folder / "export").is_dir() else folder
    files = sorted(exported.glob("*.gguf"))
    if (exported / ENTRY_BESIDE).is_file():
        for kind in KINDS:
            chosen = [file for file in files if file.stem.endswith(f"-{kind}")]
            if len(chosen) == 1:
                return chosen[0]
    if len(files) != 1:
        raise ModelError(f"{folder} holds {len(files)} .gguf files; name the one to use")
    return files[0]


def _file(path: Path) -> LocatedModel:
    """A file that the catalogue does not vouch for; what is known of it stands in it, or in its name."""
    texts = read_texts(path)
    beside = path.parent / ENTRY_BESIDE
    ours = beside.is_file()
    entries = load_catalogue(beside) if ours else load_catalogue()
    entry = next((e for e in entries.values() if path.stem.lower().startswith(e.name)), None)
    return LocatedModel(
        path=path,
        name=path.stem,
        prompt_format=_prompt_format(texts, entry),
        sampling=entry.sampling if entry else Sampling(),
        system=entry.system if entry else None,
        licence=entry.licence if entry and ours else texts.get("general.license", "not stated in the file"),
        sha256=None,
    )


def _prompt_format(texts: dict[str, str], entry: CatalogueEntry | None) -> str:
    """What the exporter wrote; else what the name tells; else ChatML, which most small models know.

    A profile's `mind.prompt_format` overrides it.
    """
    if PROMPT_FORMAT_KEY in texts:
        return texts[PROMPT_FORMAT_KEY]
    return entry.prompt_format if entry else "chatml"

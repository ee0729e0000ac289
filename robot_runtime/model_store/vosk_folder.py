"""Folders of Vosk models: where they are, and whether Vosk could use one without ending the process."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from robot_runtime.errors import ModelError, UnknownModelError
from robot_runtime.model_store.catalogue import load_vosk_entries
from robot_runtime.model_store.checksums import sha256_of
from robot_runtime.model_store.locate import models_folder

DEFAULT = "vosk-small-en-us"
"""The model that is meant when none is named."""

NEEDED = ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf")
"""Besides a graph: graph/HCLG.fst, or graph/HCLr.fst and graph/Gr.fst."""

_SILENCE_PHONES = re.compile(r"^--endpoint\.silence-phones=\d+(:\d+)*\s*$", re.MULTILINE)


def vosk_folder(name: str) -> Path:
    """Where a pull leaves the model of that name."""
    return models_folder() / name


def locate_vosk(name_or_path: str | Path | None) -> Path:
    """The folder of a Vosk model.

    Args:
        name_or_path: a folder, or a name of the catalogue; None is `DEFAULT`.

    Raises:
        UnknownModelError: neither.
        ModelError: a known model that has not been pulled.
    """
    name = str(name_or_path or DEFAULT)
    entries = load_vosk_entries()
    if name not in entries:
        folder = Path(name).expanduser()
        if folder.is_dir():
            return folder
        raise UnknownModelError(f"no Vosk model '{name}', and no such folder; known are: {', '.join(entries)}")
    if not vosk_folder(name).is_dir():
        raise ModelError(f"the model {name} is not on this computer yet: toddler-robot models pull {name}")
    return vosk_folder(name)


def is_vosk_folder(folder: Path) -> bool:
    """Whether this looks like a Vosk model, complete or not."""
    return (folder / "am").is_dir() and (folder / "graph").is_dir()


def check_folder(folder: Path) -> None:
    """Refuse a folder for which Vosk has no answer but to abort the process, or that is no Vosk model.

    Raises:
        ModelError: names what is missing.
    """
    graph = ("graph/HCLG.fst",) if (folder / "graph/HCLG.fst").is_file() else ("graph/HCLr.fst", "graph/Gr.fst")
    for name in (*NEEDED, *graph):
        if not (folder / name).is_file() or not (folder / name).stat().st_size:
            raise ModelError(f"{folder} is no complete Vosk model: {name} is missing or empty")
    text = (folder / "conf/model.conf").read_text("utf-8", "replace")
    if not _SILENCE_PHONES.search(text):
        raise ModelError(f"{folder} cannot be used: conf/model.conf names no --endpoint.silence-phones")


def folder_sha256(folder: Path) -> str:
    """One SHA-256 for all files of a folder and their names.

    Raises:
        ModelError: a file cannot be read.
    """
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        total.update(f"{sha256_of(path)}  {path.relative_to(folder).as_posix()}\n".encode())
    return total.hexdigest()

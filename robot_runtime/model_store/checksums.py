"""SHA-256 of model files, and the lock file that pins what the first pull found."""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from robot_runtime.errors import DownloadError, ModelError


@dataclass(frozen=True)
class Lock:
    """What the first pull of a model found; later pulls must find the same."""

    revision: str = ""
    """Commit of the repository; empty before the first pull."""
    files: dict[str, str] = field(default_factory=dict)
    """SHA-256 in hexadecimal of every file that was fetched and every file that was made of them."""


def sha256_of(path: Path) -> str:
    """SHA-256 of a file in hexadecimal.

    Raises:
        ModelError: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror}") from error


def require_sha256(path: Path, known: Sequence[str]) -> str:
    """The SHA-256 of a file that was fetched.

    Raises:
        DownloadError: it is not each of the known ones; the file is removed, to be fetched again.
    """
    found = sha256_of(path)
    for sha256 in known:
        if sha256 != found:
            path.unlink()
            raise DownloadError(
                f"{path.name} is not the file it should be: its SHA-256 is {found[:12]}…, not {sha256[:12]}…. "
                "Pull again; if it stays so, somebody has changed the file: do not use it"
            )
    return found


def read_locks(path: Path) -> dict[str, Lock]:
    """All locks by model name; none when there is no file yet.

    Raises:
        ModelError: the file is there and holds something else.
    """
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
        return {name: Lock(str(table["revision"]), dict(table["files"])) for name, table in tables.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"the lock file {path} is damaged ({error}); delete it, and pull the models again") from error


def write_lock(path: Path, name: str, lock: Lock) -> None:
    """Put a model's lock into the file, which is replaced at once."""
    locks = read_locks(path) | {name: lock}
    lines = [
        "# Written by `toddler-robot models pull`: what the first pull of a model found, and later ones must find."
    ]
    for each, held in sorted(locks.items()):
        lines += ["", f'["{each}"]', f"revision = {json.dumps(held.revision)}", f'["{each}".files]']
        lines += [f"{json.dumps(file)} = {json.dumps(sha256)}" for file, sha256 in sorted(held.files.items())]
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    unfinished.write_text("\n".join(lines) + "\n", "utf-8")
    unfinished.replace(path)


def manifest_sha256(path: Path) -> str | None:
    """The `sha256` entry of the JSON file that the training writes beside the bundled model; None without one."""
    try:
        value = json.loads(path.read_text("utf-8")).get("sha256")
    except (OSError, ValueError, AttributeError):
        return None
    return value if isinstance(value, str) else None

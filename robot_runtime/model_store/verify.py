"""Is a model file what it should be, and does llama.cpp run it here?"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from robot_runtime.model_store.checksums import Lock, read_locks, sha256_of
from robot_runtime.model_store.child import ChildEnd, run_child
from robot_runtime.model_store.locate import LocatedModel, locate, lock_file
from robot_runtime.model_store.vosk_folder import folder_sha256, locate_vosk

TIMEOUT_S = 120.0
"""Seconds that loading and one decode may take; a 386 MB model from a slow disk takes about 20."""


@dataclass(frozen=True)
class VerifyReport:
    """What `verify` found."""

    name: str
    """The model's name."""
    path: str
    """The file, or the folder of a Vosk model."""
    ok: bool
    """Whether it can be used."""
    text: str
    """One line for people: what was found, and what to do."""
    sha256: str
    """SHA-256 of the file in hexadecimal; of a folder, see `folder_sha256`."""
    expected_sha256: str | None
    """What it should be, None if nobody has said."""


def verify(model: LocatedModel | str | None = None) -> VerifyReport:
    """Compare a model's checksum and try a decode in a child process.

    Args:
        model: as for `locate`, or what it returned.

    Raises:
        ModelError: there is no such model, or the file cannot be read.
    """
    found = model if isinstance(model, LocatedModel) else locate(model)
    sha256 = sha256_of(found.path)
    if found.sha256 not in (None, sha256):
        ok, text = False, f"changed since it was made: pull it again, or install the package again ({found.path})"
    else:
        end = smoke_decode(found.path)
        checksum = "checksum right" if found.sha256 else "no checksum known"
        ok, text = (
            not end.failed,
            f"{checksum}, llama.cpp cannot run it: {end.why}" if end.failed else f"{checksum}, runs",
        )
    return VerifyReport(found.name, str(found.path), ok, text, sha256, found.sha256)


def verify_vosk(name_or_path: str | Path) -> VerifyReport:
    """Compare the checksum of a Vosk model and let it listen, in a child process; without vosk only the former.

    Args:
        name_or_path: as for `locate_vosk`.

    Raises:
        ModelError: there is no such model, or a file cannot be read.
    """
    folder, name = locate_vosk(name_or_path), str(name_or_path)
    found, expected = folder_sha256(folder), locked_sha256(name)
    if expected not in (None, found):
        return VerifyReport(
            name, str(folder), False, f"changed since it was pulled: pull it again ({folder})", found, expected
        )
    checksum = "checksum right" if expected else "no checksum known"
    if find_spec("vosk") is None:
        return VerifyReport(name, str(folder), True, f"{checksum}, not tried: vosk is not installed", found, expected)
    end = run_child("robot_runtime.model_store.vosk_smoke", [str(folder)], TIMEOUT_S)
    text = f"{checksum}, Vosk cannot run it: {end.why}" if end.failed else f"{checksum}, runs"
    return VerifyReport(name, str(folder), not end.failed, text, found, expected)


def locked_sha256(name: str) -> str | None:
    """The `folder_sha256` that the pull of a Vosk model wrote down, None if it was not pulled."""
    return read_locks(lock_file()).get(name, Lock()).files.get(name)


def smoke_decode(path: Path) -> ChildEnd:
    """Let a child process load a model and evaluate a few tokens; a crash or logits that are no numbers fail."""
    return run_child("robot_runtime.model_store.smoke", [str(path)], TIMEOUT_S)

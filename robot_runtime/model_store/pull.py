"""Pulling a model of the catalogue: fetch, convert, quantise, try it, put it in its place."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

from robot_runtime.errors import ModelError
from robot_runtime.model_store.catalogue import entry_named
from robot_runtime.model_store.checksums import Lock, read_locks, sha256_of, write_lock
from robot_runtime.model_store.export import export_gguf
from robot_runtime.model_store.hub import fetch
from robot_runtime.model_store.locate import locate, lock_file, pulled_file
from robot_runtime.model_store.quantize import quantize
from robot_runtime.model_store.verify import smoke_decode


def pull(name: str, *, kind: str = "q8_0", notice: Callable[[str], None] = lambda line: None) -> Path:
    """Make a model of the catalogue ready for use.

    What was fetched is removed when the model stands; an interrupted pull leaves it for the next one.

    Args:
        name: catalogue name.
        kind: `q8_0` or `q4_0`.
        notice: is told what goes on, a line at a time.

    Returns:
        The GGUF file.

    Raises:
        UnknownModelError: no such name.
        DownloadError: see `hub.fetch`.
        ConversionError: the fetched files cannot be converted.
        ModelError: llama.cpp cannot run the result.
    """
    entry = entry_named(name)
    if entry.bundled:
        notice(f"{name} comes with the package: nothing to pull")
        return locate(name).path
    target = pulled_file(entry, kind)
    lock = read_locks(lock_file()).get(name, Lock())
    if target.is_file() and sha256_of(target) == lock.files.get(target.name):
        notice(f"{name} is here already: {target}")
        return target
    if entry.notice:
        notice(entry.notice.strip())
    source = target.parent / "source"
    notice(f"fetching {entry.repository}")
    lock = fetch(entry, source, lock)
    write_lock(lock_file(), name, lock)
    notice("converting")
    export_gguf(source, source / "f16.gguf", name=name, prompt_format=entry.prompt_format)
    notice(f"quantising to {kind}")
    made = source / target.name
    quantize(source / "f16.gguf", made, kind)
    end = smoke_decode(made)
    if end.failed:
        raise ModelError(f"llama.cpp cannot run {name} after its conversion: {end.why}")
    write_lock(lock_file(), name, dataclasses.replace(lock, files=lock.files | {target.name: sha256_of(made)}))
    made.replace(target)
    shutil.rmtree(source)
    notice(f"ready: {target}")
    return target

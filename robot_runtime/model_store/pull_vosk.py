"""Pulling a Vosk model: fetch its archive, unpack it beside its place, try it, put it there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from robot_runtime.errors import ModelError
from robot_runtime.model_store.catalogue import VoskEntry
from robot_runtime.model_store.checksums import Lock, write_lock
from robot_runtime.model_store.download import download
from robot_runtime.model_store.locate import lock_file
from robot_runtime.model_store.unpack import unpack
from robot_runtime.model_store.verify import locked_sha256, verify_vosk
from robot_runtime.model_store.vosk_folder import check_folder, folder_sha256, vosk_folder


def pull_vosk(entry: VoskEntry, *, notice: Callable[[str], None] = lambda line: None) -> Path:
    """Make a Vosk model ready for use.

    An interrupted pull leaves what was fetched for the next one, and the model's folder as it was before.

    Args:
        entry: what to pull.
        notice: is told what goes on, a line at a time.

    Returns:
        The model's folder.

    Raises:
        DownloadError: see `download`.
        ModelError: the archive holds no Vosk model, or Vosk cannot run it.
    """
    target = vosk_folder(entry.name)
    if target.is_dir() and folder_sha256(target) == locked_sha256(entry.name):
        notice(f"{entry.name} is here already: {target}")
        return target
    archive, made, old = (target.with_name(f"{entry.name}.{end}") for end in ("zip", "new", "old"))
    notice(f"fetching {entry.url} ({entry.size / 1e6:.0f} MB)")
    download(entry.url, archive, size=entry.size, sha256=entry.sha256)
    notice("unpacking")
    for leftover in (made, old):
        shutil.rmtree(leftover, ignore_errors=True)
    try:
        unpack(archive, made)
        check_folder(made)
        report = verify_vosk(made)
        if not report.ok:
            raise ModelError(f"Vosk cannot use {entry.name}: {report.text}")
        write_lock(lock_file(), entry.name, Lock(entry.sha256, {entry.name: report.sha256}))
        if target.exists():
            target.rename(old)
        made.rename(target)
    finally:
        archive.unlink()
        for leftover in (made, old):
            shutil.rmtree(leftover, ignore_errors=True)
    notice(f"ready: {target}")
    return target

"""Fetching a model's files from the Hugging Face Hub: resumable, checked against every checksum that is known."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from robot_runtime.errors import DownloadError, MissingExtraError
from robot_runtime.model_store.catalogue import CatalogueEntry
from robot_runtime.model_store.checksums import Lock, sha256_of

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo

QUIET = {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_XET": "1"}
"""Environment of huggingface_hub: no usage reports; and plain HTTP, which goes on where a broken download stopped."""

WANTED = (
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
    "model.safetensors.index.json",
)
"""Besides *.safetensors, the files that the exporter reads."""

ANSWER_S = 20.0
"""Seconds that the Hub may take to list a repository."""


def fetch(entry: CatalogueEntry, folder: Path, lock: Lock) -> Lock:
    """Fetch what the exporter needs of a repository.

    Args:
        entry: has a `repository`. `HF_ENDPOINT` names another server than huggingface.co.
        folder: where the files go; what an interrupted call left there is used.
        lock: what the first pull found; an empty one lets this call be the first.

    Returns:
        The lock with the commit and the checksum of every fetched file.

    Raises:
        MissingExtraError: huggingface_hub is not installed.
        DownloadError: the network or the server failed, the repository cannot be used, or a checksum differs.
    """
    for variable, value in QUIET.items():
        os.environ.setdefault(variable, value)
    if not sys.stderr.isatty():
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    try:
        import huggingface_hub
        from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]  # of whichever httpx it uses
    except ImportError as error:
        raise MissingExtraError("Pulling a model", "models") from error
    endpoint = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
    try:
        info = huggingface_hub.HfApi(endpoint=endpoint).model_info(
            entry.repository, revision=lock.revision or entry.revision, timeout=ANSWER_S, files_metadata=True
        )
        told = _checksums_of_the_hub(info)
        fetched = {}
        for file in wanted_files(entry.repository, told):
            path = huggingface_hub.hf_hub_download(
                entry.repository, file, revision=info.sha, local_dir=folder, endpoint=endpoint
            )
            fetched[file] = _checked(Path(path), entry.files.get(file), lock.files.get(file), told[file])
    except (OSError, HTTPError) as error:
        raise DownloadError(f"cannot pull {entry.name}: {_advice(error, entry, endpoint)}") from error
    return Lock(info.sha or "", lock.files | fetched)


def wanted_files(repository: str, names: Iterable[str]) -> list[str]:
    """Those of a repository's files that are fetched.

    Raises:
        DownloadError: it has no safetensors. Pickled weights (.bin, .pt) can run code on loading and are never read.
    """
    listed = set(names)
    weights = {name for name in listed if name.endswith(".safetensors") and "/" not in name}
    if not weights:
        pickled = any(name.endswith((".bin", ".pt", ".pth", ".ckpt")) for name in listed)
        why = "only pickled weights, which could run code here" if pickled else "no weights"
        raise DownloadError(f"{repository} holds {why}; a repository with .safetensors files is needed")
    return sorted(listed & set(WANTED) | weights)


def _checksums_of_the_hub(info: ModelInfo) -> dict[str, str | None]:
    """Every file of the repository, with its SHA-256 where the Hub states one, which is for large files."""
    return {file.rfilename: file.lfs.sha256 if file.lfs else None for file in info.siblings or ()}


def _checked(path: Path, *expected: str | None) -> str:
    """The file's SHA-256 if it is all that was expected; otherwise the file is removed, so that it is fetched again."""
    found = sha256_of(path)
    for known in expected:
        if known and known != found:
            path.unlink()
            raise DownloadError(
                f"{path.name} is not the file it should be: its SHA-256 is {found[:12]}…, not {known[:12]}…. "
                "Pull again; if it stays so, somebody has changed the file: do not use it"
            )
    return found


def _advice(error: Exception, entry: CatalogueEntry, endpoint: str) -> str:
    from huggingface_hub import errors

    page = f"{endpoint}/{entry.repository}"
    if isinstance(error, errors.OfflineModeIsEnabled):
        return "HF_HUB_OFFLINE is set; unset it"
    if isinstance(error, errors.GatedRepoError):
        return f"its owners ask you to accept terms at {page}; then log in with: hf auth login"
    if isinstance(error, errors.RepositoryNotFoundError):
        return f"there is no public repository {page}"
    if isinstance(error, errors.RevisionNotFoundError | errors.EntryNotFoundError):
        return f"{page} no longer has what was pinned by the first pull"
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return f"{endpoint}: {reason}. Check the network and run the command again: it goes on where it stopped"

"""Fetching a model's files from the Hugging Face Hub: resumable, checked against every checksum that is known."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from robot_runtime.errors import DownloadError, MissingExtraError
from robot_runtime.model_store.catalogue import CatalogueEntry
from robot_runtime.model_store.checksums import Lock, require_sha256, sha256_of

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
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    if not sys.stderr.isatty():
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    try:
        import huggingface_hub
        from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]  # of whichever httpx it uses
    except ImportError as error:
        raise MissingExtraError("Pulling a model", "models") from error
    endpoint = os.environ.get("HF_ENDPOINT", "").rstrip("/") or "https://huggingface.co"
    folder.mkdir(parents=True, exist_ok=True)
    fetched = {}
    try:
        info = huggingface_hub.HfApi(endpoint=endpoint).model_info(
            entry.repository, revision=lock.revision or entry.revision, timeout=ANSWER_S, files_metadata=True
        )
        listed = {file.rfilename: file for file in info.siblings or ()}
        for name in wanted_files(entry.repository, listed):
            large = listed[name].lfs
            known = (entry.files.get(name), lock.files.get(name), large.sha256 if large else None)
            url = huggingface_hub.hf_hub_url(entry.repository, name, revision=info.sha, endpoint=endpoint)
            fetched[name] = _fetch_file(url, folder / name, listed[name].size, [sha256 for sha256 in known if sha256])
    except (OSError, HTTPError) as error:
        raise DownloadError(f"cannot pull {entry.name}: {_advice(error, entry, endpoint)}") from error
    return Lock(info.sha or "", lock.files | fetched)


def _fetch_file(url: str, target: Path, size: int | None, known: Sequence[str]) -> str:
    """Fetch one file, going on where an earlier call stopped; the address holds the commit.

    The client's own `hf_hub_download` starts anew in each call (seen in 2.4.0), hence `http_get` with our own file.

    Returns:
        The file's SHA-256, which is each of the `known` ones.
    """
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # documented, not in __all__

    if known and target.is_file() and sha256_of(target) == known[0]:
        return require_sha256(target, known)
    address = hashlib.sha256(url.encode()).hexdigest()[:12]
    part = target.with_name(f"{target.name}.{address}.part")
    if size is not None and part.is_file() and part.stat().st_size > size:
        part.unlink()
    with part.open("ab") as stream:
        http_get(
            url,
            stream,
            resume_size=stream.tell(),
            headers=build_hf_headers(),
            expected_size=size,
            displayed_filename=target.name,
        )
    part.replace(target)
    return require_sha256(target, known)


def wanted_files(repository: str, names: Iterable[str]) -> list[str]:
    """Those of a repository's files that are fetched.

    Raises:
        DownloadError: it has no safetensors. Pickled weights (.bin, .pt) can run code on loading and are never read.
    """
    listed = set(names)
    weights = {name for name in listed if name.endswith(".safetensors") and name == Path(name).name}
    if not weights:
        pickled = any(name.endswith((".bin", ".pt", ".pth", ".ckpt")) for name in listed)
        why = "only pickled weights, which could run code here" if pickled else "no weights"
        raise DownloadError(f"{repository} holds {why}; a repository with .safetensors files is needed")
    return sorted(listed & set(WANTED) | weights)


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

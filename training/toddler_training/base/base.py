"""The model that a run starts from, as a Hugging Face folder, whatever way it is named."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from robot_runtime.errors import ModelError, SettingsError
from robot_runtime.model_store.catalogue import CatalogueEntry, load_catalogue
from robot_runtime.model_store.checksums import Lock, read_locks, sha256_of, write_lock
from robot_runtime.model_store.hub import fetch
from robot_runtime.model_store.locate import cache_folder, locate
from toddler_training.base.from_gguf import write_folder
from toddler_training.base.settings import BaseSettings


def base_folder(settings: BaseSettings, cache: Path | None = None) -> Path:
    """The model as a Hugging Face folder: as it is, fetched from the Hub, or converted back from GGUF.

    Args:
        settings: `model` names it.
        cache: what is fetched or converted goes below it, once; the user's cache if None.

    Raises:
        ModelError: there is no such model, or it cannot be fetched or converted.
    """
    cache = cache or cache_folder() / "bases"
    path = Path(settings.model).expanduser()
    if (path / "config.json").is_file():
        return path
    if path.suffix == ".gguf":
        return _converted(path, cache)
    entry = load_catalogue().get(settings.model)
    if entry is not None and entry.bundled:
        return _converted(locate(entry.name).path, cache)
    repository = entry.repository if entry is not None else settings.model
    if repository.count("/") != 1 or path.exists():
        raise ModelError(
            f"base.model = {settings.model}: no Hugging Face folder (it lacks config.json), no .gguf file, no name of "
            f"the catalogue ({', '.join(load_catalogue())}), and no owner/name on the Hugging Face Hub"
        )
    return _fetched(repository, cache)


def load_tokenizer(folder: Path) -> Any:
    """The tokenizer, a `PreTrainedTokenizerFast`.

    The class is named because transformers 5 rebuilds tokenizers of the declared class `GPT2Tokenizer`, SmolLM2's among
    them, without the step that sets digits apart.

    Raises:
        ModelError: there is none in the folder.
    """
    from transformers import PreTrainedTokenizerFast

    if not (folder / "tokenizer.json").is_file():
        raise ModelError(f"{folder} holds no tokenizer.json")
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_model(folder: Path, precision: str = "fp32") -> Any:
    """The model, on the CPU.

    Args:
        folder: a Hugging Face folder with safetensors files.
        precision: `bf16` or `fp32`.

    Raises:
        SettingsError: another precision.
        ModelError: the files cannot be loaded.
    """
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    kinds = {"bf16": torch.bfloat16, "fp32": torch.float32}
    if precision not in kinds:
        raise SettingsError(f"base.precision = {precision!r} should be one of: {', '.join(kinds)}")
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return AutoModelForCausalLM.from_pretrained(folder, dtype=kinds[precision], use_safetensors=True)
    except (OSError, ValueError) as error:
        raise ModelError(f"cannot load the model in {folder}: {error}") from error


def _converted(file: Path, cache: Path) -> Path:
    """A GGUF file as a folder, which bears the file's checksum in its name."""
    if not file.is_file():
        raise ModelError(f"base.model = {file}: there is no such file")
    folder = cache / f"{file.stem}-{sha256_of(file)[:12]}"
    if folder.is_dir():
        return folder
    unfinished = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    try:
        write_folder(file, unfinished)
        if not folder.is_dir():  # another process may have been quicker
            unfinished.replace(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def _fetched(repository: str, cache: Path) -> Path:
    """A repository of the Hugging Face Hub as a folder; the first fetch pins its commit and checksums."""
    folder, locks = cache / repository.replace("/", "--"), cache / "bases.lock.toml"
    pinned = read_locks(locks).get(repository, Lock())
    if pinned.files and all((folder / name).is_file() for name in pinned.files):
        return folder
    entry = CatalogueEntry(repository, about="", licence="", prompt_format="", repository=repository)
    write_lock(locks, repository, fetch(entry, folder, pinned))
    return folder

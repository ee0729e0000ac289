"""From trained weights to the files that the runtime uses: a Hugging Face folder, GGUF in F16, GGUF in Q8_0."""

from __future__ import annotations

from pathlib import Path

from robot_runtime.errors import SettingsError
from toddler_training.bundled.tokenizer import load_tokenizer, save_tokenizer

NAME = "toddler-nursery"
"""The bundled model's name in the catalogue."""
PROMPT_FORMAT = "nursery"
"""The prompt format that it is trained on."""
F16 = f"{NAME}-f16.gguf"
Q8_0 = f"{NAME}-q8_0.gguf"


def save_folder(checkpoint: Path, tokenizer: Path, folder: Path) -> None:
    """Write a checkpoint's weights as a Hugging Face folder.

    Args:
        checkpoint: What training saved.
        tokenizer: Folder of the tokenizer.
        folder: Where to write.

    Raises:
        SettingsError: there is no checkpoint.
    """
    import torch
    from transformers.utils import logging

    from toddler_training.bundled.shape import ModelShape, new_model

    if not checkpoint.is_file():
        raise SettingsError(f"no checkpoint at {checkpoint}: train first, it appears after two minutes")
    state = torch.load(checkpoint, weights_only=True)
    shape = ModelShape(**state["about"]["shape"])
    model = new_model(shape)
    model.load_state_dict(state["model"])
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    model.save_pretrained(folder)
    save_tokenizer(load_tokenizer(tokenizer), folder, shape.context)


def write_gguf(folder: Path, out: Path) -> Path:
    """Convert a Hugging Face folder to F16 and Q8_0 in `out`; returns the Q8_0 file.

    Raises:
        ConversionError: the model's files are not what the exporter can write.
    """
    from robot_runtime.model_store.export import export_gguf
    from robot_runtime.model_store.quantize import quantize

    export_gguf(folder, out / F16, name=NAME, prompt_format=PROMPT_FORMAT)
    quantize(out / F16, out / Q8_0, "q8_0")
    return out / Q8_0

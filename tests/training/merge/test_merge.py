"""An adapter merged into its base."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from peft import LoraConfig, get_peft_model

from model_fixtures import hugging_face_logits, make_model
from robot_runtime.errors import ModelError
from robot_runtime.model_store.safetensors_file import stored_tensors
from toddler_training.base.base import load_model
from toddler_training.base.quiet import quiet_libraries
from toddler_training.base.tokenizer_copy import TOKENIZER_FILES
from toddler_training.merge.merge import merge_adapter


def make_adapter(base: Path, folder: Path, rank: int = 4) -> Path:
    """An adapter that does something: both of its halves are random."""
    with quiet_libraries():
        model = get_peft_model(load_model(base), LoraConfig(r=rank, target_modules=["q_proj", "down_proj"]))
    torch.manual_seed(3)
    for name, weight in model.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(weight, std=0.05)
    model.save_pretrained(str(folder))
    return folder


def test_the_merged_model_is_base_and_adapter(tmp_path: Path) -> None:
    base = make_model(tmp_path / "base")
    report = merge_adapter(base, make_adapter(base, tmp_path / "adapter"), tmp_path / "model")
    assert report["largest_logit_difference"] < 1e-4
    assert report["changes"]["q_proj"] > 0.001
    assert report["changes"]["k_proj"] == 0.0
    for name in TOKENIZER_FILES:
        if (base / name).is_file():
            assert (tmp_path / "model" / name).read_bytes() == (base / name).read_bytes()
    ids = list(range(20))
    assert abs(hugging_face_logits(tmp_path / "model", ids) - hugging_face_logits(base, ids)).max() > 0.01
    file = tmp_path / "model" / "model.safetensors"
    assert {tensor.kind for tensor in stored_tensors(file)} == {"F32"}
    assert file.stat().st_mode & 0o444 == 0o444


def test_an_adapter_of_another_model_is_refused(tmp_path: Path) -> None:
    base = make_model(tmp_path / "base")
    adapter = make_adapter(base, tmp_path / "adapter")
    (adapter / "adapter_config.json").write_text("{}")
    with pytest.raises(ModelError, match="cannot be merged"):
        merge_adapter(base, adapter, tmp_path / "model")

"""The exporter against transformers: same token ids, same logits."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy
import pytest
import torch

from model_fixtures import CHAT_TEMPLATE, RawLlama, Variant, hugging_face_ids, hugging_face_logits, make_model
from robot_runtime.errors import ConversionError
from robot_runtime.model_store.export import export_gguf
from robot_runtime.model_store.locate import PROMPT_FORMAT_KEY

TEXTS = (
    "Where is your bag?",
    'Me had 13 peas, "no" 2024 cookies and didn\'t  cry!',
    "caf\u00e9 \U0001f418 \U0001f469\u200d\U0001f467 na\u00efve\n\n  two\ttabs",
    "<|im_start|>user\nWhat is this?<|im_end|>\n<|im_start|>assistant\n",
    "<|im_end|>\nassistant\nball",
)

VARIANTS = {
    "usual": Variant(),
    "bf16": Variant(dtype=torch.bfloat16),
    "f16": Variant(dtype=torch.float16),
    "sharded": Variant(shard_size="100KB", seed=2),
    "untied": Variant(tied=False),
    "extra row": Variant(extra_rows=1, rope_theta=10000.0),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("usual"))


def metadata(path: Path) -> dict[str, Any]:
    return {key: field.contents() for key, field in gguf.GGUFReader(path).fields.items()}


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS.keys())
def test_logits_and_ids_equal_those_of_transformers(variant: Variant, tmp_path: Path) -> None:
    folder = make_model(tmp_path / "hf", variant)
    if variant.shard_size != "5GB":
        assert len(list(folder.glob("*.safetensors"))) > 1
    export_gguf(folder, tmp_path / "model.gguf")
    with RawLlama(tmp_path / "model.gguf") as model:
        for text in TEXTS:
            ids = hugging_face_ids(folder, text)
            assert model.ids(text) == ids
            ours, theirs = model.logits(ids), hugging_face_logits(folder, ids)
            assert theirs.std() > 0.5, "logits so flat would agree in any case"
            assert numpy.abs(ours - theirs).max() < 0.01


def test_metadata_says_what_the_model_is(folder: Path, tmp_path: Path) -> None:
    export_gguf(folder, tmp_path / "model.gguf", name="Pip", prompt_format="chatml")
    found = metadata(tmp_path / "model.gguf")
    assert found["general.name"] == "Pip"
    assert found[PROMPT_FORMAT_KEY] == "chatml"
    assert found["general.architecture"] == "llama"
    assert found["llama.attention.head_count_kv"] == 2
    assert found["llama.rope.freq_base"] == 100000.0
    assert found["tokenizer.ggml.pre"] == "smollm"
    assert found["tokenizer.ggml.add_bos_token"] is False
    assert found["tokenizer.chat_template"] == CHAT_TEMPLATE
    assert (found["tokenizer.ggml.bos_token_id"], found["tokenizer.ggml.eos_token_id"]) == (1, 2)
    assert found["tokenizer.ggml.token_type"][:3] == [gguf.TokenType.CONTROL] * 3


def test_rope_base_is_read_from_transformers_4_configs(folder: Path, tmp_path: Path) -> None:
    old = copy_with_config(folder, tmp_path / "old", lambda config: config.pop("rope_parameters"), rope_theta=12345.0)
    export_gguf(old, tmp_path / "model.gguf")
    assert metadata(tmp_path / "model.gguf")["llama.rope.freq_base"] == 12345.0


def copy_with_config(
    folder: Path, target: Path, change: Callable[[dict[str, Any]], object] = lambda config: None, **more: Any
) -> Path:
    target.mkdir()
    for file in folder.iterdir():
        (target / file.name).write_bytes(file.read_bytes())
    config = json.loads((target / "config.json").read_text())
    change(config)
    (target / "config.json").write_text(json.dumps(config | more))
    return target


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"architectures": ["GPT2LMHeadModel"]}, "GPT2LMHeadModel"),
        ({"rope_parameters": {"rope_type": "llama3", "rope_theta": 1e4, "factor": 8.0}}, "rope scaling 'llama3'"),
        ({"attention_bias": True}, "attention_bias"),
        ({"hidden_act": "gelu"}, "gelu"),
        ({"quantization_config": {"bits": 4}}, "quantised already"),
        ({"num_hidden_layers": 4}, "9 tensors are missing"),
        ({"num_hidden_layers": 2}, "no place for the tensor model.layers.2"),
        ({"intermediate_size": 128}, "shape"),
        ({"vocab_size": 100}, "only 100 rows"),
        ({"hidden_size": "wide"}, "no number"),
    ],
)
def test_models_that_cannot_be_written_faithfully_are_refused(
    folder: Path, tmp_path: Path, settings: dict[str, Any], words: str
) -> None:
    wrong = copy_with_config(folder, tmp_path / "wrong", **settings)
    with pytest.raises(ConversionError, match=words):
        export_gguf(wrong, tmp_path / "out" / "model.gguf")
    assert list((tmp_path / "out").glob("*")) == []


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_missing_file_is_named(folder: Path, tmp_path: Path, name: str) -> None:
    less = copy_with_config(folder, tmp_path / "less")
    (less / name).unlink()
    with pytest.raises(ConversionError, match=f"{name} is missing"):
        export_gguf(less, tmp_path / "model.gguf")


def test_damaged_weights_are_refused(folder: Path, tmp_path: Path) -> None:
    less = copy_with_config(folder, tmp_path / "less")
    whole = (less / "model.safetensors").read_bytes()
    (less / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ConversionError, match="damaged"):
        export_gguf(less, tmp_path / "model.gguf")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t["model"].update(type="Unigram"), "Unigram"),
        (lambda t: t.update(normalizer={"type": "NFC"}), "normalises"),
        (lambda t: t["model"].update(byte_fallback=True), "byte_fallback"),
        (lambda t: t.update(pre_tokenizer={"type": "Whitespace"}), "Whitespace"),
        (lambda t: t["pre_tokenizer"]["pretokenizers"][0].update(individual_digits=False), "Digits, ByteLevel"),
    ],
)
def test_other_tokenizers_are_refused(
    folder: Path, tmp_path: Path, change: Callable[[dict[str, Any]], object], words: str
) -> None:
    other = copy_with_config(folder, tmp_path / "other")
    tokenizer = json.loads((other / "tokenizer.json").read_text())
    change(tokenizer)
    (other / "tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(ConversionError, match=words):
        export_gguf(other, tmp_path / "model.gguf")

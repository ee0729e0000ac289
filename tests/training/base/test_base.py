"""From any way to name a model to a Hugging Face folder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy
import pytest

from hub_server import Hub, serving
from model_fixtures import RawLlama, Variant, hugging_face_ids, hugging_face_logits, make_model
from robot_runtime.errors import ConversionError, ModelError, SettingsError
from robot_runtime.model_store.export import export_gguf, permute
from robot_runtime.model_store.locate import BUNDLED, locate
from robot_runtime.model_store.safetensors_file import stored_tensors
from toddler_training.base.base import base_folder, load_model, load_tokenizer
from toddler_training.base.from_gguf import unpermute, write_folder
from toddler_training.base.settings import BaseSettings

TEXT = 'Where is your bag? It\'s 12 "big" cars <|im_start|>user\nyes, é<|im_end|>'


def test_unpermute_undoes_permute() -> None:
    weight = numpy.arange(12 * 5).reshape(12, 5)
    assert not numpy.array_equal(permute(weight, 3), weight)
    assert numpy.array_equal(unpermute(permute(weight, 3), 3), weight)


@pytest.mark.parametrize("variant", [Variant(), Variant(tied=False, extra_rows=5)], ids=["tied", "untied"])
def test_to_gguf_and_back(tmp_path: Path, variant: Variant) -> None:
    original = make_model(tmp_path / "hf", variant)
    export_gguf(original, tmp_path / "m.gguf", prompt_format="chatml")
    write_folder(tmp_path / "m.gguf", tmp_path / "back")
    before = {tensor.name: tensor.read() for tensor in stored_tensors(original / "model.safetensors")}
    after = {tensor.name: tensor.read() for tensor in stored_tensors(tmp_path / "back" / "model.safetensors")}
    assert after.keys() == before.keys()
    for name, weight in before.items():
        assert numpy.array_equal(after[name], weight.astype(numpy.float16 if weight.ndim > 1 else numpy.float32)), name
    assert hugging_face_ids(tmp_path / "back", TEXT) == hugging_face_ids(original, TEXT)
    tokenizer, first = load_tokenizer(tmp_path / "back"), load_tokenizer(original)
    for kind in ("eos_token_id", "bos_token_id", "pad_token_id", "unk_token_id", "chat_template"):
        assert getattr(tokenizer, kind) == getattr(first, kind)
    assert str(tokenizer.backend_tokenizer.pre_tokenizer) == str(first.backend_tokenizer.pre_tokenizer)
    export_gguf(tmp_path / "back", tmp_path / "again.gguf", name="hf", prompt_format="chatml")
    assert (tmp_path / "again.gguf").read_bytes() == (tmp_path / "m.gguf").read_bytes()


def test_the_bundled_model_gives_the_ids_and_logits_of_llama_cpp(tmp_path: Path) -> None:
    folder = base_folder(BaseSettings(model=BUNDLED), tmp_path)
    text = "<|endoftext|><|adult|>Where is your 2nd bag?<|child|>it's in the car!<|end|>"
    with RawLlama(locate(BUNDLED).path) as bundled:
        ids = bundled.ids(text)
        logits = bundled.logits(ids)
    assert hugging_face_ids(folder, text) == ids
    # llama.cpp multiplies Q8_0 weights with activations that it rounds to 8 bits too.
    difference = numpy.abs(hugging_face_logits(folder, ids) - logits)
    assert difference.max() < 0.5
    assert difference.mean() < 0.05
    assert base_folder(BaseSettings(model=BUNDLED), tmp_path) == folder
    assert [entry.name for entry in tmp_path.iterdir()] == [folder.name]


def test_a_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "hf")
    assert base_folder(BaseSettings(model=str(folder)), tmp_path / "cache") == folder
    assert not (tmp_path / "cache").exists()
    model = load_model(folder, "bf16")
    assert str(model.dtype) == "torch.bfloat16"
    with pytest.raises(SettingsError, match="precision"):
        load_model(folder, "int8")


def test_a_name_is_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_model(tmp_path / "hf")
    hub = Hub("somebody/toddler", {file.name: file.read_bytes() for file in folder.iterdir()})
    with serving(hub):
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        fetched = base_folder(BaseSettings(model="somebody/toddler"), tmp_path / "cache")
        asked = len(hub.asked)
        assert base_folder(BaseSettings(model="somebody/toddler"), tmp_path / "cache") == fetched
        assert len(hub.asked) == asked
    assert (fetched / "model.safetensors").read_bytes() == (folder / "model.safetensors").read_bytes()


def test_the_step_that_sets_digits_apart_is_kept(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "hf")
    stored = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    loaded = json.loads(load_tokenizer(folder).backend_tokenizer.to_str())
    assert loaded["pre_tokenizer"] == stored["pre_tokenizer"]


@pytest.mark.parametrize("name", ["nothing", "a/b/c", "missing.gguf"])
def test_what_is_no_model_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match=r"base\.model"):
        base_folder(BaseSettings(model=name), tmp_path)


def test_another_architecture_is_refused(tmp_path: Path) -> None:
    import gguf

    writer = gguf.GGUFWriter(tmp_path / "m.gguf", "mamba")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    with pytest.raises(ConversionError, match="architecture llama"):
        write_folder(tmp_path / "m.gguf", tmp_path / "out")

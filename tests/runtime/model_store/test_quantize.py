"""Quantising with llama.cpp in a child process."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest

from model_fixtures import RawLlama, make_model
from robot_runtime.errors import ConversionError, ModelError
from robot_runtime.model_store.export import export_gguf
from robot_runtime.model_store.quantize import quantize


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quantize")
    export_gguf(make_model(folder / "hf"), folder / "model.gguf")
    return folder / "model.gguf"


@pytest.mark.parametrize(("kind", "size", "agreement"), [("q8_0", 0.65, 0.999), ("q4_0", 0.5, 0.9), ("f16", 1.1, 1)])
def test_a_quantised_model_is_smaller_and_thinks_alike(
    exported: Path, tmp_path: Path, kind: str, size: float, agreement: float
) -> None:
    target = tmp_path / "small.gguf"
    quantize(exported, target, kind)
    assert target.stat().st_size < size * exported.stat().st_size
    with RawLlama(exported) as before, RawLlama(target) as after:
        ids = before.ids("Where is your bag? Me had 2 cookies.")
        pair = numpy.stack([before.logits(ids).ravel(), after.logits(ids).ravel()])
    assert numpy.asarray(numpy.corrcoef(pair))[0, 1] > agreement - 1e-6
    assert list(tmp_path.iterdir()) == [target]


def test_what_llama_cpp_refuses_leaves_the_old_file_alone(tmp_path: Path) -> None:
    source, target = tmp_path / "broken.gguf", tmp_path / "small.gguf"
    source.write_bytes(b"GGUF" + bytes(64))
    target.write_text("as before")
    with pytest.raises(ConversionError, match="could not quantise"):
        quantize(source, target, "q8_0")
    assert target.read_text() == "as before"
    assert sorted(tmp_path.iterdir()) == [source, target]


def test_unknown_kinds_and_missing_files_are_named(exported: Path, tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="f16, q4_0, q8_0"):
        quantize(exported, tmp_path / "small.gguf", "q4_k_m")
    with pytest.raises(ModelError, match="does not exist"):
        quantize(tmp_path / "none.gguf", tmp_path / "small.gguf", "q8_0")

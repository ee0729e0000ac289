"""From a file to what has to be known of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import gguf
import pytest

from model_fixtures import make_model
from robot_runtime.errors import ModelError
from robot_runtime.model_store import load_catalogue, locate
from robot_runtime.model_store.export import export_gguf
from robot_runtime.model_store.gguf_header import read_texts


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that does not say what its prompt format is."""
    folder = tmp_path_factory.mktemp("plain")
    export_gguf(make_model(folder / "hf"), folder / "pip.gguf")
    return folder / "pip.gguf"


def test_what_the_file_says_comes_first(tmp_path: Path) -> None:
    export_gguf(make_model(tmp_path / "hf"), tmp_path / "smollm2-360m-instruct.gguf", prompt_format="toddler-llm")
    model = locate(str(tmp_path / "smollm2-360m-instruct.gguf"))
    assert model.prompt_format == "toddler-llm"
    assert model.name == "smollm2-360m-instruct"
    assert model.sha256 is None


def test_then_what_its_name_says(plain: Path, tmp_path: Path) -> None:
    copy = tmp_path / "Toddler-LLM-GRPO-Q8_0.gguf"
    shutil.copy(plain, copy)
    model = locate(str(copy))
    assert model.prompt_format == "toddler-llm"
    assert model.sampling == load_catalogue()["toddler-llm-grpo"].sampling


def test_then_chatml(plain: Path) -> None:
    assert locate(str(plain)).prompt_format == "chatml"


def test_a_folder_must_hold_one_file(plain: Path, tmp_path: Path) -> None:
    assert locate(str(plain.parent)).path == plain
    with pytest.raises(ModelError, match=r"holds 0 \.gguf files"):
        locate(str(tmp_path))


def test_header_equals_what_the_gguf_package_reads(plain: Path) -> None:
    fields = gguf.GGUFReader(plain).fields.values()
    texts = {field.name: field.contents() for field in fields if field.types == [gguf.GGUFValueType.STRING]}
    assert len(texts) > 4
    assert read_texts(plain) == texts


def test_damaged_files_are_refused(plain: Path, tmp_path: Path) -> None:
    whole = plain.read_bytes()
    (tmp_path / "model.gguf").write_bytes(b"PK" + whole)
    with pytest.raises(ModelError, match="no GGUF file"):
        locate(str(tmp_path / "model.gguf"))
    for length in (3, 6, 20, 300, 3000):
        (tmp_path / "model.gguf").write_bytes(whole[:length])
        with pytest.raises(ModelError, match=r"no GGUF file|damaged"):
            locate(str(tmp_path / "model.gguf"))

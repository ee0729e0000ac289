"""Pulling through the real client from a server on this computer that drops, alters and refuses."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub_server import COMMIT, Hub, serving
from model_fixtures import make_model
from robot_runtime.errors import ConversionError, DownloadError, ModelError
from robot_runtime.model_store import locate, sha256_of, verify
from robot_runtime.model_store.catalogue import CatalogueEntry
from robot_runtime.model_store.checksums import Lock, read_locks
from robot_runtime.model_store.hub import fetch
from robot_runtime.model_store.locate import cache_folder, lock_file
from robot_runtime.model_store.pull import pull

NAME = "smollm2-360m-instruct"
REPOSITORY = "HuggingFaceTB/SmolLM2-360M-Instruct"
ENTRY = CatalogueEntry(NAME, "about", "Apache-2.0", "chatml", repository=REPOSITORY)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a tiny model, and others that a repository may hold."""
    folder = make_model(tmp_path_factory.mktemp("published"))
    files = {file.name: file.read_bytes() for file in folder.iterdir()}
    return files | {"README.md": b"read me", "training_args.bin": b"a pickle", "onnx/model.safetensors": b"other"}


@pytest.fixture
def hub(published: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """The server, and an empty cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with serving(Hub(REPOSITORY, dict(published))) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        yield hub


def test_a_pulled_model_can_be_located_and_verified(hub: Hub) -> None:
    with pytest.raises(ModelError, match=f"models pull {NAME}"):
        locate(NAME)
    told: list[str] = []
    path = pull(NAME, notice=told.append)
    model = locate(NAME)
    assert (model.path, model.prompt_format, model.sha256) == (path, "chatml", sha256_of(path))
    assert verify(model).ok
    assert locate(str(path)).prompt_format == "chatml"
    assert {"model.safetensors", "tokenizer.json", "config.json"} <= set(hub.fetched())
    assert not {"README.md", "training_args.bin"} & set(hub.fetched())
    assert [file.name for file in path.parent.iterdir()] == [path.name], "what was fetched takes no room afterwards"
    assert read_locks(lock_file())[NAME].revision == COMMIT
    hub.asked.clear()
    assert pull(NAME) == path
    assert hub.asked == []
    assert pull(NAME, kind="q4_0").name == f"{NAME}-q4_0.gguf"
    assert locate(NAME).path == path


def test_a_changed_model_file_is_noticed(hub: Hub) -> None:
    path = pull(NAME)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    report = verify(NAME)
    assert not report.ok
    assert "changed since it was made" in report.text
    pull(NAME)
    assert verify(NAME).ok


@pytest.fixture
def large(hub: Hub) -> Hub:
    """The server with a large file whose first answer breaks off; the client writes 10 MB at a time."""
    hub.files["model.safetensors"] = random.Random(1).randbytes(25_000_000)
    hub.cut["model.safetensors"] = 15_000_000
    return hub


def ranges(hub: Hub) -> list[str]:
    """What was asked for of the large file."""
    return [wanted for path, wanted in hub.asked if path == "/large/model.safetensors"]


def test_a_dropped_connection_goes_on_where_it_stopped(large: Hub, tmp_path: Path) -> None:
    lock = fetch(ENTRY, tmp_path / "source", Lock())
    assert (tmp_path / "source" / "model.safetensors").read_bytes() == large.files["model.safetensors"]
    assert ranges(large) == ["", "bytes=10485760-"]
    assert lock.files["model.safetensors"] == sha256_of(tmp_path / "source" / "model.safetensors")


def test_the_next_pull_goes_on_where_a_failed_one_stopped(large: Hub, tmp_path: Path) -> None:
    large.down_after_cut = True
    with pytest.raises(DownloadError, match="it goes on where it stopped"):
        fetch(ENTRY, tmp_path / "source", Lock())
    large.refusal = None
    large.asked.clear()
    fetch(ENTRY, tmp_path / "source", Lock())
    assert (tmp_path / "source" / "model.safetensors").read_bytes() == large.files["model.safetensors"]
    assert ranges(large) == ["bytes=10485760-"]


def test_what_is_left_of_a_longer_file_is_thrown_away(large: Hub, tmp_path: Path) -> None:
    large.down_after_cut = True
    with pytest.raises(DownloadError):
        fetch(ENTRY, tmp_path / "source", Lock())
    large.refusal = None
    large.files["model.safetensors"] = b"short"
    fetch(ENTRY, tmp_path / "source", Lock())
    assert (tmp_path / "source" / "model.safetensors").read_bytes() == b"short"


def test_altered_weights_are_refused_and_fetched_again(hub: Hub, tmp_path: Path) -> None:
    true = hub.files["model.safetensors"]
    hub.altered["model.safetensors"] = true[:-1] + bytes([true[-1] ^ 1])
    with pytest.raises(DownloadError, match=r"model\.safetensors is not the file it should be"):
        fetch(ENTRY, tmp_path / "source", Lock())
    hub.altered.clear()
    fetch(ENTRY, tmp_path / "source", Lock())
    assert (tmp_path / "source" / "model.safetensors").read_bytes() == true


def test_a_file_that_differs_from_the_first_pull_is_refused(hub: Hub) -> None:
    pull(NAME)
    hub.files["tokenizer.json"] = hub.files["tokenizer.json"].replace(b'"Digits"', b'"Digitz"')
    with pytest.raises(DownloadError, match=r"tokenizer\.json is not the file it should be"):
        pull(NAME, kind="q4_0")


def test_a_checksum_in_the_catalogue_is_kept(hub: Hub, tmp_path: Path) -> None:
    entry = dataclasses.replace(ENTRY, files={"config.json": "00" * 32})
    with pytest.raises(DownloadError, match=r"config\.json is not the file it should be"):
        fetch(entry, tmp_path / "source", Lock())


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        ((404, "RepoNotFound"), "there is no public repository"),
        ((403, "GatedRepo"), "accept terms"),
        ((404, "RevisionNotFound"), "no longer has"),
        ((500, ""), "run the command again"),
    ],
)
def test_refusals_say_what_to_do(hub: Hub, tmp_path: Path, refusal: tuple[int, str], words: str) -> None:
    hub.refusal = refusal
    with pytest.raises(DownloadError, match=words):
        fetch(ENTRY, tmp_path / "source", Lock())


def test_no_server(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Hub(REPOSITORY, {})) as gone:
        monkeypatch.setenv("HF_ENDPOINT", gone.endpoint)
    with pytest.raises(DownloadError, match="Check the network"):
        fetch(ENTRY, tmp_path / "source", Lock())


def test_pickled_weights_are_never_fetched(hub: Hub, tmp_path: Path) -> None:
    del hub.files["model.safetensors"]
    with pytest.raises(DownloadError, match="only pickled weights"):
        fetch(ENTRY, tmp_path / "source", Lock())
    assert hub.fetched() == []


def test_a_model_that_cannot_be_converted_leaves_no_model(hub: Hub) -> None:
    hub.files["config.json"] = hub.files["config.json"].replace(b"LlamaForCausalLM", b"OtherForCausalLM")
    with pytest.raises(ConversionError, match="OtherForCausalLM"):
        pull(NAME)
    assert list(cache_folder().rglob("*.gguf")) == []

"""Pulling a Vosk model from a server on this computer that drops, alters and refuses; and archives made to do harm."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import zipfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from hub_server import Hub, serving
from robot_runtime.cli import main
from robot_runtime.errors import DownloadError, ModelError, UnknownModelError
from robot_runtime.model_store import catalogue, pull_vosk, vosk_folder
from robot_runtime.model_store.catalogue import VoskEntry, entry_named, load_vosk_entries
from robot_runtime.model_store.locate import models_folder
from robot_runtime.model_store.unpack import MOST_FILES, unpack
from robot_runtime.model_store.verify import verify_vosk
from robot_runtime.model_store.vosk_folder import check_folder, locate_vosk

NAME = "vosk-small-en-us"
TOY = Path(__file__).parents[2] / "vosk_model" / "model"


def zipped(**files: bytes | str) -> bytes:
    """An archive of the toy model in one folder, with some files replaced or added."""
    content = io.BytesIO()
    inside = {path.relative_to(TOY).as_posix(): path.read_bytes() for path in TOY.rglob("*") if path.is_file()}
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (inside | files).items():
            archive.writestr(f"vosk-model/{name}", data)
    return content.getvalue()


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """The server with the archive, and an empty cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with serving(Hub("vosk", {"model.zip": zipped()})) as hub:
        yield hub


def entry(hub: Hub) -> VoskEntry:
    content = hub.files["model.zip"]
    digest = hashlib.sha256(content).hexdigest()
    return VoskEntry(NAME, "about", "Apache-2.0", f"{hub.endpoint}/large/model.zip", len(content), digest)


def left() -> list[str]:
    """What lies in the models' folder."""
    return sorted(path.name for path in models_folder().iterdir())


def test_the_catalogue_knows_the_published_model() -> None:
    published = load_vosk_entries()[NAME]
    assert published.size == 41205931
    assert published.sha256.startswith("30f26242c4eb449f")
    with pytest.raises(UnknownModelError, match="listens"):
        entry_named(NAME)


def test_a_pulled_model_can_be_located_and_verified(hub: Hub) -> None:
    with pytest.raises(ModelError, match=f"models pull {NAME}"):
        locate_vosk(None)
    told: list[str] = []
    folder = pull_vosk.pull_vosk(entry(hub), notice=told.append)
    assert locate_vosk(None) == locate_vosk(NAME) == locate_vosk(Path(NAME)) == folder
    assert locate_vosk(folder) == folder
    assert {path.relative_to(folder) for path in folder.rglob("*")} == {
        path.relative_to(TOY) for path in TOY.rglob("*")
    }
    assert verify_vosk(NAME).text == "checksum right, runs"
    assert left() == ["models.lock.toml", NAME]
    assert told[-1] == f"ready: {folder}"
    hub.asked.clear()
    assert pull_vosk.pull_vosk(entry(hub)) == folder
    assert hub.asked == []


def test_a_changed_model_is_noticed_and_pulled_anew(hub: Hub) -> None:
    folder = pull_vosk.pull_vosk(entry(hub))
    (folder / "conf/mfcc.conf").write_text("--num-ceps=13\n")
    report = verify_vosk(NAME)
    assert not report.ok
    assert "changed since it was pulled" in report.text
    assert "cannot run it" in verify_vosk(folder).text, "without a known checksum it is tried"
    pull_vosk.pull_vosk(entry(hub))
    assert verify_vosk(NAME).ok


def test_dropped_connections_are_taken_up_again(hub: Hub) -> None:
    hub.cut["model.zip"] = 200_000
    pull_vosk.pull_vosk(entry(hub))
    assert [wanted for _, wanted in hub.asked] == ["", "bytes=200000-"]
    assert verify_vosk(NAME).ok


def test_the_next_pull_goes_on_where_a_failed_one_stopped(hub: Hub) -> None:
    hub.cut["model.zip"], hub.down_after_cut = 200_000, True
    with pytest.raises(DownloadError, match="it goes on where it stopped"):
        pull_vosk.pull_vosk(entry(hub))
    assert left() == [f"{NAME}.zip.part"]
    hub.refusal = None
    hub.asked.clear()
    pull_vosk.pull_vosk(entry(hub))
    assert [wanted for _, wanted in hub.asked] == ["bytes=200000-"]


def test_a_server_that_always_hangs_up_is_given_up(hub: Hub) -> None:
    hub.cut["model.zip"] = 0
    with pytest.raises(DownloadError, match="cannot fetch"):
        pull_vosk.pull_vosk(entry(hub))


@pytest.mark.parametrize("longer", [b"", b"more"])
def test_an_altered_archive_is_refused_and_fetched_again(hub: Hub, longer: bytes) -> None:
    true = hub.files["model.zip"]
    hub.altered["model.zip"] = true[:-1] + bytes([true[-1] ^ 1]) + longer
    with pytest.raises(DownloadError, match="not the file it should be"):
        pull_vosk.pull_vosk(entry(hub))
    assert left() == []
    hub.altered.clear()
    pull_vosk.pull_vosk(entry(hub))
    assert verify_vosk(NAME).ok


def test_an_archive_that_vosk_cannot_use_leaves_the_model_that_was_there(hub: Hub) -> None:
    folder = pull_vosk.pull_vosk(entry(hub))
    hub.files["model.zip"] = zipped(**{"am/final.mdl": b"\0Bjunk"})
    (folder / "README").write_text("not as it was pulled")
    with pytest.raises(ModelError, match="Vosk cannot use"):
        pull_vosk.pull_vosk(entry(hub))
    assert (folder / "README").is_file()
    assert left() == ["models.lock.toml", NAME]
    hub.files["model.zip"] = zipped(**{"conf/model.conf": "--beam=13\n"})
    with pytest.raises(ModelError, match="silence-phones"):
        pull_vosk.pull_vosk(entry(hub))
    assert left() == ["models.lock.toml", NAME]


def archive_of(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return path


def special(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (mode | 0o644) << 16
    return info


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "model/../../evil",
        "/evil",
        "model/..",
        "..\\evil",
        "C:\\evil",
        special("model/link", stat.S_IFLNK),
        special("model/pipe", stat.S_IFIFO),
    ],
)
def test_nothing_is_written_outside_and_no_links(tmp_path: Path, name: str | zipfile.ZipInfo) -> None:
    archive = archive_of(tmp_path / "a.zip", ("model/am/final.mdl", b"x"), (name, b"/etc/passwd"))
    with pytest.raises(ModelError, match="refusing to unpack"):
        unpack(archive, tmp_path / "deep" / "er" / "out")
    assert [path.name for path in tmp_path.rglob("*") if path.name not in ("deep", "er")] == ["a.zip"]


def test_archives_without_measure_are_refused(tmp_path: Path) -> None:
    bomb = archive_of(tmp_path / "bomb.zip", ("model/zeros", bytes(20_000_000)))
    assert bomb.stat().st_size < 100_000
    with pytest.raises(ModelError, match="beyond all measure"):
        unpack(bomb, tmp_path / "out", most_bytes=1_000_000)
    many = archive_of(tmp_path / "many.zip", *((f"model/{number}", b"") for number in range(MOST_FILES + 1)))
    with pytest.raises(ModelError, match="at most 1000 files"):
        unpack(many, tmp_path / "out")
    scattered = archive_of(tmp_path / "scattered.zip", ("model/a", b""), ("other/b", b""))
    with pytest.raises(ModelError, match="one folder"):
        unpack(scattered, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_damaged_archives_are_refused(tmp_path: Path) -> None:
    whole = zipped()
    flipped = bytearray(whole)
    flipped[len(whole) // 3] ^= 0xFF
    for content in (b"", b"no zip", whole[: len(whole) // 2], bytes(flipped)):
        (tmp_path / "a.zip").write_bytes(content)
        with pytest.raises(ModelError, match="cannot unpack"):
            unpack(tmp_path / "a.zip", tmp_path / "out")
        assert not (tmp_path / "out").exists()
    twice = tmp_path / "twice.zip"
    with pytest.warns(UserWarning, match="Duplicate name"):
        archive_of(twice, ("model/a", b"1"), ("model/a", b"2"))
    with pytest.raises(ModelError, match="cannot unpack"):
        unpack(twice, tmp_path / "out")


def test_the_toy_model_is_one() -> None:
    check_folder(TOY)
    assert vosk_folder.is_vosk_folder(TOY)
    assert verify_vosk(TOY).text == "no checksum known, runs"


def test_the_command_lists_pulls_and_verifies(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = entry(hub)
    table = {"kind": "vosk", "about": "a", "licence": "MIT", "url": listed.url, "size": listed.size}
    lines = [
        f"[{NAME}]",
        *(f"{key} = {json.dumps(value)}" for key, value in (table | {"sha256": listed.sha256}).items()),
    ]
    (tmp_path / "catalogue.toml").write_text("\n".join(lines))
    monkeypatch.setattr(catalogue.load_catalogue, "__defaults__", (tmp_path / "catalogue.toml",))
    monkeypatch.setattr(catalogue.load_vosk_entries, "__defaults__", (tmp_path / "catalogue.toml",))

    def said(*arguments: str) -> str:
        with redirect_stdout(io.StringIO()) as out:
            assert main(["models", *arguments]) == 0
        return out.getvalue()

    assert "not here" in said("list")
    said("pull", NAME)
    row = json.loads(said("list", "--json"))[0]
    assert (row["kind"], row["path"]) == ("listens", str(locate_vosk(NAME)))
    assert said("verify") == said("verify", NAME) == f"ok     {NAME}: checksum right, runs\n"
    assert "no checksum known, runs" in said("verify", str(TOY))

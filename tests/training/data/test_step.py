from __future__ import annotations

import json
import resource
import shutil
import time
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from robot_runtime.errors import SettingsError, TrainingStopped
from toddler_training.config import load_config
from toddler_training.data.samples import CHILDREN, write_samples
from toddler_training.steps import run_step

CHILDES = Path(__file__).parents[4] / "shared" / "data" / "childes"
needs_childes = pytest.mark.skipif(not CHILDES.is_dir(), reason="no CHILDES transcripts in ../shared/data/childes")


def make(root: Path, *changes: str, config: str = "card") -> dict[str, Any]:
    """Run the step and return its report."""
    run_step("data", root, load_config(config, [f"data.{change}" for change in changes]), tell=lambda line: None)
    report: dict[str, Any] = json.loads((root / "data" / "summary.json").read_text("utf-8"))["report"]
    return report


def rows(root: Path, name: str) -> list[dict[str, Any]]:
    from pyarrow import parquet

    found: list[dict[str, Any]] = parquet.read_table(root / "data" / f"{name}.parquet").to_pylist()
    return found


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder, 20)
    return folder


def test_the_made_up_children_give_everything_that_later_steps_read(tmp_path: Path) -> None:
    report = make(tmp_path, "samples=40", config="demo-small")
    pairs, utterances, scored = (rows(tmp_path, name) for name in ("pairs", "utterances", "scored_pairs"))
    in_window = [name for name, months in CHILDREN if 24 <= months < 36]
    assert {pair["child"] for pair in pairs} == {f"Sample/{name}" for name in in_window}
    assert set(pairs[0]) == {
        "corpus", "transcript", "child", "age_months", "role", "caregiver", "child_reply", "split",
    }  # fmt: skip
    assert set(utterances[0]) == {
        "corpus", "transcript", "child", "speaker", "role", "age_months", "number", "text", "split",
    }  # fmt: skip
    assert set(scored[0]) == {"child", "age_months", "caregiver", "child_reply", "caregiver_score", "reply_score"}
    assert len(pairs) == report["pairs"] > 0.9 * 40 * (len(in_window) - 1)
    assert {row["split"] for row in pairs} == {"train", "validation", "test"}
    of_child = defaultdict(set)
    for row in (*pairs, *utterances):
        of_child[row["child"]].add(row["split"])
    assert all(len(splits) == 1 for splits in of_child.values())
    assert not [row for row in utterances if set(row["text"]) & set("[]<>&@()")]
    assert (tmp_path / "data" / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_older_children_say_more(samples: Path, tmp_path: Path) -> None:
    make(tmp_path, f"source={samples}")
    lengths = defaultdict(list)
    for row in rows(tmp_path, "utterances"):
        if row["role"] == "Target_Child":
            lengths[int(row["age_months"]) // 12].append(len(row["text"].split()))
    mean = {year: sum(words) / len(words) for year, words in lengths.items()}
    assert mean[1] < mean[2] < mean[3]


def test_the_samples_are_the_same_every_time(samples: Path, tmp_path: Path) -> None:
    write_samples(tmp_path, 20)
    files = [path.relative_to(samples) for path in samples.rglob("*") if path.is_file()]
    assert len(files) == 2 * len(CHILDREN) + 1
    assert all((samples / file).read_bytes() == (tmp_path / file).read_bytes() for file in files)


def test_a_folder_a_zip_and_a_folder_of_zips_are_the_same(samples: Path, tmp_path: Path) -> None:
    (tmp_path / "zips").mkdir()
    with zipfile.ZipFile(tmp_path / "zips" / "Sample.zip", "w") as archive:
        for path in samples.rglob("*.cha"):
            archive.write(path, path.relative_to(samples))
    sources = (samples, tmp_path / "zips" / "Sample.zip", tmp_path / "zips")
    for number, source in enumerate(sources):
        make(tmp_path / str(number), f"source={source}")
    assert rows(tmp_path / "0", "pairs") == rows(tmp_path / "1", "pairs") == rows(tmp_path / "2", "pairs")


def test_with_two_children_the_transcripts_are_split(samples: Path, tmp_path: Path) -> None:
    for name in ("Eli", "Fay"):
        shutil.copytree(samples / "Sample" / name, tmp_path / "Sample" / name)
    report = make(tmp_path / "run", f"source={tmp_path / 'Sample'}")
    assert report["split_by"] == "transcript"
    assert set(report["splits"]) == {"train", "validation", "test"}


@pytest.mark.parametrize("source", ["empty", "none", "broken.zip"])
def test_a_source_without_transcripts_is_said(source: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.zip").write_bytes(b"<html>login</html>")
    with pytest.raises(SettingsError, match=source):
        make(tmp_path / "run", f"source={tmp_path / source}")


def test_without_a_source_the_ways_to_give_one_are_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"data\.source=.*data\.corpora=.*data\.samples="):
        make(tmp_path)


@pytest.mark.parametrize(
    "change", ["youngest_months=40", "test_share=0.6", "samples=-1", 'source="a"\ncorpora="b"', "validation_share=0"]
)
def test_settings_without_meaning_are_refused(change: str) -> None:
    with pytest.raises(SettingsError):
        load_config("card", [f"data.{line}" for line in change.splitlines()])


def test_a_stop_is_heeded(samples: Path, tmp_path: Path) -> None:
    config = load_config("card", [f"data.source={samples}"])
    with pytest.raises(TrainingStopped, match="run the same command"):
        run_step("data", tmp_path, config, tell=lambda line: None, stop=lambda: True)
    assert not (tmp_path / "data" / "summary.json").exists()


@needs_childes
@pytest.mark.slow
def test_brown_and_macwhinney(tmp_path: Path) -> None:
    report = make(tmp_path, f"source={CHILDES}", f"scored_pairs={CHILDES / 'pairs_scored.csv'}")
    assert (report["transcripts"], report["pairs"]) == (621, 21986)
    assert report["pairs_of_children"] == {
        "Brown/Adam": 7464,
        "Brown/Sarah": 6225,
        "MacWhinney/CHI": 4484,
        "Brown/Eve": 3671,
        "MacWhinney/MAR": 142,
    }
    assert report["splits"] == {"train": 13689, "validation": 4484, "test": 3813}
    assert report["scored_pairs"]["kept"] == 2462


@needs_childes
@pytest.mark.slow
def test_a_million_utterances(tmp_path: Path) -> None:
    source = tmp_path / "many"
    for copy in range(3):
        for name in ("Brown", "MacWhinney"):
            (source / str(copy)).mkdir(parents=True, exist_ok=True)
            shutil.copy(CHILDES / f"{name}.zip", source / str(copy))
    began = time.monotonic()
    report = make(tmp_path, f"source={source}")
    seconds = time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{report['lines']['read']} lines in {seconds:.0f} s, {peak:.0f} MB")
    assert report["lines"]["read"] > 1_000_000
    assert peak < 2048

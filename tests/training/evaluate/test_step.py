from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from pyarrow import parquet

from judge_server import judging
from robot_runtime.errors import ModelError, SettingsError, TrainingStopped
from robot_runtime.model_store.locate import BUNDLED, locate
from tiny_run import PAIRS, finish, make_data, make_rewards
from toddler_training.base.base import base_folder
from toddler_training.base.settings import BaseSettings
from toddler_training.config import TrainingConfig
from toddler_training.evaluate.contestants import contestants
from toddler_training.evaluate.settings import EvaluateSettings
from toddler_training.evaluate.step import held_out, run
from toddler_training.work import Work

BASE = BaseSettings(model=BUNDLED, prompt_format="nursery")

NORMS = {
    "aoa_norms": "Word\tRating.Mean\nmilk\t2.5\ndog\t2.8\nbank\t9.0\n",
    "cdi_norms": "definition,24,30\nmilk,0.8,0.9\ndog,0.9,1\napple,0.4,0.7\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A run up to export, whose model is the bundled one."""
    run_folder = tmp_path / "run"
    make_data(run_folder)
    make_rewards(run_folder)
    shutil.copy(locate(BUNDLED).path, finish(run_folder, "export") / "mine-q8_0.gguf")
    return run_folder


def work(root: Path, stop_after: int = 10_000) -> Work:
    asked: list[bool] = []

    def stop() -> bool:
        asked.append(True)
        return len(asked) > stop_after

    (root / "evaluate").mkdir(exist_ok=True)
    return Work(root, "evaluate", tell=lambda line: None, stop=stop)


def config(folder: Path, **settings: object) -> TrainingConfig:
    paths = {}
    for name, text in NORMS.items():
        paths[name] = folder / f"{name}.txt"
        paths[name].write_text(text, encoding="utf-8")
    return TrainingConfig(base=BASE, evaluate=EvaluateSettings(**{"candidates": 3, "draws": 100, **paths, **settings}))  # type: ignore[arg-type]


def test_models_are_compared_on_held_out_pairs(root: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingStopped, match="2 replies of toddler-nursery"):
        run(work(root, stop_after=2), config(tmp_path))
    (tmp_path / "talk.txt").write_text("Hi there!\nWhat did you eat?\n", "utf-8")
    with judging() as server:
        settings = {"judge_url": server.url, "judge_model": "wise", "talk": tmp_path / "talk.txt"}
        report = run(work(root), config(tmp_path, **settings))
    out = root / "evaluate"
    assert len((out / "replies-base.jsonl").read_text("utf-8").splitlines()) == 5

    table = json.loads((out / "table.json").read_text("utf-8"))
    names = [(row["model"], row["column"]) for row in table["rows"]]
    models = ["base", "trained"]
    assert names == [(model, column) for model in models for column in ("raw", "ranked")] + [("children", "raw")]
    assert report["pairs"] == table["pairs"] == 5
    by_name = dict(zip(names, table["rows"], strict=True))
    base, trained, children = (by_name[name, "raw"]["figures"] for name in ("base", "trained", "children"))
    # The trained model is the base here: the same replies, and no difference.
    assert base["childish"]["value"] == trained["childish"]["value"]
    assert trained["reward"]["difference"]["p"] == 1.0 and base["reward"]["difference"] is None
    assert base["reward"]["value"] == pytest.approx(
        base["childish"]["value"] + 0.2 * base["coherence"]["value"] + 0.5 * base["length"]["value"]
    )
    assert base["perplexity"]["value"] > 1 and "perplexity" not in children
    assert children["words"]["value"] == pytest.approx(sum(len(reply.split()) for _, reply in PAIRS[1::2]) / 5)
    # This judge likes milk, and is not told who said it.
    assert children["judged"]["value"] == sum("milk" in reply for _, reply in PAIRS[1::2]) / 5
    assert not any(name in json.dumps(server.asked) for name in ("trained", "children", BUNDLED))
    assert len((root / "judged.jsonl").read_text("utf-8").splitlines()) == len(server.asked)
    assert children["evasive"]["value"] == 0.2
    assert children["early_24"]["value"] <= children["early_30"]["value"]
    assert by_name["base", "ranked"]["figures"]["refused"]["value"] in (0.0, None)
    assert [len(talk) for talk in table["talks"].values()] == [2] * 2
    assert set(table["length_norms"]) == {"CHILDES", "training"}

    rows = parquet.read_table(out / "replies.parquet").to_pylist()
    assert len(rows) == 5 * 5
    assert {row["reply"] for row in rows if row["model"] == "children"} == {reply for _, reply in PAIRS[1::2]}

    html = (out / "report.html").read_text("utf-8")
    assert "Toddlers compared" in html and "http" not in html.split("</style>")[1]
    assert (out / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_the_fine_tuned_base_other_models_and_other_runs_are_compared_too(root: Path, tmp_path: Path) -> None:
    shutil.copytree(base_folder(BASE, tmp_path / "cache"), finish(root, "sft") / "model")
    found = contestants(root, BASE, f"{BUNDLED}, {root}, {BUNDLED}", tmp_path / "models")
    names = ["base", "fine-tuned", "trained", BUNDLED, "run", f"{BUNDLED}-2"]
    assert [each.name for each in found] == names
    assert found[1].model.path.read_bytes()[:4] == b"GGUF"
    assert found[4].model.path == found[2].model.path
    assert {each.model.prompt_format for each in found} == {"nursery"}


def test_what_is_missing_is_named(root: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no-such-model"):
        contestants(root, BASE, "no-such-model", tmp_path)
    (root / "export" / "mine-q8_0.gguf").unlink()
    with pytest.raises(SettingsError, match="0 files"):
        contestants(root, BASE, "", tmp_path)
    make_data(root, splits=("train",))
    with pytest.raises(SettingsError, match="'test'"):
        held_out(root / "data" / "pairs.parquet", 10, 1)


def test_held_out_pairs_are_drawn_by_lot(root: Path) -> None:
    path = root / "data" / "pairs.parquet"
    few, lengths = held_out(path, 3, 1)
    assert len(few) == 3 and few == held_out(path, 3, 1)[0]
    assert {pair.child for pair in few} == {"Made/test"}
    assert sum(lengths.values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"pairs": 0}, "pairs"), ({"draws": 3}, "draws"), ({"judge_url": "http://x"}, "judge_model")],
)
def test_settings_out_of_range(settings: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        EvaluateSettings(**settings)  # type: ignore[arg-type]

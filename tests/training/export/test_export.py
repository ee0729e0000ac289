"""From a trained adapter to a model that the runtime talks with."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import gguf
import numpy
import pytest

from robot_runtime.errors import ConversionError, SettingsError
from robot_runtime.mind.engine import Engine
from robot_runtime.mind.prompt import prompt_format
from robot_runtime.model_store import locate
from robot_runtime.model_store.catalogue import load_catalogue
from robot_runtime.model_store.locate import BUNDLED
from toddler_training.base.base import base_folder
from toddler_training.base.settings import BaseSettings
from toddler_training.config import TrainingConfig
from toddler_training.export.agreement import TOLERANCES, compare, expected
from toddler_training.export.settings import ExportSettings
from toddler_training.steps import run_step
from training.merge.test_merge import make_adapter

CONFIG = TrainingConfig(
    base=BaseSettings(model=BUNDLED, prompt_format="nursery", precision="fp32"),
    export=ExportSettings(name="pip-the-second", temperature=0.6),
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was merged and exported; its adapter is random."""
    root = tmp_path_factory.mktemp("runs") / "run"
    base = base_folder(CONFIG.base, root.parent / "bases")
    make_adapter(base, root / "grpo" / "best")
    (root / "grpo" / "base.json").write_text(json.dumps({"folder": str(base)}))
    done = {"step": "grpo", "seconds": 12.0, "report": {"best_step": 250, "held_out": {"best": {"childish": 0.71}}}}
    (root / "grpo" / "summary.json").write_text(json.dumps(done))
    told: list[str] = []
    for step in ("merge", "export"):
        assert run_step(step, root, CONFIG, tell=told.append)
    assert f"toddler-robot --model {root}" in told[-2]
    return root


def test_every_file_agrees_with_the_merged_model(run: Path) -> None:
    files = json.loads((run / "export" / "summary.json").read_text())["report"]["files"]
    assert list(files) == [f"pip-the-second-{kind}.gguf" for kind in ("f16", "q8_0", "q4_0")]
    for name, about in files.items():
        assert (run / "export" / name).stat().st_size == about["bytes"]
        assert about["relative_difference"] < TOLERANCES[name.split("-")[-1].removesuffix(".gguf")] / 2
    assert files["pip-the-second-f16.gguf"]["same_choice"] == 1.0
    assert (run / "export" / "plot.png").is_file()
    assert (run / "merge" / "plot.png").is_file()


def test_the_runtime_talks_with_the_folder_of_the_run(run: Path) -> None:
    model = locate(str(run))
    assert model.path == run / "export" / "pip-the-second-q8_0.gguf"
    assert (model.prompt_format, model.licence, model.sampling.temperature) == ("nursery", "CC-BY-NC-SA-3.0", 0.6)
    assert locate(str(run / "export")) == model
    engine = Engine(model.path, context=128, candidates=2, threads=1)
    form = prompt_format(model.prompt_format)
    prompt = engine.tokenize([*form.opening(model.system), *form.question("Where is the ball?")])
    assert len(engine.sample(prompt, [1, 2], model.sampling, 8).candidates) == 2
    engine.close()


def test_card_and_entry_tell_of_the_real_run(run: Path) -> None:
    card = (run / "export" / "README.md").read_text()
    for told in ("CC BY-NC-SA 3.0", "held_out / best / childish | 0.71", "best_step | 250", "pip-the-second-q8_0.gguf"):
        assert told in card
    (entry,) = load_catalogue(run / "export" / "catalogue-entry.toml").values()
    assert (entry.name, entry.bundled) == ("pip-the-second", "pip-the-second-q8_0.gguf")


def test_a_wrong_file_is_refused(run: Path, tmp_path: Path) -> None:
    wanted = expected(run / "merge" / "model", CONFIG.base)
    file = tmp_path / "wrong.gguf"
    file.write_bytes((run / "export" / "pip-the-second-f16.gguf").read_bytes())
    reader = gguf.GGUFReader(file, "r+")
    query = next(tensor for tensor in reader.tensors if tensor.name == "blk.0.attn_q.weight")
    query.data[:] = query.data.reshape(4, 32, 2, -1).swapaxes(1, 2).reshape(query.data.shape)
    del reader, query
    with pytest.raises(ConversionError, match="standard deviation"):
        compare(file, "f16", CONFIG.base, wanted)
    ids, logits = wanted[0]
    with pytest.raises(ConversionError, match="as the tokens"):
        compare(file, "f16", CONFIG.base, [([*ids, 1], numpy.zeros_like(logits)), *wanted[1:]])


def test_names_are_file_names() -> None:
    with pytest.raises(SettingsError, match="lower-case"):
        dataclasses.replace(CONFIG.export, name="../Pip")

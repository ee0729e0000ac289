"""The same training on one process and on two."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from model_fixtures import make_model
from toddler_training.grpo.watch import read_log

GRPO = """
import dataclasses
import sys
from pathlib import Path
from training.grpo.test_train import BASE, PROMPTS, REWARDS, SETTINGS
from toddler_training.grpo.train import train_grpo
settings = dataclasses.replace(SETTINGS, trainer=sys.argv[3])
train_grpo(Path(sys.argv[1]), PROMPTS, REWARDS, BASE, settings, Path(sys.argv[2]))
"""
SFT = """
import json
import sys
from pathlib import Path
from training.sft.test_sft import BASE, PAIRS, SETTINGS
from toddler_training.sft.train import train_sft
report = train_sft(Path(sys.argv[1]), PAIRS, PAIRS[:5], BASE, SETTINGS, Path(sys.argv[2]))
print(json.dumps(report["losses"]))
"""
COMPARED = ("loss", "reward", "childish", "length", "kl", "grad_norm", "clipped", "copying", "non_words")


def run(script: str, processes: int, model: Path, out: Path, *more: str) -> str:
    """Have that many processes run a script; what they have printed."""
    file = out.with_suffix(".py")
    file.write_text(script)
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(processes)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"}
    command = [*launch, str(file), str(model), str(out), *more]
    end = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment, check=False)
    assert end.returncode == 0, end.stderr
    assert "find_unused_parameters" not in end.stderr
    return end.stdout


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("base") / "hf")


@pytest.fixture(scope="module")
def one(model: Path) -> Path:
    """Where one process has trained with TRL's trainer."""
    run(GRPO, 1, model, model.parent / "one", "trl")
    return model.parent / "one"


@pytest.mark.slow
@pytest.mark.parametrize("trainer", ["trl", "fast"])
def test_two_processes_train_as_one_does(model: Path, one: Path, tmp_path: Path, trainer: str) -> None:
    run(GRPO, 2, model, tmp_path / "two", trainer)
    expected, found = (read_log(out / "log.jsonl") for out in (one, tmp_path / "two"))
    assert len(expected) == len(found) == 9
    for first, second in zip(expected, found, strict=True):
        if "held_out" in first:
            first, second = first["held_out"], second["held_out"]
        for name in COMPARED:
            assert second.get(name) == pytest.approx(first.get(name), abs=1e-4), (name, first.get("step"))
    assert sorted(path.name for path in (tmp_path / "two" / "best").iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
    ]


@pytest.mark.slow
def test_two_processes_fine_tune_as_one_does(model: Path, tmp_path: Path) -> None:
    one = json.loads(run(SFT, 1, model, tmp_path / "one"))
    lines = run(SFT, 2, model, tmp_path / "two").splitlines()
    assert len(one) == 4
    assert [json.loads(line) for line in lines] == [pytest.approx(one, abs=1e-3)] * 2

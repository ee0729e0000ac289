"""The same training on one process and on two."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from model_fixtures import make_model
from toddler_training.grpo.watch import read_log

SCRIPT = """
import sys
from pathlib import Path
from training.grpo.test_train import BASE, PROMPTS, REWARDS, SETTINGS
from toddler_training.grpo.train import train_grpo
train_grpo(Path(sys.argv[1]), PROMPTS, REWARDS, BASE, SETTINGS, Path(sys.argv[2]))
"""


@pytest.mark.slow
def test_two_processes_train_as_one_does(tmp_path: Path) -> None:
    make_model(tmp_path / "hf")
    (tmp_path / "script.py").write_text(SCRIPT)
    tests = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": str(tests), "OMP_NUM_THREADS": "1"}
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node"]
    for processes in ("1", "2"):
        command = [*launch, processes, str(tmp_path / "script.py"), str(tmp_path / "hf"), str(tmp_path / processes)]
        end = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment, check=False)
        assert end.returncode == 0, end.stderr
    one, two = (read_log(tmp_path / processes / "log.jsonl") for processes in ("1", "2"))
    assert len(one) == len(two) == 9
    for first, second in zip(one, two, strict=True):
        if "held_out" in first:
            first, second = first["held_out"], second["held_out"]
        for name in ("loss", "reward", "childish", "length", "kl", "grad_norm", "clipped", "copying", "non_words"):
            assert second.get(name) == pytest.approx(first.get(name), abs=1e-4), (name, first.get("step"))
    assert sorted(path.name for path in (tmp_path / "2" / "best").iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
    ]

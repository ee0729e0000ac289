"""A step of the command under torchrun."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from model_fixtures import make_model
from tiny_run import finish, make_data, make_prompts, make_rewards
from toddler_training.grpo.watch import read_log
from toddler_training.work import summary_of

SETTINGS = """
[base]
model = "{model}"
prompt_format = "chatml"
precision = "fp32"
system = ""

[grpo]
steps = {steps}
completions = 8
generations = 4
max_reply_tokens = 6
lora_rank = 4
lora_alpha = 4
save_every = 2
held_out_prompts = 4
max_commonest = 1.0
max_clipped = 1.0
min_coherence = 0.0
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for make in (make_data, make_rewards, make_prompts):
        make(tmp_path / "run")
    finish(tmp_path / "run", "sft")
    make_model(tmp_path / "hf")
    return tmp_path / "run"


def start(root: Path, steps: int) -> subprocess.Popen[str]:
    config = root.parent / "config.toml"
    config.write_text(SETTINGS.format(model=root.parent / "hf", steps=steps), encoding="utf-8")
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    command = [*launch, "-m", "toddler_training", "grpo", "--config", str(config), "--out", str(root)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


@pytest.mark.slow
def test_two_processes_do_a_step_once_and_then_find_it_done(root: Path) -> None:
    (root / "grpo").mkdir()
    (root / "grpo" / "old").touch()
    for told in ("grpo: done in", "grpo: already there"):
        with start(root, steps=2) as run:
            out, error = run.communicate(timeout=300)
        assert run.returncode == 0, error
        assert error.count(told) == 1
        assert out.split() == [str(root / "grpo")]
    summary = summary_of(root / "grpo")
    assert summary is not None and summary["report"]["processes"] == 2
    assert not (root / "grpo" / "old").exists() and (root / "grpo" / "plot.png").is_file()


@pytest.mark.slow
def test_a_signal_ends_both_after_the_same_step(root: Path) -> None:
    with start(root, steps=100_000) as run:
        assert run.stderr is not None
        assert any("held-out" in line for line in run.stderr)
        run.send_signal(signal.SIGTERM)
        rest = run.stderr.read()
        run.wait(timeout=60)
    log = read_log(root / "grpo" / "log.jsonl")
    last = log[-1]["step"]
    assert f"stopped after {last} steps; run the same command to go on" in rest
    assert (root / "grpo" / f"checkpoint-{last}" / "trainer_state.json").is_file()
    assert summary_of(root / "grpo") is None

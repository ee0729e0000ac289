"""The benches give all their figures; what the figures are depends on the computer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from robot_runtime.bench.numbers import percentile, resident_mb

VOSK = Path(__file__).parents[1] / "vosk_model" / "model"


def bench(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "robot_runtime", "bench", *arguments, "--json"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode in (0, 1), done.stderr  # 1: the figures are not as they should be, on a busy computer
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def test_llm(random_model: Path) -> None:
    figures = bench("llm", "--model", str(random_model), "--rounds", "3")
    for candidates in ("1_candidates", "8_candidates"):
        for part in ("prefill", "decode"):
            figure = figures[candidates][part]
            assert figure["tokens_per_s"] > 0
            assert figure["raw_tokens_per_s"] > 0
            assert 0 < figure["ratio"] < 10


def test_turn(random_model: Path) -> None:
    figures = bench("turn", "--model", str(random_model), "--rounds", "5")
    assert figures["turns"] == 5
    milliseconds = figures["ms"]
    assert set(milliseconds) == {"think", "prefill", "decode", "check", "voice", "first_sample"}
    assert milliseconds["first_sample"]["n"] == 5
    assert milliseconds["first_sample"]["p50"] >= milliseconds["think"]["p50"] > 0


QUICK = """
about: Two lines
robots: [virtual]
quick: true
talk:
  - {say: hello pip, heard: hello pip, answers: 1}
  - {after: answer, say: where is your bag, heard: HEARD, answers: 1}
"""


@pytest.mark.parametrize(("heard", "code"), [("where is your bag", 0), ("good night", 1)])
def test_voice_with_scenarios_of_ones_own(random_model: Path, tmp_path: Path, heard: str, code: int) -> None:
    (tmp_path / "two_lines.yaml").write_text(QUICK.replace("HEARD", heard))
    command = [sys.executable, "-m", "robot_runtime", "bench", "voice", "--json", "--scenario", str(tmp_path)]
    done = subprocess.run(
        [*command, "--model", str(random_model), "--ear-model", str(VOSK)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == code, done.stderr
    figures = json.loads(done.stdout)["two_lines"]
    assert figures["answered"] == figures["words_right"] == 2
    assert len(figures["wrong"]) == code
    assert figures["hold_ms"]["p50"] > 100 and figures["answer_ms"]["p50"] > figures["hold_ms"]["p50"]


@pytest.mark.skipif(not os.path.exists("/proc/self/smaps_rollup"), reason="no /proc here")
def test_soak(random_model: Path, tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text("hello pip\nwhere is your bag\n")
    figures = bench(
        *("soak", "--minutes", "1", "--model", str(random_model), "--ear-model", str(VOSK)),
        *("--lines", str(tmp_path / "lines.txt")),
    )
    assert figures["turns"] > 6 and figures["unanswered"] == 0
    assert figures["open_files"]["last"] - figures["open_files"]["first"] <= 8
    assert all(memory > 50 for memory in figures["rss_mb"].values())
    assert isinstance(figures["passed"], bool)


@pytest.mark.slow
@pytest.mark.parametrize("robot", ["virtual", "cozmo", "misty"])
def test_voice(random_model: Path, tmp_path: Path, robot: str) -> None:
    (tmp_path / "lines.txt").write_text("hello pip\nwhere is your bag\n")
    figures = bench(
        *("voice", "--platform", robot, "--rounds", "2", "--interruptions", "1", "--model", str(random_model)),
        *("--ear-model", str(VOSK), "--lines", str(tmp_path / "lines.txt")),
    )
    assert figures["ours"]["words_right"] == figures["naive serial loop"]["words_right"] == 2
    assert figures["naive_to_ours"] > 1
    assert figures["interruptions"]["into_speech"] == 1


@pytest.mark.parametrize(("share", "value"), [(0.0, 1), (0.5, 5), (0.95, 10), (1.0, 10)])
def test_percentile(share: float, value: float) -> None:
    assert percentile(range(10, 0, -1), share) == value


@pytest.mark.skipif(not os.path.exists("/proc/self/smaps_rollup"), reason="no /proc here")
def test_memory_counts_what_is_used() -> None:
    hold = "import sys; block = bytes(int(sys.argv[1])) + b'x'; print('held', flush=True); sys.stdin.read()"
    sizes = []
    for size in (0, 50_000_000):
        command = [sys.executable, "-c", hold, str(size)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            assert process.stdout.readline() == "held\n"
            memory = resident_mb([process.pid])
            assert memory
            sizes.append(memory["rss"])
            process.communicate()
    assert 40 < sizes[1] - sizes[0] < 60

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


def bench(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "robot_runtime", "bench", *arguments, "--json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
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

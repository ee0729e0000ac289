"""How much the computer is asked for: llama.cpp's threads, and how many replies are sampled."""

from __future__ import annotations

import os
from pathlib import Path

QUIET_THREADS = {"GOMP_SPINCOUNT": "0", "KMP_BLOCKTIME": "0"}
"""Environment in which OpenMP threads that wait sleep: spinning ones starve whatever else the computer does (measured:
1030 ms a token against 63 ms beside one busy process on two cores)."""

SMALL_MODEL_BYTES = 64 << 20
"""Below this size one thread is faster than several: handing work over costs more than it saves (`bench llm`)."""
MANY, FEW = 8, 2
"""Candidates of a small and of a large model. Beside the first, a small model's others cost next to nothing; of a model
with 360 M parameters, eight take 2.6 times as long as one on two cores (`bench llm --shape smollm2-360m`)."""


def choose_threads(model: Path, wanted: int = 0) -> int:
    """The number of threads to use: as wanted, or by the size of the model and the cores this process may use."""
    if wanted > 0:
        return wanted
    if model.stat().st_size < SMALL_MODEL_BYTES:
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, 4)


def choose_candidates(model: Path, wanted: int = 0) -> int:
    """The number of replies to sample: as wanted, or by the size of the model."""
    return wanted or (MANY if model.stat().st_size < SMALL_MODEL_BYTES else FEW)

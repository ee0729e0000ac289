"""How many threads llama.cpp gets."""

from __future__ import annotations

import os
from pathlib import Path

SMALL_MODEL_BYTES = 64 << 20
"""Below this size one thread is faster than several: handing work over costs more than it saves (`bench llm`)."""


def choose_threads(model: Path, wanted: int = 0) -> int:
    """The number of threads to use: as wanted, or by the size of the model and the cores this process may use."""
    if wanted > 0:
        return wanted
    if model.stat().st_size < SMALL_MODEL_BYTES:
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, 4)

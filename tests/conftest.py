"""Fixtures that more than one folder uses."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("GOMP_SPINCOUNT", "0")

from pathlib import Path

import pytest

from robot_runtime.bench.shape import Shape, write


@pytest.fixture(scope="session")
def random_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Llama model with random weights: it speaks no language, but llama.cpp runs it like any other."""
    path = tmp_path_factory.mktemp("models") / "random.gguf"
    write(Shape(64, 128, 2, 2, 1, 512, 10000.0), path)
    return path

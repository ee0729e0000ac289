"""Fixtures that more than one folder uses."""

from __future__ import annotations

import os
import sys

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


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Keep the voice detector out of a process that holds llama.cpp: both bring a ggml of the same name."""
    if {"ear", "acoustic"} & set(item.path.parts) and "llama_cpp" in sys.modules:
        pytest.skip("llama.cpp is in this process: `make test` runs these in another")


def pytest_unconfigure() -> None:
    """Close the null device that llama_cpp leaves open, of which the interpreter would complain at its end."""
    utils = sys.modules.get("llama_cpp._utils")
    for name in ("outnull_file", "errnull_file"):
        if stream := getattr(utils, name, None):
            stream.close()

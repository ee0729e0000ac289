"""Verifying: checksum and a decode, whatever happens to the child process."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import gguf
import numpy
import pytest

from robot_runtime.model_store import locate, sha256_of, verify
from robot_runtime.model_store.child import run_child
from robot_runtime.model_store.verify import smoke_decode


def test_a_good_file_without_a_known_checksum(random_model: Path) -> None:
    report = verify(str(random_model))
    assert report.ok
    assert report.text == "no checksum known, runs"
    assert report.sha256 == sha256_of(random_model)


def test_a_wrong_checksum_comes_before_running(random_model: Path) -> None:
    model = dataclasses.replace(locate(str(random_model)), sha256="00" * 32)
    report = verify(model)
    assert not report.ok
    assert "changed since it was made" in report.text


def test_a_file_cut_in_half_cannot_run(random_model: Path, tmp_path: Path) -> None:
    half = tmp_path / "half.gguf"
    whole = random_model.read_bytes()
    half.write_bytes(whole[: len(whole) // 2])
    report = verify(str(half))
    assert not report.ok
    assert "cannot run it" in report.text


def test_weights_that_are_no_numbers(random_model: Path, tmp_path: Path) -> None:
    reader = gguf.GGUFReader(random_model)
    embedding = next(tensor for tensor in reader.tensors if tensor.name == "token_embd.weight")
    broken = bytearray(random_model.read_bytes())
    scale = slice(embedding.data_offset, embedding.data_offset + 2)  # of the first block of 32 weights
    broken[scale] = numpy.float16(numpy.nan).tobytes()
    (tmp_path / "broken.gguf").write_bytes(broken)
    assert smoke_decode(tmp_path / "broken.gguf").why == "its weights give no finite numbers"


@pytest.mark.parametrize(("how", "why"), [("crash", "crashed (SIGSEGV)"), ("hang", "still busy after 1 s")])
def test_a_crash_or_hang_of_the_child_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, why: str
) -> None:
    (tmp_path / "faulty.py").write_text(
        "import os, signal, sys, threading\n"
        "os.kill(os.getpid(), signal.SIGSEGV) if sys.argv[1] == 'crash' else threading.Event().wait()\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    end = run_child("faulty", [how], 1.0)
    assert end.failed
    assert end.why == why

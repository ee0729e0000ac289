"""The doctor, on this computer and on broken ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def doctor(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "robot_runtime", "doctor", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | environment,
    )


@pytest.fixture(scope="module")
def findings(random_model: Path) -> dict[str, dict[str, object]]:
    done = doctor("--json", "--model", str(random_model))
    assert done.returncode == 0, done.stdout + done.stderr
    return {finding["name"]: finding for finding in json.loads(done.stdout)}


def test_everything_is_looked_at(findings: dict[str, dict[str, object]]) -> None:
    wanted = "python,robots,disk,model file,llama.cpp,repacked weights,threads,voice,sound output,microphone,ear,echo"
    assert set(wanted.split(",")) <= set(findings)
    assert {name for name in findings if name.startswith("extra ")} == {
        f"extra {extra}"
        for extra in (
            "espeak",
            "pyttsx3",
            "sound",
            "listen",
            "pocketsphinx",
            "cozmo",
            "misty",
            "misty-stream",
            "models",
            "training",
        )
    }


def test_the_voice_is_a_child_s(findings: dict[str, dict[str, object]]) -> None:
    data = findings["voice"]["data"]
    assert isinstance(data, dict)
    assert 250 < data["f0_hz"] < 330


def test_a_broken_model_is_exit_1(tmp_path: Path) -> None:
    (tmp_path / "bad.gguf").write_bytes(b"GGUF" + bytes(200))
    done = doctor("--model", str(tmp_path / "bad.gguf"))
    assert done.returncode == 1
    assert "BROKEN" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_broken_voice_is_exit_1(random_model: Path, tmp_path: Path) -> None:
    voice = str(tmp_path / "no-such-voice")
    done = doctor("--model", str(random_model), TODDLER_ROBOT_VOICE_VOICE_FILE=voice)
    assert done.returncode == 1
    assert "BROKEN  voice" in done.stdout

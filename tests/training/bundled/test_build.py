from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from robot_runtime.errors import SettingsError, TrainingStopped
from robot_runtime.model_store.checksums import sha256_of
from toddler_training.bundled.answers import read_questions
from toddler_training.bundled.build import build_bundled
from toddler_training.bundled.export import Q8_0
from toddler_training.bundled.pretrain import Budget
from toddler_training.bundled.settings import BundledSettings, TrainSettings
from toddler_training.command import main
from toddler_training.corpus.held_out import QUESTIONS

FOUR = Path(__file__).parents[3] / "training" / "examples" / "four"
SMALL = BundledSettings(pairs=300, vocabulary=512, seed=3)
QUICK = TrainSettings(row_length=64, batch_rows=1, compile=False, seed=3)


def test_a_build_is_stopped_resumed_and_not_repeated(tmp_path: Path) -> None:
    lines: list[str] = []
    with pytest.raises(TrainingStopped, match="--resume"):
        build_bundled(tmp_path, SMALL, Budget(steps=2), train=QUICK, stop=lambda: True, tell=lines.append)
    assert not (tmp_path / Q8_0).exists()
    summary = build_bundled(tmp_path, SMALL, Budget(steps=2), train=QUICK, resume=True, tell=lines.append)
    assert "corpus: already there" in lines and "tokenizer: already there" in lines
    assert summary["training"]["steps"] == 2
    assert summary["corpus"]["distinct_pairs"] == 300
    assert summary["sha256"] == sha256_of(tmp_path / Q8_0)
    assert json.loads((tmp_path / "summary.json").read_text("utf-8")) == summary
    assert set(json.loads((tmp_path / "corpus.json").read_text("utf-8"))["settings"]) == {"pairs", "seed", "sources"}
    assert (tmp_path / Q8_0).read_bytes()[:4] == b"GGUF"

    questions = read_questions(QUESTIONS)
    assert summary["answers"]["questions"] == len(questions)
    assert [
        line for line in (tmp_path / "answers.txt").read_text("utf-8").splitlines() if line in questions
    ] == questions

    lines.clear()
    assert build_bundled(tmp_path, SMALL, Budget(steps=2), train=QUICK, tell=lines.append) == summary
    assert lines == [f"{step}: already there" for step in ("corpus", "tokenizer", "training", "model", "answers")]

    more = replace(SMALL, text=str(tmp_path), start=str(tmp_path / "model"), layers=6)
    grown = build_bundled(tmp_path / "grown", more, Budget(steps=1), train=QUICK, tell=lines.append)
    assert (tmp_path / "grown" / "corpus.jsonl").read_bytes() == (tmp_path / "corpus.jsonl").read_bytes()
    assert grown["training"]["before"] == summary["training"]
    assert (grown["settings"]["start"], grown["settings"]["text"]) == ("model", tmp_path.name)
    with pytest.raises(SettingsError, match="no text in"):
        build_bundled(tmp_path / "none", replace(more, text=str(tmp_path / "newest")), Budget(steps=1), train=QUICK)
    other = tmp_path / "other"
    other.mkdir()
    (other / "corpus.json").write_text('{"settings": {"pairs": 299}}', "utf-8")
    with pytest.raises(SettingsError, match="another one than"):
        build_bundled(tmp_path / "grown", replace(more, text=str(other)), Budget(steps=1), train=QUICK)

    out = tmp_path / "newest"
    assert main(["bundled", "--out", str(tmp_path), "--snapshot", str(out)]) == 0
    assert sha256_of(out / Q8_0) == summary["sha256"]


def test_a_model_of_another_corpus_is_made_but_not_installed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = replace(SMALL, corpus=str(FOUR))
    summary = build_bundled(tmp_path, other, Budget(steps=1), train=QUICK, tell=lambda line: None)
    assert set(summary["corpus"]["pairs_by_scene"]) == {"counting", "myself", "together", "why", "yesterday"}
    assert summary["answers"]["questions"] == len(read_questions(FOUR / "heldout" / "everyday.txt"))
    assert (tmp_path / Q8_0).read_bytes()[:4] == b"GGUF"
    for option in (["--corpus", str(FOUR)], ["--resume"], ["--snapshot", str(tmp_path / "newest")]):
        assert main(["bundled", "--out", str(tmp_path), "--install", *option]) == 2
        assert "a model of the corpus 'four' cannot take the bundled one's place" in capsys.readouterr().err
    assert main(["bundled", "--out", str(tmp_path / "no"), "--corpus", str(tmp_path / "none"), "--steps", "1"]) == 2
    assert "no scenes in" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bundled", "--out", "{}/a", "--minutes", "0"], "training needs an end"),
        (["bundled", "--out", "{}/a", "--decay", "0"], "--decay is 0; give the share"),
        (["bundled", "--out", "{}/a", "--snapshot", "{}/b"], "no checkpoint at"),
        (["answers", "--model", "toddler-nursery", "--questions", "{}/none.txt"], "no questions at"),
        (["answers", "--model", "no-such-model", "--questions", "{}/none.txt"], "no-such-model"),
    ],
)
def test_wrong_input_is_one_line_and_exit_2(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([argument.format(tmp_path) for argument in arguments]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_questions_are_read(tmp_path: Path) -> None:
    path = tmp_path / "questions.txt"
    path.write_text("# about\n\nWhere is your bag?\n  What's that?  \n", "utf-8")
    assert read_questions(path) == ["Where is your bag?", "What's that?"]
    path.write_text("# nothing\n", "utf-8")
    with pytest.raises(SettingsError, match="holds no question"):
        read_questions(path)


@pytest.mark.slow
def test_a_terminated_run_saves_and_goes_on(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "toddler_training", "bundled", "--out", str(tmp_path), "--pairs", "300"]
    command += ["--no-compile", "--resume", "--steps"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([*command, "100000"], stderr=subprocess.PIPE, text=True, env=environment) as run:
        assert run.stderr is not None
        assert any("held out" in line for line in run.stderr)
        run.send_signal(signal.SIGTERM)
        rest = run.stderr.read()
        assert run.wait(120) == 3
    assert "checkpoint at step 1:" in rest
    run_on = subprocess.run([*command, "2"], capture_output=True, text=True, env=environment, timeout=120)
    assert run_on.returncode == 0
    assert "trained 2 steps" in run_on.stderr

"""The scorer is counted from the corpus, measured on frames that were not counted, and written with its card."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from robot_runtime.check.coherence import Coherence, load_coherence
from robot_runtime.model_store.checksums import sha256_of
from toddler_training.command import main
from toddler_training.corpus.__main__ import main as corpus
from toddler_training.corpus.build import Dialogue
from toddler_training.scorer.build import measure, read_corpus
from toddler_training.scorer.contrast import Contrast
from toddler_training.scorer.counts import Exchange, arrays_of, count, exchanges

ANIMALS = {"cow": "moo", "dog": "woof", "duck": "quack"}
REPLIES = ("moo!", "woof!", "on chair.", "a duck.")
PLACES = ("bed", "chair", "table")


@pytest.fixture
def said() -> list[Exchange]:
    dialogues = [Dialogue("animals", a, ((f"what does the {a} say?", f"{says}!"),)) for a, says in ANIMALS.items()]
    dialogues += [Dialogue("home", "where", ((f"where is the {a}?", f"on {p}."),)) for a in ANIMALS for p in PLACES]
    dialogues.append(Dialogue("home", "then", (("where is it?", "on bed."), ("what is it?", "a duck."))))
    return exchanges(dialogues)


def test_shares_are_those_of_the_frames(said: list[Exchange]) -> None:
    counted = count(said)
    assert list(counted)[3:] == ["home/where/0", "home/then/0", "home/then/1"]
    where = counted["home/where/0"]
    assert (where.lines, where.words["where"], where.words["dog"]) == (9, 9, 3)
    assert (where.pairs["", "where"], where.pairs["dog", ""]) == (9, 3)
    assert (where.reply["on"], where.reply["bed"], where.reply[""]) == (9, 3, 9)


def test_the_arrays_score(said: list[Exchange]) -> None:
    scorer = Coherence(arrays_of(count(said)))
    for line, right in (("what does the cow say", "moo!"), ("where is the cow?", "on chair.")):
        scores = dict(zip(REPLIES, scorer.scores(line, REPLIES), strict=True))
        assert max(scores, key=scores.__getitem__) == right
    figures = measure(scorer, said, seed=1)
    assert figures["exchanges"] == len(said)
    assert figures["auc"]["random"] > 0.8


def test_a_wrong_reply_is_never_one_of_the_frame(said: list[Exchange]) -> None:
    contrast = Contrast(said, seed=2)
    where = next(exchange for exchange in said if exchange.frame == "home/where/0")
    right = {f"on {place}." for place in PLACES}
    for kind in ("random", "scene", "form", "topic", "word"):
        assert {contrast.wrong(where, kind) for _ in range(20)}.isdisjoint(right)
    assert {contrast.wrong(where, "scene") for _ in range(40)} - {None} == {"a duck."}
    assert contrast.wrong(where, "echo") == where.line


def test_the_command_writes_what_the_runtime_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "corpus.jsonl"
    assert corpus(["--pairs", "4000", "--seed", "5", "--out", str(text)]) == 0
    assert main(["scorer", "--out", str(tmp_path / "a"), "--corpus", str(text)]) == 0
    card = json.loads((tmp_path / "a" / "toddler-coherence.json").read_text("utf-8"))
    file = tmp_path / "a" / "toddler-coherence.npz"
    assert card["sha256"] == sha256_of(file)
    assert card["exchanges"] == sum(len(dialogue.turns) for dialogue in read_corpus(text)) >= 4000
    assert all(0.0 <= area <= 1.0 for area in card["held_out"]["auc"].values())
    assert 0 < card["held_out"]["frames"] < card["frames"]
    assert len(load_coherence(file).scores("what is that?", ["a dog.", "yes."])) == 2

    assert main(["scorer", "--out", str(tmp_path / "b"), "--pairs", "4000", "--seed", "5"]) == 0
    assert sha256_of(tmp_path / "b" / "toddler-coherence.npz") == card["sha256"]
    assert "SHA-256" in capsys.readouterr().out


def test_a_missing_corpus_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    for name, message in (("none.jsonl", "cannot be read"), ("empty.jsonl", "too small")):
        assert main(["scorer", "--out", str(tmp_path), "--corpus", str(tmp_path / name)]) == 2
        assert message in capsys.readouterr().err

from __future__ import annotations

import json
import random
from array import array
from pathlib import Path

import numpy as np
import pytest

from robot_runtime.errors import SettingsError
from toddler_training.bundled.packing import (
    Marked,
    Rows,
    Turns,
    conversations,
    mark_dialogues,
    pack,
    read_dialogues,
)
from toddler_training.bundled.tokenizer import train_tokenizer

# A vocabulary of bytes alone: "ab" are two tokens, so that the golden rows can be counted by hand.
BYTES = train_tokenizer([], 512)
A, B, C = BYTES.encode("abc").ids


def talks_of(dialogues: list[Turns], length: int = 64, seed: int = 1) -> list[Marked]:
    return list(conversations(mark_dialogues(dialogues, BYTES), length, random.Random(seed)))


def test_ids_and_kinds_of_a_dialogue() -> None:
    (talk,) = talks_of([[(" ab ", "c"), ("a", "bc")]])
    assert list(talk.ids) == [0, 1, A, B, 2, C, 3, 1, A, 2, B, C, 3]
    assert list(talk.kinds) == [0, 0, 1, 1, 1, 2, 2, 0, 1, 1, 2, 2, 2]


def test_a_row_holds_several_conversations_and_filling() -> None:
    first, second = Marked(array("H", [0, 1, A]), bytearray([0, 0, 1])), Marked(array("H", [0, 2]), bytearray([0, 2]))
    rows = pack(iter([first, second]), 7)
    assert rows.tokens.tolist() == [[0, 1, A, 0, 2, 0, 0]]
    assert rows.kinds.tolist() == [[0, 0, 1, 0, 2, 0, 0]]
    assert rows.talks.tolist() == [[0, 0, 0, 1, 1, 255, 255]]


def many_rows(seed: int) -> Rows:
    dialogues: list[Turns] = [[(f"a{number}", "b" * (1 + number % 5))] for number in range(900)]
    return pack(iter(talks_of(dialogues, 96, seed)), 96)


def test_nothing_is_lost_and_little_is_wasted() -> None:
    rows = many_rows(1)
    assert int((rows.tokens == 3).sum()) == 900
    assert (rows.talks != 255).mean() > 0.93


def test_half_of_the_exchanges_come_early_in_their_conversation() -> None:
    rows = many_rows(1)
    early = total = 0
    for tokens, talks in zip(rows.tokens, rows.talks, strict=True):
        for talk in set(talks.tolist()) - {255}:
            exchanges = int(((tokens == 3) & (talks == talk)).sum())
            early, total = early + min(exchanges, 2), total + exchanges
    assert 0.45 < early / total < 0.62


def test_packing_depends_on_the_seed_alone() -> None:
    first, again, other = many_rows(1), many_rows(1), many_rows(2)
    assert np.array_equal(first.tokens, again.tokens)
    assert first.tokens.shape != other.tokens.shape or not np.array_equal(first.tokens, other.tokens)


def test_a_dialogue_is_kept_together_and_only_the_end_of_a_long_one_is_left_out() -> None:
    (talk,) = talks_of([[("a" * 10, "b")] * 9], length=64)
    assert talk.ids.count(3) == 4
    assert len(talk.ids) <= 64


def test_text_that_fits_no_row_is_refused() -> None:
    with pytest.raises(SettingsError, match="fits into 8 tokens"):
        pack(iter(talks_of([[("a" * 20, "b")]], length=8)), 8)


def test_dialogues_are_read(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text(json.dumps({"scene": "s", "frame": "f", "turns": [["hi", "hi!"]]}) + "\n", "utf-8")
    assert read_dialogues(path) == [[["hi", "hi!"]]]


@pytest.mark.parametrize("line", ["{", "[]", '{"turns": []}', '{"turns": [["hi"]]}', '{"turns": [["hi", " "]]}', "{}"])
def test_a_damaged_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text('{"turns": [["hi", "hi!"]]}\n' + line + "\n", "utf-8")
    with pytest.raises(SettingsError, match=r"corpus\.jsonl:2 is no dialogue"):
        read_dialogues(path)


def test_a_missing_and_an_empty_corpus_are_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no corpus at"):
        read_dialogues(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(SettingsError, match="is empty"):
        read_dialogues(tmp_path / "empty.jsonl")

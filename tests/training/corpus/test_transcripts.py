from __future__ import annotations

from pathlib import Path

import pytest

from robot_runtime.errors import SettingsError
from toddler_training.corpus.transcripts import caregiver_lines, exchanges

CHAT = """@UTF8
@Begin
@Participants:	CHI Target_Child, MOT Mother, SIS Sister
@ID:	eng|Test|CHI|{age}|female|||Target_Child|||
@ID:	eng|Test|MOT|||||Mother|||
@ID:	eng|Test|SIS|||||Sister|||
*MOT:	look at <the cat> [/] the cat (.) Anna .
%com:	points
*MOT:	what is
	it ?
*CHI:	a kitty .
*SIS:	my kitty .
*CHI:	no .
*MOT:	the xxx .
*CHI:	gone .
*MOT:	where (i)s it ?
*CHI:	yyy .
@End
"""
LINES = ["look at the cat Anna.", "what is it?", "where is it?"]
EXCHANGES = [("look at the cat Anna. what is it?", "a kitty."), ("the.", "gone.")]
CSV = """years,months,text,CHI_response,adult_coherence_score,child_coherence_score
2.0,4.0,hi?,hi.,0.5,0.5
3.0,0.0,bye_bye?,bye.,0.5,0.5
2.0,,xxx there?,no.,0.5,0.5
"""


def transcript(tmp_path: Path, age: str) -> Path:
    path = tmp_path / "anna.cha"
    path.write_text(CHAT.format(age=age), encoding="utf-8")
    return path


def test_grown_ups_count_line_by_line_and_exchanges_turn_by_turn(tmp_path: Path) -> None:
    path = transcript(tmp_path, "2;03.26")
    assert list(caregiver_lines(path)) == list(caregiver_lines(tmp_path)) == LINES
    assert list(exchanges(path)) == EXCHANGES


@pytest.mark.parametrize(("age", "counts"), [("1;11.30", 0), ("2;00.00", 3), ("2;11.", 3), ("3;00.01", 0), ("", 0)])
def test_lines_are_those_told_to_two_year_olds(tmp_path: Path, age: str, counts: int) -> None:
    assert len(list(caregiver_lines(transcript(tmp_path, age)))) == counts


def test_exchanges_are_of_children_of_any_age(tmp_path: Path) -> None:
    assert list(exchanges(transcript(tmp_path, "5;01.02"))) == EXCHANGES


def test_a_csv_of_scored_pairs_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(CSV, encoding="utf-8")
    assert list(caregiver_lines(path)) == ["hi?"]
    assert list(exchanges(path)) == [("hi?", "hi."), ("bye bye?", "bye."), ("there?", "no.")]


@pytest.mark.parametrize(
    ("name", "content", "says"), [("a.csv", "text\nhi\n", "no column"), ("a.txt", "hi", "cannot read")]
)
def test_what_is_no_transcript_is_named(tmp_path: Path, name: str, content: str, says: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match=says):
        list(caregiver_lines(path))

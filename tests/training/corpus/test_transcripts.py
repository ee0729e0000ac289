from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from robot_runtime.errors import CorpusError
from toddler_training.corpus.transcripts import Exchange, plain, read_exchanges

CHAT = """@UTF8
@Begin
@Participants:	CHI Target_Child, MOT Mother
@ID:	eng|Test|CHI|{age}|female|||Target_Child|||
@ID:	eng|Test|MOT|||||Mother|||
*MOT:	look at <the cat> [/] the cat (.) Anna .
%com:	points
*MOT:	what is
	it ?
*CHI:	a kitty .
*MOT:	xxx .
*CHI:	gone .
*MOT:	where (i)s it ?
*CHI:	yyy .
@End
"""
EXCHANGES = [
    Exchange(("look at the cat Anna .", "what is it ?"), "a kitty ."),
    Exchange(("where is it ?",), ""),
]


def test_turns_are_joined_and_codes_left_out(tmp_path: Path) -> None:
    (tmp_path / "anna.cha").write_text(CHAT.format(age="2;03.26"), encoding="utf-8")
    assert list(read_exchanges(tmp_path)) == EXCHANGES
    assert list(read_exchanges(tmp_path / "anna.cha")) == EXCHANGES


@pytest.mark.parametrize(("age", "counts"), [("1;11.30", 0), ("2;00.00", 2), ("2;11.", 2), ("3;00.01", 0), ("", 0)])
def test_only_two_year_olds_count(tmp_path: Path, age: str, counts: int) -> None:
    (tmp_path / "anna.cha").write_text(CHAT.format(age=age), encoding="utf-8")
    assert len(list(read_exchanges(tmp_path))) == counts


def test_a_zip_inside_a_folder_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "Test.zip", "w") as archive:
        archive.writestr("Test/Anna/020326.cha", CHAT.format(age="2;03.26"))
    assert list(read_exchanges(tmp_path)) == EXCHANGES
    assert list(read_exchanges(tmp_path / "Test.zip")) == EXCHANGES


def test_a_csv_of_pairs_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(
        "years,months,text,CHI_response\n2.0,4.0,hi?,hi.\n3.0,0.0,bye?,bye.\n2.0,,xxx?,no.\n", encoding="utf-8"
    )
    assert list(read_exchanges(path)) == [Exchange(("hi?",), "hi.")]


@pytest.mark.parametrize(
    ("name", "content", "says"), [("a.csv", "text\nhi\n", "no column"), ("a.txt", "hi", "no CHAT")]
)
def test_what_is_no_transcript_is_named(tmp_path: Path, name: str, content: str, says: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CorpusError, match=says):
        list(read_exchanges(path))


@pytest.mark.parametrize(
    ("coded", "said"),
    [
        ("oh [!] you &-uh want it ? \x15123_456\x15", "oh you want it ?"),
        ("I [/] I want choo+choo@c +...", "I want choo choo"),
        ("ge(t) the dis [: this] &=laughs .", "get the dis ."),
    ],
)
def test_codes_are_taken_off(coded: str, said: str) -> None:
    assert plain(coded) == said

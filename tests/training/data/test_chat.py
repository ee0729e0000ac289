from __future__ import annotations

from pathlib import Path

import pytest

from toddler_training.data.chat import age_in_months, read_transcript
from toddler_training.data.clean import clean
from toddler_training.data.samples import write_samples

TWO_CHILDREN = """\ufeff@UTF8\r
@Begin\r
@Participants:\tMOT Mother, CHI Target_Child,\r
\tBEA Bea Target_Child, SIS Nan Sister\r
@ID:\teng|Home|CHI|2;06.15|male|||Target_Child|||\r
@ID:\teng|Home|BEA|3;01.|female|||Target_Child|||\r
@ID:\teng|Home|MOT|||||Mother|||\r
*MOT:\twhere is\r
\tyour hat ?\r
%com:\tlooks under the\r
\ttable\r
*CHI:\tthere .\r
@New Episode\r
*BEA:\tmine !\r
*SIS:\tno .\r
@End\r
"""


def test_a_transcript_is_read_whole() -> None:
    read = read_transcript("Home/Al/020615.cha", TWO_CHILDREN)
    assert read.corpus == "Home"
    assert [tuple(line) for line in read.lines] == [
        ("MOT", "where is your hat ?", 0),
        ("CHI", "there .", 0),
        ("BEA", "mine !", 1),
        ("SIS", "no .", 1),
    ]
    speakers = read.speakers
    assert speakers["CHI"].child == "Home/Al"
    assert speakers["CHI"].age_months == pytest.approx(30 + 15 / 30.4375)
    assert (speakers["BEA"].child, speakers["BEA"].age_months) == ("Home/Bea", 37)
    assert (speakers["MOT"].role, speakers["MOT"].child) == ("Mother", "Home/Al")
    assert speakers["SIS"].role == "Sister"


@pytest.mark.parametrize(
    ("path", "child"),
    [("Home/020615.cha", "Home/CHI"), ("020615.cha", "Home/CHI"), ("Eng-NA/Home/Al/020615.cha", "Home/Al")],
)
def test_a_child_without_name_is_called_by_its_folder_or_code(path: str, child: str) -> None:
    assert read_transcript(path, TWO_CHILDREN).speakers["CHI"].child == child


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("2;03.15", 27 + 15 / 30.4375),
        ("2;03.", 27),
        ("2;03", 27),
        ("2;3.1", 27 + 1 / 30.4375),
        ("0;11.30", 11 + 30 / 30.4375),
        ("2;", 30),
        ("", None),
        ("adult", None),
    ],
)
def test_ages(text: str, months: float | None) -> None:
    assert age_in_months(text) == (None if months is None else pytest.approx(months))


def header(more: str) -> str:
    return (
        f"@Begin\n@Participants:\tCHI Target_Child\n@ID:\teng|Home|CHI|||||Target_Child|||\n{more}*CHI:\thi .\n@End\n"
    )


@pytest.mark.parametrize(
    ("dates", "months"),
    [
        ("@Birth of CHI:\t23-JUL-1990\n@Date:\t23-JUL-1992\n@Date:\t23-JUL-1999\n", 731 / 30.4375),
        ("@Birth of CHI:\t23-JUL-1992\n@Date:\t23-JUL-1990\n", None),
        ("@Birth of CHI:\tunknown\n@Date:\t23-JUL-1990\n", None),
        ("@Date:\t23-JUL-1990\n", None),
    ],
)
def test_a_missing_age_follows_from_dates(dates: str, months: float | None) -> None:
    age = read_transcript("a.cha", header(dates)).speakers["CHI"].age_months
    assert age == (None if months is None else pytest.approx(months))


def test_a_file_without_children_and_one_without_anything() -> None:
    read = read_transcript("Talk/a.cha", "@Begin\n@Participants:\tPAR0 Participant\n*PAR0:\thi .\n@End\n")
    assert (read.corpus, read.speakers["PAR0"].child, read.speakers["PAR0"].age_months) == ("Talk", "", None)
    assert read_transcript("a.cha", "").lines == []


def test_another_reader_finds_the_same_words_and_ages(tmp_path: Path) -> None:
    import pylangacq

    write_samples(tmp_path, 10)
    for path in sorted(tmp_path.rglob("*.cha")):
        mine = read_transcript(path.name, path.read_text("utf-8"))
        theirs = pylangacq.read_chat(str(path))
        assert [(line.speaker, words(clean(line.raw).text)) for line in mine.lines] == [
            (line.participant, [token.word for token in line.tokens or () if token.word.strip(".,?!x")])
            for line in theirs.utterances()
        ]
        age = mine.speakers["CHI"].age_months
        assert age is not None
        assert str(theirs.ages()[0]) == f"{int(age) // 12};{int(age) % 12:02}.00"


def words(text: str) -> list[str]:
    return [word for word in (word.strip(".,?!") for word in text.split()) if word]

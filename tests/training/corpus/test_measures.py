from __future__ import annotations

from pathlib import Path

import pytest

from toddler_training.corpus.__main__ import main
from toddler_training.corpus.build import Dialogue, load_expanders
from toddler_training.corpus.coverage import measure, stem
from toddler_training.corpus.originality import compare

SCENE = """
@scene s
{frames}
"""
FRAME = """
@frame f{number}
A: do you see the dogs?
C: yeah.
"""


def corpus(tmp_path: Path, frames: int = 3) -> Path:
    (tmp_path / "lexicon").mkdir()
    (tmp_path / "scenes").mkdir()
    text = SCENE.format(frames="".join(FRAME.format(number=number) for number in range(frames)))
    (tmp_path / "scenes" / "s.txt").write_text(text, encoding="utf-8")
    return tmp_path


def transcript(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "child.cha"
    head = "@ID:\teng|Test|CHI|2;06.00|male|||Target_Child|||\n@ID:\teng|Test|MOT|||||Mother|||\n"
    path.write_text(head + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_a_line_is_known_by_its_words_and_its_form(tmp_path: Path) -> None:
    path = transcript(
        tmp_path,
        "*MOT:\tdo you see the dog ?",
        "*MOT:\tdo you see the dog Anna ?",
        "*MOT:\tdo you see the hippo ?",
        "*MOT:\tyou see the dog .",
        "*CHI:\tno .",
    )
    found = measure(load_expanders(corpus(tmp_path)), path)
    assert (found.lines, found.known, found.known_words, found.known_forms) == (4, 2, 3, 3)
    assert dict(found.missing_words) == dict(found.alone) == {"hippo": 1}
    assert dict(found.missing_forms) == {"statement": 1}
    assert "50.0%" in found.text()


def test_a_form_of_too_few_frames_is_not_known(tmp_path: Path) -> None:
    path = transcript(tmp_path, "*MOT:\tdo you see the dog ?", "*CHI:\tno .")
    assert measure(load_expanders(corpus(tmp_path, frames=2)), path).known == 0


@pytest.mark.parametrize(
    ("word", "same"), [("dogs", "dog"), ("doggy", "dog"), ("running", "run"), ("baking", "bake"), ("cried", "cry")]
)
def test_endings_do_not_count(word: str, same: str) -> None:
    assert stem(word) == stem(same)


def test_shared_pairs_are_found_and_judged(tmp_path: Path) -> None:
    path = transcript(
        tmp_path,
        "*MOT:\twhat do you say ?",
        "*CHI:\tthank you .",
        "*MOT:\twhere did your big red truck go now ?",
        "*CHI:\tit goed under there .",
        "*MOT:\thi .",
        "*CHI:\thi .",
    )
    turns = (
        ("What do you say?", "thank you!"),
        ("where did your big red truck go now", "it goed under there"),
        ("hi", "hi"),
        ("do you see the dog?", "where did it go?"),
    )
    found = compare([Dialogue("s", "f", turns)], path)
    assert (found.pairs, found.real, len(found.shared)) == (3, 2, 2)
    assert found.suspects == [("where did your big red truck go now", "it goed under there")]
    assert "no chance" in found.text()


def test_the_command_looks_for_copies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = transcript(tmp_path, "*MOT:\twhat do you say ?", "*CHI:\tthank you .")
    assert main(["--originality", str(path), "--pairs", "200"]) == 0
    assert "are no chance phrase" in capsys.readouterr().out


def test_the_command_names_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--coverage", str(tmp_path / "nothing")]) == 2
    assert "cannot read the transcripts" in capsys.readouterr().err

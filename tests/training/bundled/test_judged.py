from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from robot_runtime.errors import SettingsError
from robot_runtime.model_store.locate import BUNDLED, locate
from toddler_training.bundled.answers import Answer, read_exchanges
from toddler_training.bundled.judged import DRAWS, judged, table_text
from toddler_training.bundled.sheet import Asked, Sheet, key_file, lay_out, read_sheet, write_sheet
from toddler_training.command import main
from toddler_training.corpus.held_out import line_mark
from toddler_training.evaluate.comparison import RANKED, RAW
from toddler_training.evaluate.contestants import CHILDREN
from toddler_training.evaluate.features import Counter, Norms

QUESTIONS = ("Where is your bag?", "Do you want some milk?", "Who is it?")
WISE = Asked(
    "wise",
    "11" * 32,
    [
        Answer(QUESTIONS[0], "on the chair.", ("my shoe.", "on the chair."), 0),
        Answer(QUESTIONS[1], "some milk.", ("some milk.", "magnates"), 1),
        Answer(QUESTIONS[2], None, ("daddy magnate.", "magnates"), 2),
    ],
)
PLAIN = Asked(
    "plain",
    "22" * 32,
    [
        Answer(QUESTIONS[0], "my shoe.", ("my shoe.",), 0),
        Answer(QUESTIONS[1], "some milk.", ("some milk.",), 0),
        Answer(QUESTIONS[2], "me no know.", ("me no know.",), 0),
    ],
)
CHILD = Asked(CHILDREN, None, [Answer(line, "there", ("there",), 0) for line in QUESTIONS])

SCORED = (
    "folder_name,child_name,years,months,days,text,CHI_response,adult_coherence_score,child_coherence_score\n"
    "Made/Up,Pip,2,3,1,where is your bag?,on the chair.,0.9,0.9\n"
    "Made/Up,Sam,2,6,0,where is your bag?,no!,0.9,0.2\n"
    "Made/Up,Pip,2,11,29,you see the moon?,moon.,0.8,0.9\n"
    "Made/Up,Pip,3,0,0,are you three now?,yes.,0.9,0.9\n"
)


def verdicts(sheet: Sheet, senseless: set[str]) -> Sheet:
    lines = {number: replace(line, verdict=line.reply not in senseless) for number, line in sheet.lines.items()}
    return replace(sheet, lines=lines)


def fill(path: Path, verdict: str) -> None:
    rows = list(csv.reader(path.read_text("utf-8").splitlines(), csv.excel_tab))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, csv.excel_tab).writerows([rows[0], *([*row[:3], verdict] for row in rows[1:])])


def figure(table: dict[str, Any], label: str, key: str) -> float:
    found = next(voice for voice in table["voices"] if voice["label"] == label)
    return float(found["figures"][key]["value"])


def test_a_sheet_is_blind_and_its_key_knows(tmp_path: Path) -> None:
    sheet = lay_out([WISE, PLAIN, CHILD], (RAW, RANKED), seed=3)
    said = [(line.prompt, line.reply) for line in sheet.lines.values()]
    assert len(said) == len(set(said)) == 8
    for asked in (WISE, PLAIN):
        for column in (RAW, RANKED):
            voice = next(each for each in sheet.voices if (each.name, each.column) == (asked.name, column))
            for answer, number in zip(asked.answers, voice.said, strict=True):
                reply = answer.candidates[0] if column == RAW else answer.reply
                found = number and sheet.lines[number]
                assert (found and (found.prompt, found.reply)) == (reply and (answer.question, reply))
    assert lay_out([WISE, PLAIN, CHILD], (RAW, RANKED), seed=4).lines != sheet.lines

    path = tmp_path / "new" / "sheet.tsv"
    write_sheet(sheet, path)
    text = path.read_text("utf-8")
    assert text.startswith("number\tprompt\treply\tverdict\n1\t")
    assert not any(word in text for word in ("wise", "plain", CHILDREN, RAW, RANKED))
    fill(path, "Yes ")
    assert read_sheet(path) == verdicts(sheet, set())


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "sheet.tsv"
    sheet = lay_out([WISE], (RANKED,), seed=1)
    write_sheet(sheet, path)
    with pytest.raises(SettingsError, match=r"write yes or no in the column verdict of the line numbers 1, 2$"):
        read_sheet(path)
    fill(path, "perhaps")
    with pytest.raises(SettingsError, match=r"numbers 1, 2$"):
        read_sheet(path)
    fill(path, "no")
    whole = path.read_text("utf-8")
    path.write_text(whole.rpartition("2\t")[0], encoding="utf-8")
    with pytest.raises(SettingsError, match="lacks the line numbers 2:"):
        read_sheet(path)
    path.write_text(whole.replace("verdict", "Urteil"), encoding="utf-8")
    with pytest.raises(SettingsError, match="no sheet of `answers --sheet` any more"):
        read_sheet(path)
    path.write_text(whole, encoding="utf-8")
    key_file(path).unlink()
    with pytest.raises(SettingsError, match=r"sheet\.key\.json"):
        read_sheet(path)


def test_figures_of_verdicts_and_replies() -> None:
    sheet = verdicts(lay_out([WISE, PLAIN], (RAW, RANKED), seed=1), {"my shoe."})
    (table,) = judged({"one": sheet}, Counter(Norms()))
    assert figure(table, "wise, raw", "judged") == pytest.approx(2 / 3)
    assert figure(table, "wise, ranked", "judged") == pytest.approx(2 / 3)  # where all were refused, nothing was said
    assert figure(table, "plain, ranked", "judged") == pytest.approx(2 / 3)
    assert figure(table, "plain, ranked", "judged_answers") == pytest.approx(1 / 3)
    assert figure(table, "wise, ranked", "unanswered") == pytest.approx(1 / 3)
    assert figure(table, "wise, ranked", "candidates_refused") == pytest.approx(3 / 6)
    assert figure(table, "wise, raw", "refused") == pytest.approx(1 / 3)
    assert figure(table, "wise, ranked", "words") == pytest.approx(2.5)
    assert len(table["differences"]) == 6
    first = table["differences"][0]
    assert (first["of"], first["less"], first["value"]) == ("wise, ranked", "wise, raw", 0)
    text = table_text(table)
    assert text.startswith(f"3 questions; in brackets, 95 % of {DRAWS}")
    assert "coherent, plain, ranked less wise, raw: 0.000 [" in text and "may be chance" in text


def test_sheets_of_the_same_questions_are_compared() -> None:
    early = verdicts(lay_out([WISE], (RANKED,), seed=1), {"on the chair.", "some milk."})
    late = verdicts(lay_out([PLAIN], (RANKED,), seed=1), set())
    other = verdicts(lay_out([WISE._replace(answers=WISE.answers[:2])], (RANKED,), seed=1), set())
    both, alone = judged({"early": early, "late": late, "other": other}, Counter(Norms()))
    assert [voice["label"] for voice in both["voices"]] == ["early: wise, ranked", "late: plain, ranked"]
    assert both["differences"][0]["value"] == 1
    assert [voice["label"] for voice in alone["voices"]] == ["wise, ranked"]


def test_a_marked_sheet_gives_the_same_verdicts_and_no_words_of_others(tmp_path: Path) -> None:
    sheet = verdicts(lay_out([WISE, CHILD], (RANKED,), seed=1), {"some milk."})
    write_sheet(sheet.marked(), tmp_path / "marked.tsv")
    text = (tmp_path / "marked.tsv").read_text("utf-8")
    assert not any(words in text for words in (*QUESTIONS, "there"))
    assert text.count(f"[{line_mark('where is your bag')}]") == 1
    assert CHILDREN not in key_file(tmp_path / "marked.tsv").read_text("utf-8")
    marked = read_sheet(tmp_path / "marked.tsv")
    assert marked.marked() == marked
    (whole,), (table,) = (judged({"it": each}, Counter(Norms())) for each in (sheet, marked))
    for key in ("judged", "words", "evasive", "length_kl_childes"):
        assert figure(table, "wise, ranked", key) == figure(whole, "wise, ranked", key)
    assert "copied" in whole["voices"][0]["figures"] and "copied" not in table["voices"][0]["figures"]
    assert table_text(table)


def test_lines_to_two_year_olds_of_a_csv(tmp_path: Path) -> None:
    path = tmp_path / "scored.csv"
    path.write_text(SCORED, encoding="utf-8")
    assert read_exchanges(path) == [("where is your bag?", "on the chair."), ("you see the moon?", "moon.")]


def test_from_questions_to_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    questions, sheet, out = tmp_path / "scored.csv", tmp_path / "sheet.tsv", tmp_path / "figures.json"
    questions.write_text(SCORED, encoding="utf-8")
    twin = tmp_path / f"{BUNDLED}.gguf"
    twin.write_bytes(locate(BUNDLED).path.read_bytes() + bytes(1))
    command = ["answers", "--model", BUNDLED, "--questions", str(questions), "--sheet", str(sheet), "--candidates", "2"]
    assert main([*command, "--model", str(twin), "--raw", "--children"]) == 0
    assert "2 questions, 1 of which the bundled model's corpus leaves out" in capsys.readouterr().out
    assert main(["judged", str(sheet)]) == 2
    assert "write yes or no" in capsys.readouterr().err
    fill(sheet, "yes")
    assert main(["judged", str(sheet), "--out", str(out), "--marked", str(tmp_path / "marked")]) == 0
    assert "coherent, judged by reading" in capsys.readouterr().out
    (table,) = json.loads(out.read_text("utf-8"))
    labels = [voice["label"] for voice in table["voices"]]
    assert len(labels) == len(set(labels)) == 5 and labels[-1] == CHILDREN
    assert labels[0].startswith(f"{BUNDLED}-{table['voices'][0]['sha256'][:8]}, raw")
    assert all(voice["figures"]["judged"]["value"] == 1 for voice in table["voices"])
    assert read_sheet(tmp_path / "marked" / "sheet.tsv").marked() == read_sheet(sheet).marked()

    whole = sheet.read_bytes()
    for again in (command, ["judged", str(sheet), "--marked", str(tmp_path)]):
        assert main(again) == 2
        assert "may hold verdicts" in capsys.readouterr().err
    assert sheet.read_bytes() == whole


def test_a_profile_says_what_may_be_answered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    questions, profile = tmp_path / "questions.txt", tmp_path / "profile.toml"
    questions.write_text("Do you want some milk?\nWho is it?\nHello!\n", encoding="utf-8")
    profile.write_text("[check]\nmax_words = 1\n", encoding="utf-8")
    main(["answers", "--model", BUNDLED, "--questions", str(questions), "--profile", str(profile)])
    replies = [line.removeprefix("    -> ") for line in capsys.readouterr().out.splitlines() if "    -> " in line]
    assert len(replies) == 3
    assert all(len(reply.split()) == 1 or "refused" in reply for reply in replies)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--raw"], "name it with --sheet"),
        (["--children", "--sheet", "{}/sheet.tsv"], "needs a CSV"),
        (["--candidates", "40", "--sheet", "{}/sheet.tsv"], "candidates = 40 is outside 0 to 32"),
    ],
)
def test_options_that_do_not_fit(
    options: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = tmp_path / "questions.txt"
    questions.write_text("Who is it?\n", encoding="utf-8")
    command = ["answers", "--model", BUNDLED, "--questions", str(questions)]
    assert main([*command, *(option.format(tmp_path) for option in options)]) == 2
    assert message in capsys.readouterr().err

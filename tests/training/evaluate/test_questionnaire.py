from __future__ import annotations

import argparse
import csv
import json
import random
import re
from pathlib import Path

import numpy
import pytest

from robot_runtime.errors import SettingsError
from toddler_training.command import main
from toddler_training.evaluate.study.answers import Answer, analysis, cronbach_alpha, read_answers, scale_score
from toddler_training.evaluate.study.command import add_questionnaire
from toddler_training.evaluate.study.form import form
from toddler_training.evaluate.study.questionnaire import Questionnaire, read_questionnaire

OURS = read_questionnaire()


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    add_questionnaire(parser)
    options = parser.parse_args(arguments)
    return int(options.run(options))


def write_answers(path: Path, questionnaire: Questionnaire = OURS, people: int = 19) -> Path:
    """Everybody meets two robots and finds the first one a step more of everything, and a year younger."""
    rng = random.Random(4)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, questionnaire.columns)
        writer.writeheader()
        for person in range(people):
            liking = rng.gauss(0, 0.7)
            for condition, level, age in (("cozmo", 3.8, 4), ("misty", 2.8, 5)):
                row: dict[str, object] = {"participant": f"p{person}", "condition": condition, "remarks": "so, so"}
                row["perceived_age"] = age + rng.choice((-0.5, 0, 0.5))
                for item in (item for scale in questionnaire.scales for item in scale.items):
                    step = min(5, max(1, round(level + liking + rng.gauss(0, 0.5))))
                    row[item.column] = 6 - step if item.reversed else step
                writer.writerow(row)
    return path


def test_the_form_asks_everything_and_needs_no_network() -> None:
    page = form(OURS, 1)
    for scale in OURS.scales:
        for item in scale.items:
            assert page.count(f'name="{item.column}"') == 5
            assert item.low in page and item.high in page
    assert not re.search(r'(?:src|href|action)="', page)
    assert json.loads(re.findall(r'id="about">(.*?)</script>', page)[0])["columns"] == OURS.columns
    assert page != form(OURS, 2) and page == form(OURS, 1)
    assert 'columns.map(quoted).join(",")' in page  # scripts are written as they are


def test_differences_between_conditions_are_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = write_answers(tmp_path / "answers.csv")
    assert run("--analyse", str(answers), "--report", str(tmp_path / "report.html")) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["participants"], found["answers"], found["conditions"]) == (19, 38, ["cozmo", "misty"])
    assert found["perceived_age"]["means"]["misty"]["value"] == pytest.approx(5, abs=0.3)
    (older,) = found["perceived_age"]["differences"]
    assert older["p"] < 0.01 and older["low"] < 1 < older["high"]
    for scale in found["scales"]:
        assert scale["alpha"]["value"] > 0.7
        assert scale["alpha"]["low"] < scale["alpha"]["value"] < scale["alpha"]["high"]
        assert scale["differences"][0]["value"] == pytest.approx(-1, abs=0.4)
        assert scale["differences"][0]["p"] < 0.01
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "misty less cozmo" in page and "Bartneck" in page


def test_one_answer_gives_means_and_no_reliability(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = write_answers(tmp_path / "answers.csv", people=1)
    assert run("--analyse", str(answers), "--report", str(tmp_path / "report.html")) == 0
    assert json.loads(capsys.readouterr().out)["scales"][0]["means"]["cozmo"]["n"] == 1


def test_cronbach_alpha() -> None:
    same = numpy.array([[1.0, 1, 1], [3, 3, 3], [5, 5, 5]])
    assert cronbach_alpha(same) == pytest.approx(1.0)
    # By hand: item variances 1 and 1, variance of the sums 2, so 2 * (1 - 2 / 2).
    assert cronbach_alpha(numpy.array([[1.0, 2], [2, 3], [3, 1]]) * [1, 1]) == pytest.approx(2 * (1 - 2 / 1.0))
    assert numpy.isnan(cronbach_alpha(numpy.array([[1.0, 2]])))


def test_reversed_items_are_turned_and_gaps_are_borne() -> None:
    scale = next(scale for scale in OURS.scales if any(item.reversed for item in scale.items))
    best = {item.column: 1.0 if item.reversed else 5.0 for item in scale.items}
    assert scale_score(scale, Answer("p", "c", best)) == 5.0
    best.popitem()
    assert scale_score(scale, Answer("p", "c", best)) == 5.0
    assert scale_score(scale, Answer("p", "c", {})) is None
    found = analysis(OURS, [Answer("p", "c", {}), Answer("q", "c", {})], 100, 1)
    assert found["scales"][0]["alpha"]["value"] is None


def test_the_form_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--form", str(tmp_path / "new" / "form.html")) == 0
    assert (tmp_path / "new" / "form.html").read_text("utf-8") == form(OURS, 1)


def damaged(folder: Path, old: str, new: str) -> Path:
    path = write_answers(folder / "answers.csv", people=2)
    path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("human_like_1", "human_1", "no column 'human_like_1'"),
        ("p1,cozmo", "p0,cozmo", "two answers of p0 under cozmo"),
        ("p0,cozmo,", "p0,cozmo,9", "line 2: perceived_age"),
    ],
)
def test_answers_that_cannot_be(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        read_answers([damaged(tmp_path, old, new)], OURS)


def test_a_questionnaire_of_the_user(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        'title = "T"\nintro = "I"\n[age]\nquestion = "Q"\nlowest = 1\nhighest = 9\n[[scale]]\nname = "A"\n'
        'question = "W"\nitems = [{ low = "a", high = "b" }, { low = "c", high = "d", reversed = true }]\n',
        encoding="utf-8",
    )
    own = read_questionnaire(path)
    assert own.columns == ["participant", "condition", "perceived_age", "a_1", "a_2", "remarks"]
    assert len(read_answers([write_answers(tmp_path / "answers.csv", own, people=3)], own)) == 6
    path.write_text(path.read_text("utf-8").replace(', { low = "c", high = "d", reversed = true }', ""), "utf-8")
    with pytest.raises(SettingsError, match="two items"):
        read_questionnaire(path)
    with pytest.raises(SettingsError, match="cannot be read"):
        read_questionnaire(tmp_path / "missing.toml")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--form", "{}/form.html", "--report", "{}/report.html"], "give it with --analyse"),
        (["--form", "{}/file/form.html"], "cannot write"),
        (["--analyse", "{}/none.csv"], "cannot read the answers"),
    ],
)
def test_wrong_arguments_are_one_line_and_exit_2(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert main(["questionnaire", *(argument.format(tmp_path) for argument in arguments)]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert not (tmp_path / "form.html").exists()

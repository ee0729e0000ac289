from __future__ import annotations

from pathlib import Path

import pytest

from robot_runtime.errors import SettingsError
from toddler_training.data.scored import ScoredPair, read_scored

HEAD = (
    "folder_name,root_name,child_name,years,months,days,speaker,text,CHI_response,"
    "adult_coherence_score,child_coherence_score\n"
)


def test_scores_and_ages_are_kept_and_the_rest_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "scored.csv"
    path.write_text(
        HEAD
        + 'Home/Al,a,Al,2.0,6.0,15.0,MOT,"a red  ball, you see?",red ball.,0.9,0.8\n'
        + "Home,b,,,,,MOT,where is it?,there.,1.0,0.2\n"
        + "Home,c,Al,2.0,,,MOT,where is it?,there.,1.0,0.2\n"
        + "Home,d,Al,2.0,,,MOT,what?,,0.5,0.5\n"
        + "Home,e,Al,2.0,,,MOT,what?,that.,0.5,\n"
        + "Home,f,Al,2.0,,,MOT,what?,that.,0.5,5\n",
        encoding="utf-8",
    )
    pairs, counts = read_scored(path)
    assert pairs[0].age_months == pytest.approx(30 + 15 / 30.4375)
    assert pairs[0]._replace(age_months=30) == ScoredPair("Home/Al", 30, "a red ball, you see?", "red ball.", 0.9, 0.8)
    assert pairs[1] == ScoredPair("", None, "where is it?", "there.", 1.0, 0.2)
    assert counts == {"read": 6, "kept": 2, "dropped: twice": 1, "dropped: text or score missing": 3}


@pytest.mark.parametrize(
    ("content", "message"),
    [("text,CHI_response\n", "no column adult_coherence_score"), (HEAD, "no row with text and scores")],
)
def test_another_csv_is_refused(content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "scored.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match=message):
        read_scored(path)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot read the scored pairs"):
        read_scored(tmp_path / "none.csv")

from __future__ import annotations

from pathlib import Path

import pytest

from robot_runtime.errors import SettingsError
from toddler_training.evaluate.norms import base_forms, read_ages, read_early_words

SHARED = Path(__file__).parents[4] / "shared" / "data" / "norms"

AGES = "Word\tOccurTotal\tRating.Mean\tDunno\nDog\t20\t2.5\t1\nbank\t19\t9.25\t1\nblurp\t3\tNA\t0\n"
CDI = (
    '"num_item_id","definition","type","category","16","24","30"\n'
    '1,"dog","word","animals",0.6,0.9,1\n'
    '2,"chicken (animal)","word","animals",0.1,0.5,0.9\n'
    '3,"thank you","word","games",0.6,0.7,0.9\n'
    '4,"inside/in","word","locations",0.2,0.4,0.8\n'
    '5,"grandma*","word","people",0.2,0.3,0.4\n'
)


def written(folder: Path, text: str) -> Path:
    path = folder / "norms"
    path.write_text(text, encoding="utf-8")
    return path


def test_ages_of_acquisition(tmp_path: Path) -> None:
    ages = read_ages(written(tmp_path, AGES))
    assert (ages.of("dog"), ages.of("dogs"), ages.of("dog's"), ages.of("banking")) == (2.5, 2.5, 2.5, 9.25)
    assert ages.of("blurp") is None and ages.of("zebra") is None


def test_words_by_age(tmp_path: Path) -> None:
    early = read_early_words(written(tmp_path, CDI))
    assert early.months == (16, 24, 30) and early.items == 5
    assert [early.first_month(word) for word in ("dogs", "chicken", "in", "inside")] == [16, 24, 30, 30]
    assert early.first_month("grandma") is None and early.first_month("you") is None


def test_base_forms() -> None:
    assert {"run", "hope", "hop"} <= {form for word in ("running", "hoping") for form in base_forms(word)}
    assert "baby" in base_forms("babies") and "box" in base_forms("boxes")
    assert base_forms("is") == ["is"]


@pytest.mark.parametrize(
    ("text", "message"), [("Word\n", "Rating.Mean"), ("", "lack the column"), ("Word,Rating.Mean\na,x\n", "no age")]
)
def test_other_tables_are_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        read_ages(written(tmp_path, text))


def test_a_table_without_months_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="month"):
        read_early_words(written(tmp_path, "definition,category\ndog,animals\n"))
    with pytest.raises(SettingsError, match="cannot read"):
        read_early_words(tmp_path / "missing.csv")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the norms are not on this computer")
def test_the_published_tables() -> None:
    ages = read_ages(SHARED / "AoA_ratings_Kuperman_et_al_BRM.tsv")
    early = read_early_words(SHARED / "cdi_american_english_proportions.csv")
    assert len(ages.years) > 30_000 and ages.of("dog") is not None
    assert early.items == 680 and early.months == tuple(range(16, 31)) and early.first_month("dog") == 16

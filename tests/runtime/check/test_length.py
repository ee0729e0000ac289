"""RM-3 and the CHILDES table against their published values."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robot_runtime.check.length import SplitGaussian, fit, load_norms, mean_sentence_words, punctuation_penalty
from robot_runtime.errors import SettingsError

AT_T1 = {1: 0.479, 2: 1.0, 3: 0.953, 4: 0.824, 5: 0.646, 6: 0.460, 7: 0.297, 8: 0.175, 10: 0.045}
AT_T4 = {1: 0.987, 2: 1.0, 3: 1.0, 4: 1.0, 5: 1.0, 6: 0.973, 7: 0.788, 8: 0.548, 9: 0.327, 10: 0.169, 12: 0.031}


@pytest.mark.parametrize(("temperature", "golden"), [(1.0, AT_T1), (4.0, AT_T4)])
def test_golden_values(temperature: float, golden: dict[int, float]) -> None:
    shape = SplitGaussian(temperature=temperature)
    assert {words: round(shape.length_score(words), 3) for words in golden} == golden


@pytest.mark.parametrize(
    ("text", "words"),
    [("ball", 1), ("a red ball.", 3), ("no! my red ball!", 2), ("look. that is a big dog.", 3), ("", 0), ("...", 0)],
)
def test_words_per_sentence(text: str, words: float) -> None:
    assert mean_sentence_words(text) == words


@pytest.mark.parametrize(
    ("text", "factor"), [("ball", 1), ("ball.", 1), ("yeah, ball.", 1 / 2), ("no! no; no: no?", 1 / 4)]
)
def test_punctuation_penalty(text: str, factor: float) -> None:
    assert punctuation_penalty(text) == factor


def test_score_is_length_times_penalty() -> None:
    shape = SplitGaussian(temperature=1.0)
    assert shape.score("yeah, big doggy.") == pytest.approx(0.953 / 2, abs=5e-4)
    assert shape.score("") == 0.0


def test_narrow_sides_are_widened() -> None:
    narrow = SplitGaussian(median=3.0, left_variance=0.1, right_variance=0.0, temperature=1.0)
    assert narrow.length_score(2) == narrow.length_score(4) == pytest.approx(math.exp(-1.0))


def test_fit_splits_the_variance_at_the_median() -> None:
    shape = fit([1, 1, 2, 2, 2, 4, 6], temperature=2.0)
    assert shape == SplitGaussian(2.0, 2 / 5, (4 + 16) / 5, 2.0)


def test_fit_needs_lengths() -> None:
    with pytest.raises(SettingsError, match="no lengths"):
        fit([])


@pytest.mark.parametrize("bad", [{"temperature": 0.5}, {"median": 0.0}, {"left_variance": -1.0}])
def test_impossible_shapes_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(SettingsError):
        SplitGaussian(**bad)


@given(st.text(max_size=60), st.floats(1, 10))
def test_scores_stay_between_zero_and_one(text: str, temperature: float) -> None:
    assert 0.0 <= SplitGaussian(temperature=temperature).score(text) <= 1.0
    assert 0.0 <= load_norms().score(text) <= 1.0


def test_childes_table() -> None:
    norms = load_norms()
    assert norms.utterances == 40091
    assert [norms.at(words) for words in range(1, 11)] == [
        0.305, 0.252, 0.183, 0.110, 0.059, 0.033, 0.018, 0.012, 0.007, 0.006,
    ]  # fmt: skip
    assert norms.at(0) == 0.0
    assert sum(norms.at(words) for words in range(11, 60)) == pytest.approx(0.017)
    assert norms.score("ball.") == 1.0
    assert norms.score("red ball.") == pytest.approx(0.252 / 0.305)
    assert norms.score("no. red ball.") == pytest.approx((0.305 + 0.252) / 2 / 0.305 / 2)


def test_drawn_lengths() -> None:
    norms = load_norms()
    drawn = [norms.draw(number / 1000, 8) for number in range(1000)]
    assert drawn == sorted(drawn) and drawn[-1] == 8
    assert drawn.count(1) == pytest.approx(1000 * 0.305 / 0.972, abs=2)
    assert norms.draw(0.999, 1) == 1


def test_the_bell_around_a_wanted_length() -> None:
    bell = SplitGaussian(temperature=1.0).around(4)
    assert bell.score("me see red car.") == 1.0
    assert bell.score("see red car.") == bell.score("me see my red car.") < 0.5


def test_damaged_tables_are_named(tmp_path: Path) -> None:
    file = tmp_path / "norms.toml"
    with pytest.raises(SettingsError, match=r"norms\.toml"):
        load_norms(file)
    file.write_text('source = "x"\nutterances = 1\ntail = 0.5\n[probability]\n1 = 0.1\n')
    with pytest.raises(SettingsError, match="add up"):
        load_norms(file)

"""Which reply fits a line, by the shipped counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from robot_runtime.check import Check, CheckSettings, Weights
from robot_runtime.check.coherence import FILE, load_coherence, reply_words
from robot_runtime.errors import SettingsError

COHERENCE = load_coherence()
WITHOUT = Check(CheckSettings(weights=Weights(coherence=0.0)))


@pytest.mark.parametrize(
    ("caregiver", "fits", "does_not"),
    [
        ("What does the cow say?", "moo!", "in the kitchen."),
        ("where is your bag", "under the bed.", "me big!"),
        ("What color is your shirt?", "red.", "moo!"),
        ("Who made the cookies?", "grandma.", "three!"),
        ("Do you want some milk?", "yes please, milk!", "on the chair."),
        ("How old are you?", "me two.", "a doggy."),
        ("so, um, why are you crying, sweetie?", "me falled down.", "it blue."),
    ],
)
def test_a_fitting_reply_scores_higher(caregiver: str, fits: str, does_not: str) -> None:
    high, low = COHERENCE.scores(caregiver, [fits, does_not])
    assert 1.0 >= high > low >= 0.0


def test_each_reply_is_scored_by_itself() -> None:
    replies = ["a ball.", "in the box.", "zzyzx quux", "", "me want ball, please!"]
    together = COHERENCE.scores("What do you want?", replies)
    assert together == [COHERENCE.scores("What do you want?", [reply])[0] for reply in replies]
    assert together[3] == 0.0
    assert COHERENCE.scores("What do you want?", []) == []


@pytest.mark.parametrize("caregiver", ["", "?!", "zzyzx", "what " * 500])
def test_any_line_can_be_scored(caregiver: str) -> None:
    assert all(0.0 <= score <= 1.0 for score in COHERENCE.scores(caregiver, ["yes.", "a ball."]))


def test_what_is_one_word_in_a_reply() -> None:
    assert reply_words("Um, yeah, yeah, Pip want it.") == ("yes", "me", "want", "it")
    assert reply_words("I goed there!") == reply_words("me goed there.")


def test_the_check_prefers_what_fits() -> None:
    replies = ["yep, monkeys!", "nope, no moon."]
    ranking = Check().rank("Can you see the moon?", replies)
    assert ranking.best == 1
    assert ranking.verdicts[1].scores["coherence"] > ranking.verdicts[0].scores["coherence"]


def test_it_can_be_switched_off() -> None:
    verdict = WITHOUT.judge("Can you see the moon?", "nope, no moon.")
    assert "coherence" not in verdict.scores
    assert Check().judge("Can you see the moon?", "nope, no moon.").scores.keys() - verdict.scores.keys() == {
        "coherence"
    }


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    with np.load(FILE) as shipped:
        arrays = dict(shipped)
    files = {"none": None, "text": b"no zip", "cut": FILE.read_bytes()[:5000]}
    for name, content in files.items():
        if content is not None:
            (tmp_path / name).write_bytes(content)
    np.savez(tmp_path / "later.npz", **arrays | {"version": np.array(2)})
    np.savez(tmp_path / "fewer.npz", **arrays | {"words": arrays["words"][:-9]})
    np.savez(tmp_path / "lacks.npz", **{name: array for name, array in arrays.items() if name != "pair_keys"})
    for name in (*files, "later.npz", "fewer.npz", "lacks.npz"):
        with pytest.raises(SettingsError, match="restore the shipped file"):
            load_coherence(tmp_path / name)

"""When the toddler answers, where a study sets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from robot_runtime.errors import SettingsError
from robot_runtime.timing import TimingSettings, morphemes


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("no!", 1), ("my bag.", 2), ("that's mine", 3), ("two dogs running", 5), ("me played trains", 5),
     ("this is his bus", 4), ("he runs", 3), ("don't kiss me", 4), ("daddy's red thing", 4), ("going swimming", 4)],
)  # fmt: skip
def test_morphemes(text: str, count: int) -> None:
    assert morphemes(text) == count


def test_what_is_intended() -> None:
    assert TimingSettings().intended_s("two dogs") == 0
    assert TimingSettings(0.5, 0.08).intended_s("two dogs") == pytest.approx(0.5 + 3 * 0.08)
    with pytest.raises(SettingsError, match="delay_s = 9 is outside 0 to 5"):
        TimingSettings(9)


def test_an_answer_comes_when_it_was_meant_to() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "robot_runtime", "--json", "--reply-delay", "0.7", "--seed", "1"],
        input="hello\n",
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"TODDLER_ROBOT_SESSION_SOUND_DEVICE": "none"},
    )
    stages = json.loads(done.stdout)["stages_ms"]
    assert stages["intended"] == 700
    assert stages["first_sample"] >= 699
    assert 0 < stages["wait"] < 700

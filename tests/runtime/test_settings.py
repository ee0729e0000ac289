"""Settings: profile < environment < command line, and what is said of mistakes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from robot_runtime.errors import SettingsError
from robot_runtime.settings import Settings, load, section


def profile(folder: Path, text: str) -> Path:
    path = folder / "profile.toml"
    path.write_text(text)
    return path


def test_defaults() -> None:
    assert load(environment={}) == Settings()


def test_the_later_source_wins(tmp_path: Path) -> None:
    path = profile(tmp_path, "[session]\nseed = 1\nmodel = 'a'\n[mind]\ncandidates = 2\ndeadline_s = 2\n")
    environment = {"TODDLER_ROBOT_SESSION_SEED": "2", "TODDLER_ROBOT_MIND_CANDIDATES": "4", "HOME": "/"}
    settings = load(path, environment, {"session": {"seed": 3, "model": None}})
    assert settings.session.seed == 3
    assert settings.session.model == "a"
    assert settings.mind.candidates == 4
    assert settings.mind.deadline_s == 2.0
    assert isinstance(settings.mind.deadline_s, float)


def test_tables_within_a_section(tmp_path: Path) -> None:
    settings = load(profile(tmp_path, "[check]\nmax_words = 5\n[check.weights]\nlength = 2\n"), {})
    assert settings.check.max_words == 5
    assert settings.check.weights.length == 2.0


def test_a_file_is_looked_for_beside_the_profile_first(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("sun", "utf-8")
    text = "[check]\nmore_words = 'words.txt'\n[ear]\nmodel = 'vosk-small-en-us'\n[voice]\nvoice_file = '/mine'\n"
    settings = load(profile(tmp_path, text), {"TODDLER_ROBOT_EAR_HEAR": "words.txt"})
    assert settings.check.more_words == tmp_path / "words.txt"
    assert settings.ear.model == Path("vosk-small-en-us")
    assert settings.ear.hear == Path("words.txt")
    assert settings.voice.voice_file == Path("/mine")


def test_switches_and_paths_from_the_environment() -> None:
    settings = load(None, {"TODDLER_ROBOT_MIND_EXTRA_BUFFERS": "true", "TODDLER_ROBOT_VOICE_VOICE_FILE": "/voices/bob"})
    assert settings.mind.extra_buffers is True
    assert settings.voice.voice_file == Path("/voices/bob")


@dataclass(frozen=True)
class Wheels:
    volume: float = 0.5
    drive: bool = False


def test_what_a_robot_is_told_is_the_robot_s_business(tmp_path: Path) -> None:
    path = profile(tmp_path, "[robot]\nvolume = 1\n[robot.arms]\nleft = 3\n")
    settings = load(path, {"TODDLER_ROBOT_ROBOT_DRIVE": "true"})
    assert settings.robot == {"volume": 1, "arms": {"left": 3}, "drive": "true"}
    assert section(Wheels, "robot", {"volume": "0.7", "drive": "true"}) == Wheels(0.7, True)
    with pytest.raises(SettingsError, match=r"no key 'volum' in \[robot\]; did you mean 'volume'\?"):
        section(Wheels, "robot", {"volum": 1})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[mind]\ncandidate = 2", r"no key 'candidate' in \[mind\]; did you mean 'candidates'\?"),
        ("[mnd]\nx = 2", r"no section \[mnd\]; did you mean 'mind'\?"),
        ("mind = 3", r"no section \[mind\]"),
        ("[mind]\ncandidates = 'many'", r"\[mind\] candidates = 'many' should be int"),
        ("[mind]\ncandidates = true", r"\[mind\] candidates = True should be int"),
        ("[mind]\ncandidates = 33", r"\[mind\] candidates = 33 is outside 0 to 32"),
        ("[mind]\ndeadline_s = [1]", r"should be float"),
        ("[check]\nmax_words = 100", r"max_words"),
        ("[check.weights]\nbeauty = 1", r"no key 'beauty' in \[check\.weights\]"),
        ("[mind", "is not TOML"),
    ],
)
def test_mistakes_in_a_profile(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        load(profile(tmp_path, text), {})


def test_mistakes_in_the_environment() -> None:
    with pytest.raises(SettingsError, match="TODDLER_ROBOT_MUND_THREADS names no section"):
        load(None, {"TODDLER_ROBOT_MUND_THREADS": "2"})
    with pytest.raises(SettingsError, match=r"no key 'thread' in \[mind\]"):
        load(None, {"TODDLER_ROBOT_MIND_THREAD": "2"})


def test_a_profile_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot read the profile"):
        load(tmp_path / "none.toml", {})

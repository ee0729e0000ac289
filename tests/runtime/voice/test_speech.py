"""What a voice produces."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from robot_runtime.errors import SettingsError
from robot_runtime.voice.settings import VoiceSettings
from robot_runtime.voice.speech import PEAK_LIMIT, RMS_TARGET, Speech, levelled, speakable


def sine(level: float, seconds: float = 1.0) -> npt.NDArray[np.int16]:
    samples: npt.NDArray[np.float64] = level * 32767 * np.sin(np.arange(int(22050 * seconds)) * 0.08)
    return samples.astype(np.int16)


def test_a_wav_file_holds_the_samples(tmp_path: Path) -> None:
    speech = Speech("beep", sine(0.3, 0.5), 22050)
    speech.write_wav(tmp_path / "a.wav")
    with wave.open(str(tmp_path / "a.wav"), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 22050)
        assert np.array_equal(np.frombuffer(file.readframes(-1), "<i2"), speech.pcm)
    assert speech.duration_s == pytest.approx(0.5)


def test_silence_has_no_samples(tmp_path: Path) -> None:
    speech = Speech.silence("hm")
    assert speech.duration_s == 0.0
    speech.write_wav(tmp_path / "a.wav")


@pytest.mark.parametrize("level", [0.001, 0.05, 0.99])
def test_levelling_gives_the_same_loudness(level: float) -> None:
    pauses = np.zeros(22050, np.int16)
    samples = levelled(np.concatenate([sine(level), pauses])).astype(float)[:22050] / 32768
    assert np.sqrt((samples**2).mean()) == pytest.approx(RMS_TARGET, rel=0.03)


def test_levelling_never_clips() -> None:
    clicks = np.zeros(22050, np.int16)
    clicks[::100], clicks[1::100] = 800, 100
    quiet = np.full(22050, 30, np.int16)
    samples = np.abs(levelled(np.concatenate([clicks, quiet])).astype(float)) / 32768
    assert samples.max() <= PEAK_LIMIT + 1 / 32768
    assert not levelled(np.zeros(10, np.int16)).any()
    assert len(levelled(np.zeros(0, np.int16))) == 0


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Where doggy go?", "Where doggy go?"),
        ("don\u2019t  🧸 do\tit!", "don't do it!"),
        ("<b>no</b> [[x]]", "b no b x"),
        ("a\x00b\x1b\u202ec\ud800", "a b c"),
        ("?!...", ""),
        ("日本", "日本"),
    ],
)
def test_only_what_can_be_read_is_spoken(text: str, read: str) -> None:
    assert speakable(text) == read


@pytest.mark.parametrize("wrong", [{"rate_wpm": 20}, {"pitch": 100}, {"pitch_range": -1}, {"engine": "festival"}])
def test_settings_out_of_range_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        VoiceSettings(**wrong)  # type: ignore[arg-type]

"""Which voice speaks, with and without the optional parts."""

from __future__ import annotations

import subprocess
import sys

import pytest

from robot_runtime.errors import MissingExtraError
from robot_runtime.voice import VoiceSettings, check_voice, open_voice
from robot_runtime.voice.settings import ENGINES

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the default voice is another one here")


@LINUX
@pytest.mark.parametrize(
    ("engine", "name"), [("auto", "espeak"), ("espeak", "espeak"), ("pyttsx3", "pyttsx3"), ("none", "none")]
)
async def test_opens_what_was_asked_for(engine: str, name: str) -> None:
    assert engine in ENGINES
    voice, notice = open_voice(VoiceSettings(engine=engine))
    assert voice.name == voice.describe()["engine"] == name and notice is None
    await voice.aclose()


@LINUX
async def test_without_its_extra_the_default_is_silent_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    voice, notice = open_voice(VoiceSettings())
    assert notice is not None and "toddler-robot[espeak]" in notice and "\n" not in notice
    assert (await voice.synthesize("no")).duration_s == 0.0
    with pytest.raises(MissingExtraError, match=r"toddler-robot\[espeak\]"):
        open_voice(VoiceSettings(engine="espeak"))
    with pytest.raises(MissingExtraError):
        await check_voice(VoiceSettings())


@LINUX
async def test_the_check_reports_pitch_and_speed() -> None:
    about = await check_voice(VoiceSettings())
    assert about["voice"] == "toddler" and 250 < about["f0_hz"] < 330
    assert 1 < about["seconds"] < 5 and 0 < about["ms"] < 500
    assert (await check_voice(VoiceSettings(engine="none")))["f0_hz"] == 0.0


def test_importing_the_voice_loads_no_engine() -> None:
    heavy = "{'espeakng_loader', 'pyttsx3', 'sounddevice', 'miniaudio'}"
    program = f"import sys, robot_runtime.voice, robot_runtime.sound; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

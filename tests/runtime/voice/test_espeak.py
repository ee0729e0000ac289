"""The real espeak-ng library, through ctypes."""

from __future__ import annotations

import asyncio
import hashlib
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from robot_runtime.errors import VoiceError
from robot_runtime.voice.espeak import EspeakVoice
from robot_runtime.voice.pitch import median_f0, spectral_centroid
from robot_runtime.voice.settings import TODDLER_VOICE, VoiceSettings
from robot_runtime.voice.speech import PEAK_LIMIT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the espeak voice is for Linux")

SENTENCES = [
    "me want ball! where doggy go?",
    "no! mine!",
    "I did it all by myself.",
    "uh oh, cup fall down.",
    "mommy read book please?",
    "what's that?",
    "it goed away.",
]


@pytest.fixture(scope="module")
def voice() -> EspeakVoice:
    return EspeakVoice(VoiceSettings())


@pytest.mark.parametrize("text", SENTENCES)
async def test_sounds_like_a_small_child(voice: EspeakVoice, text: str) -> None:
    speech = await voice.synthesize(text)
    assert speech.text == text
    assert 250 < median_f0(speech.pcm, speech.rate) < 330
    assert 1500 < spectral_centroid(speech.pcm, speech.rate) < 3500
    assert 0.3 < speech.duration_s < 4


@pytest.mark.parametrize("text", SENTENCES)
async def test_is_loud_enough_unclipped_and_starts_at_once(voice: EspeakVoice, text: str) -> None:
    speech = await voice.synthesize(text)
    loud = np.abs(speech.pcm.astype(float)) / 32768
    assert 0.25 < loud.max() <= PEAK_LIMIT + 1 / 32768
    assert np.argmax(loud > 0.01) / speech.rate < 0.030


@pytest.mark.parametrize("text", SENTENCES)
async def test_phonemes_ascend_within_the_sound(voice: EspeakVoice, text: str) -> None:
    speech = await voice.synthesize(text)
    starts = [phoneme.start_ms for phoneme in speech.phonemes]
    assert starts == sorted(starts)
    assert starts[0] >= 0 and starts[-1] < 1000 * speech.duration_s
    assert len({phoneme.name for phoneme in speech.phonemes}) > 3


async def test_phonemes_are_those_of_the_words(voice: EspeakVoice) -> None:
    speech = await voice.synthesize("me mama")
    assert [p.name for p in speech.phonemes if not p.name.startswith("_")][:3] == ["m", "i:", "m"]


async def test_the_loud_vowel_is_where_its_phoneme_says(voice: EspeakVoice) -> None:
    speech = await voice.synthesize("stop.")
    fricative, vowel = (next(p.start_ms for p in speech.phonemes if p.name.startswith(name)) for name in ("s", "0"))

    def loudness(from_ms: float) -> float:
        start = int((from_ms + 20) * speech.rate / 1000)
        return float(np.abs(speech.pcm[start : start + speech.rate // 25].astype(float)).mean())

    assert loudness(vowel) > 3 * loudness(fricative)


async def test_same_text_same_samples_whatever_was_said_before(voice: EspeakVoice) -> None:
    first = await voice.synthesize(SENTENCES[0])
    for text in SENTENCES[1:4]:
        other = await voice.synthesize(text)
        assert not np.array_equal(other.pcm, first.pcm)
    again = await EspeakVoice(VoiceSettings()).synthesize(SENTENCES[0])
    assert np.array_equal(again.pcm, first.pcm)
    assert again.phonemes == first.phonemes


@pytest.mark.parametrize("text", ["", "   ", "...", "😀🧸", "\x00\x07\x1b", "\ud800", "-"])
async def test_nothing_to_say_gives_no_samples(voice: EspeakVoice, text: str) -> None:
    speech = await voice.synthesize(text)
    assert speech.text == text and len(speech.pcm) == 0 and speech.phonemes == ()


@pytest.mark.parametrize("text", ["ball\x00cup", "\x1b[2Jno", "hi \ud800", "日本", "<speak>", "[[h@loU]]", "1,000,000"])
async def test_strange_text_is_spoken(voice: EspeakVoice, text: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert (await voice.synthesize(text)).duration_s > 0.2
    assert capfd.readouterr() == ("", "")


async def test_text_after_a_nul_character_is_spoken_too(voice: EspeakVoice) -> None:
    whole, half = await voice.synthesize("ball\x00cup of milk"), await voice.synthesize("ball")
    assert whole.duration_s > 1.5 * half.duration_s


@pytest.mark.parametrize("text", ["a" * 10_000, "more milk please. " * 600])
async def test_endless_text_is_cut(text: str) -> None:
    speech = await EspeakVoice(VoiceSettings(max_seconds=2.5)).synthesize(text)
    assert speech.duration_s == pytest.approx(2.5, abs=1e-3)
    assert speech.phonemes[-1].start_ms < 2500


async def test_utterances_asked_for_together_do_not_mix(voice: EspeakVoice) -> None:
    alone = [await voice.synthesize(text) for text in SENTENCES]
    together = await asyncio.gather(*(voice.synthesize(text) for text in SENTENCES))
    assert all(np.array_equal(a.pcm, b.pcm) for a, b in zip(alone, together, strict=True))


async def test_a_cancelled_utterance_frees_the_engine(voice: EspeakVoice) -> None:
    long = EspeakVoice(VoiceSettings(max_seconds=600))
    task = asyncio.create_task(long.synthesize("more milk please. " * 600))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    start = time.perf_counter()
    assert (await voice.synthesize("no")).duration_s > 0.1
    assert time.perf_counter() - start < 0.25  # the whole text takes 0.7 s and more


async def test_an_utterance_past_its_deadline_is_an_error() -> None:
    voice = EspeakVoice(VoiceSettings(max_seconds=600, deadline_s=0.1))
    with pytest.raises(VoiceError, match=r"longer than 0\.1 s"):
        await voice.synthesize("more milk please. " * 2000)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("root:x:0:0\n", "no 'name' line"),
        ("name toddler\nphonemes en-us\n", "no 'language' line"),
        ("name toddler\nlanguage en-us\n", "no 'phonemes' line"),
        ("name toddler\nlanguage en-us\nphonemes no-such-table\n", "does not have"),
        (None, "cannot be read"),
        ("\udc80", "cannot be read"),
    ],
)
def test_a_wrong_voice_file_is_an_error(
    tmp_path: Path, content: str | None, reason: str, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "voice"
    if content is not None:
        file.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(VoiceError, match=reason):
        EspeakVoice(VoiceSettings(voice_file=file))
    assert capfd.readouterr().out == ""


async def test_a_voice_file_may_lie_anywhere(tmp_path: Path, voice: EspeakVoice) -> None:
    """espeak itself cuts long paths, and splits them at a plus sign."""
    file = tmp_path / ("deep" * 40) / "a+b c" / "täddler"
    file.parent.mkdir(parents=True)
    file.write_bytes(TODDLER_VOICE.read_bytes())
    elsewhere = await EspeakVoice(VoiceSettings(voice_file=file)).synthesize("no! mine!")
    assert np.array_equal(elsewhere.pcm, (await voice.synthesize("no! mine!")).pcm)


async def test_settings_change_the_sound(voice: EspeakVoice) -> None:
    text = SENTENCES[2]
    usual = await voice.synthesize(text)
    fast = await EspeakVoice(VoiceSettings(rate_wpm=220)).synthesize(text)
    high = await EspeakVoice(VoiceSettings(pitch=80)).synthesize(text)
    assert fast.duration_s < 0.75 * usual.duration_s
    assert median_f0(high.pcm, high.rate) > 1.15 * median_f0(usual.pcm, usual.rate)


async def test_describes_itself(voice: EspeakVoice) -> None:
    about = voice.describe()
    assert about["engine"] == "espeak" and about["voice"] == "toddler"
    assert about["version"].startswith("1.5")
    assert about["sha256"] == hashlib.sha256(TODDLER_VOICE.read_bytes()).hexdigest()
    await voice.aclose()

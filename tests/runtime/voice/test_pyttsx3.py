"""The real pyttsx3 in its real worker process; on Linux it drives espeak-ng."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from robot_runtime.errors import VoiceError
from robot_runtime.voice import pyttsx3_engine
from robot_runtime.voice.pitch import median_f0
from robot_runtime.voice.pyttsx3_engine import Pyttsx3Voice
from robot_runtime.voice.settings import VoiceSettings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for the worker in /proc")


def workers() -> list[int]:
    """Process ids of our children that run the worker."""
    children = " ".join(file.read_text() for file in Path("/proc/self/task").glob("*/children"))
    return [int(pid) for pid in children.split() if b"pyttsx3_worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]


@pytest.fixture
async def voice() -> AsyncIterator[Pyttsx3Voice]:
    voice = Pyttsx3Voice(VoiceSettings(engine="pyttsx3"))
    yield voice
    await voice.aclose()
    assert workers() == []


async def test_utterances_in_a_row_all_speak(voice: Pyttsx3Voice, capfd: pytest.CaptureFixture[str]) -> None:
    first, second, again = [await voice.synthesize(text) for text in ("me want ball!", "no! mine!", "me want ball!")]
    assert first.duration_s > 0.5 and second.duration_s > 0.5
    assert not np.array_equal(first.pcm, second.pcm)
    assert again.duration_s == pytest.approx(first.duration_s, rel=0.05)
    assert first.phonemes == ()
    assert len(workers()) == 1
    assert capfd.readouterr() == ("", "")


def test_the_rate_holds_though_espeak_is_at_work(tmp_path: Path) -> None:
    script = (
        "import runpy, sys, wave\n"
        "worker = runpy.run_path(sys.argv[1])\n"
        "driver = worker['_prepare']()\n"
        "from pyttsx3.drivers import _espeak\n"
        "from pyttsx3.engine import Engine\n"
        "ask = {'text': 'me want ball', 'file': sys.argv[2], 'rate_wpm': 90, 'voice': ''}\n"
        "for before in ('', 'more milk. ' * 100):\n"
        "    engine = Engine(driver)\n"
        "    _espeak.Synth(before.encode(), flags=_espeak.CHARS_UTF8)\n"
        "    worker['_speak'](engine, ask)\n"
        "    print(wave.open(ask['file']).getnframes(), file=sys.stderr)\n"
    )
    worker = Path(pyttsx3_engine.__file__).with_name("pyttsx3_worker.py")
    command = [sys.executable, "-c", script, str(worker), str(tmp_path / "speech.wav")]
    idle, busy = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stderr.split()
    assert int(busy) == pytest.approx(int(idle), rel=0.1)


async def test_an_adult_voice_is_shifted_to_a_child(voice: Pyttsx3Voice) -> None:
    speech = await voice.synthesize("Mommy, where is my red ball?")
    assert 260 < median_f0(speech.pcm, speech.rate) < 340
    assert np.abs(speech.pcm[: speech.rate // 50].astype(int)).max() > 300  # no silence to begin with
    about = voice.describe()
    assert about["version"] and about["driver"] == "espeak" and "f5" in about["voice"]
    assert 1 < about["shift"] <= 1.6


async def test_utterances_asked_for_together_each_get_their_own(voice: Pyttsx3Voice) -> None:
    short, long = await asyncio.gather(voice.synthesize("no"), voice.synthesize("I did it all by myself, mommy"))
    assert long.duration_s > 2 * short.duration_s


async def test_a_killed_worker_costs_nothing(voice: Pyttsx3Voice) -> None:
    await voice.synthesize("no")
    (pid,) = workers()
    os.kill(pid, signal.SIGKILL)
    assert (await voice.synthesize("more")).duration_s > 0.2
    assert workers() not in ([], [pid])


async def test_a_hung_worker_is_an_error_and_the_next_utterance_works() -> None:
    voice = Pyttsx3Voice(VoiceSettings(deadline_s=2.0))
    await voice.synthesize("no")
    (pid,) = workers()
    os.kill(pid, signal.SIGSTOP)
    start = time.monotonic()
    with pytest.raises(VoiceError, match="longer than 2 s"):
        await voice.synthesize("more")
    assert time.monotonic() - start < 3
    assert workers() == []
    assert (await voice.synthesize("more")).duration_s > 0.2
    await voice.aclose()


async def test_cancelling_leaves_no_worker_in_the_middle_of_something(voice: Pyttsx3Voice) -> None:
    await voice.synthesize("no")
    (pid,) = workers()
    os.kill(pid, signal.SIGSTOP)
    task = asyncio.create_task(voice.synthesize("more"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await voice.synthesize("more")).duration_s > 0.2
    assert pid not in workers()


async def test_an_unknown_system_voice_is_an_error() -> None:
    voice = Pyttsx3Voice(VoiceSettings(system_voice="nobody"))
    with pytest.raises(VoiceError, match="nobody"):
        await voice.synthesize("no")
    await voice.aclose()
    await voice.aclose()


@pytest.mark.parametrize("text", ["", "😀", "\x00"])
async def test_nothing_to_say_starts_no_worker(voice: Pyttsx3Voice, text: str) -> None:
    assert len((await voice.synthesize(text)).pcm) == 0
    assert workers() == []


async def test_strange_and_endless_text() -> None:
    voice = Pyttsx3Voice(VoiceSettings(max_seconds=2.0))
    assert (await voice.synthesize('say "hi" \\ \n <b> \ud800 日本')).duration_s > 0.3
    for count in (30, 300):
        assert (await voice.synthesize("more milk. " * count)).duration_s == pytest.approx(2.0, abs=0.3)
    await voice.aclose()

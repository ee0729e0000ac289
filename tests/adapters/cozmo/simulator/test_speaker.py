"""The loudspeaker: u-law, volume, the buffer and its overflow, frames and what belongs to them."""

from __future__ import annotations

import wave
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from cozmo_adapter.connection.library import pycozmo
from cozmo_adapter.simulator import packets
from cozmo_adapter.simulator.packets import Message
from cozmo_adapter.simulator.speaker import BUFFER_BYTES, FRAME_RATE, FULL_VOLUME, LEVELS, RATE, SAMPLES, Speaker
from robot_runtime.simulation.recording import SPEAKER, Recording

FRAME_S = 1 / FRAME_RATE


class Room:
    """A speaker and somebody who listens, with a clock of their own."""

    def __init__(self, folder: Path | None = None) -> None:
        self.now = 0.0
        self.folder = folder
        self.counters: Counter[str] = Counter()
        self.recording = Recording(folder, RATE, clock=lambda: self.now)
        self.speaker = Speaker(self.recording, self.counters)
        self.speaker.enabled = True
        self.speaker.volume = FULL_VOLUME

    def give(self, name: str, **fields: Any) -> None:
        body = packets.build(name, **fields)
        self.speaker.take(packets.parse(body), len(body))

    def audio(self, code: int = 0x55) -> None:
        self.give("OutputAudio", samples=bytes([code]) * SAMPLES)

    def play(self, frames: int = 1) -> list[Message]:
        happened = []
        for _ in range(frames):
            self.now += FRAME_S
            happened += self.speaker.advance(FRAME_S)
        return happened

    def heard(self) -> npt.NDArray[np.int16]:
        assert self.folder
        self.recording.close()
        with wave.open(str(self.folder / SPEAKER)) as file:
            assert file.getframerate() == RATE
            return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def test_codes_decode_to_what_pycozmo_encodes() -> None:
    """Its encoder adds 1 to every code; without that, decoding its codes comes within half a step of the sample."""
    for sample in range(-31000, 31000, 7):
        code = pycozmo.audio.u_law_encoding(sample) - 1
        step = max(8 << (code >> 4 & 7), 8)
        assert abs(int(LEVELS[code]) - sample) <= step
        assert code & 0x80 == 0 or sample < 0


def test_the_levels_are_those_of_u_law() -> None:
    assert LEVELS[0] == LEVELS[0x80] == 0
    assert LEVELS[0x7F] == 32124 and LEVELS[0xFF] == -32124
    assert (np.diff(LEVELS[:0x80].astype(int)) > 0).all()
    assert (LEVELS[:0x80] == -LEVELS[0x80:]).all()


def test_volume_is_zero_at_boot() -> None:
    assert Speaker(Recording(None, RATE), Counter()).volume == 0


@pytest.mark.parametrize(("volume", "share"), [(FULL_VOLUME, 1.0), (32768, 0.5), (0, 0.0)])
def test_what_is_heard_is_scaled_by_the_volume(tmp_path: Path, volume: int, share: float) -> None:
    room = Room(tmp_path)
    room.speaker.volume = volume
    room.audio(0x55)
    room.play()
    heard = room.heard()
    assert np.abs(heard[-SAMPLES:] - LEVELS[0x55] * share).max() <= 1


def test_frames_are_played_at_the_robots_rate() -> None:
    room = Room()
    for tick in range(3000):
        if room.speaker.buffered < 4000:
            room.give("OutputSilence")
            room.give("OutputSilence")
        room.speaker.advance(0.0334)
        if tick == 0:
            assert room.speaker.frames_played <= 1
    assert room.speaker.frames_played == pytest.approx(3000 * 0.0334 * FRAME_RATE, abs=1)


def test_what_does_not_fit_is_dropped_and_counted() -> None:
    room = Room()
    for _ in range(20):
        room.audio()
    assert room.speaker.buffered == 10 * 745 <= BUFFER_BYTES
    assert room.speaker.full
    assert room.counters["dropped_audio_frames"] == 10
    assert packets.parse(room.speaker.state(5)).fields["client_drop_count"] == 10
    room.play(4)
    assert not room.speaker.full
    room.audio()
    assert room.counters["dropped_audio_frames"] == 10
    for _ in range(300):
        room.give("DisplayImage", image=bytes(8000))
    assert packets.parse(room.speaker.state(5)).fields["client_drop_count"] == (10 + 300) % 256


def test_progress_is_told_in_bytes_and_frames() -> None:
    room = Room()
    room.audio()
    room.give("DisplayImage", image=b"\x3f\x3f")
    room.give("OutputSilence")
    room.play(5)
    state = packets.parse(room.speaker.state(77))
    assert state["timestamp"] == 77
    assert state["num_anim_bytes_played"] == 745 + 5 + 1
    assert state["num_audio_frames_played"] == 2


def test_pictures_come_with_their_frame() -> None:
    room = Room()
    room.give("OutputSilence")
    room.give("DisplayImage", image=b"\x01")
    room.audio()
    room.give("DisplayImage", image=b"\x02")
    assert [message["image"] for message in room.play()] == [b"\x01"]
    assert [message["image"] for message in room.play()] == [b"\x02"]


def test_a_picture_without_a_frame_is_passed_over() -> None:
    room = Room()
    room.give("DisplayImage", image=b"\x01")
    assert room.play() == []
    assert room.counters["misplaced"] == 1
    room.give("OutputSilence")
    room.play()
    room.give("DisplayImage", image=b"\x02")  # a little late for its frame
    assert [message["image"] for message in room.play()] == [b"\x02"]
    room.play(3)
    room.give("DisplayImage", image=b"\x03")
    assert room.play() == []
    assert room.counters["misplaced"] == 2


def test_nothing_is_taken_before_it_is_enabled() -> None:
    room = Room()
    room.speaker.clear()
    room.audio()
    assert room.speaker.buffered == 0
    assert room.speaker.volume == FULL_VOLUME


def test_gaps_inside_speech_are_heard_where_they_were(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.audio()
    room.play(3)
    room.audio()
    room.play()
    heard = room.heard()[-4 * SAMPLES :].reshape(4, SAMPLES).any(axis=1)
    assert heard.tolist() == [True, False, False, True]
    assert room.counters["starved_frames"] == 2


def test_silence_that_was_sent_is_no_gap() -> None:
    room = Room()
    room.audio()
    room.give("OutputSilence")
    room.audio()
    room.play(3)
    assert room.counters["starved_frames"] == 0


def test_a_long_pause_is_as_long_as_it_was(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.audio()
    room.play()
    room.play(round(10 / FRAME_S))
    room.audio()
    room.play()
    heard = np.flatnonzero(room.heard())
    assert heard[-SAMPLES] / RATE == pytest.approx(room.now, abs=0.1)
    assert room.counters["starved_frames"] == 0


def test_speaking_and_playing_end_soon_after_the_last_frame() -> None:
    room = Room()
    assert not room.speaker.playing and not room.speaker.speaking
    room.audio()
    room.play()
    assert room.speaker.playing and room.speaker.speaking
    for _ in range(4):
        room.give("OutputSilence")
    room.play(4)
    assert room.speaker.playing and not room.speaker.speaking
    room.play(4)
    assert not room.speaker.playing


def test_aborting_empties_the_buffer_and_keeps_the_sum() -> None:
    room = Room()
    room.audio()
    room.audio()
    room.play()
    room.speaker.abort()
    assert room.speaker.buffered == 0
    assert room.speaker.bytes_played == 2 * 745
    room.play()
    assert room.speaker.frames_played == 1

"""The room and its sound, without a runtime in it."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from robot_runtime.ear.blocks import BLOCK_S, BLOCK_SAMPLES
from robot_runtime.ear.recogniser import RATE
from robot_runtime.errors import SettingsError
from robot_runtime.stand.body import body_in
from robot_runtime.stand.room import ROBOT_RATE, Room, RoomSettings
from robot_runtime.stand.track import Track


def test_a_track_is_silent_where_nothing_was_put() -> None:
    track = Track(1000)
    track.put(np.full(10, 1, np.int16), 0.005)
    track.put(np.full(10, 2, np.int16))
    track.put(np.full(10, 3, np.int16), 0.020)  # too early: it comes after what is there
    assert track.read(0, 40).tolist() == [0] * 5 + [1] * 10 + [2] * 10 + [3] * 10 + [0] * 5
    assert track.read(12, 6).tolist() == [1, 1, 1, 2, 2, 2]
    assert track.end_s == 0.035


def test_a_track_forgets() -> None:
    track = Track(1000, memory_s=0.5)
    for second in range(10):
        track.put(np.full(10, 1, np.int16), float(second))
    assert not track.read(0, 8500).any() and track.read(9000, 10).all()


def test_when_something_was_audible() -> None:
    track = Track(1000)
    word = np.array([0, 0, 5000, -5000, 0], np.int16)
    for at_s in (1.0, 1.3, 3.0):
        track.put(word, at_s)
    assert track.spoken == [(1.002, 1.303), (3.002, 3.003)]


async def test_the_microphone_hears_the_robot_late_and_softer() -> None:
    room = Room(RoomSettings(delay_ms=100, echo_db=-20, noise_db=-120), quick=True)
    time = np.arange(ROBOT_RATE) / ROBOT_RATE
    room.robot.put((10_000 * np.sin(2 * np.pi * 300 * time)).astype(np.int16), 0.2)
    blocks = room.blocks()
    heard = np.concatenate([(await anext(blocks)).pcm for _ in range(75)])
    assert not np.abs(heard[: round(0.3 * RATE)]).max() > 1
    assert np.abs(heard[round(0.32 * RATE) : round(1.28 * RATE)]).max() == pytest.approx(1000, rel=0.02)
    await blocks.aclose()


async def test_time_in_a_quick_room_passes_with_what_is_listened_to() -> None:
    room = Room(RoomSettings(), quick=True)
    waiting = asyncio.create_task(room.until(0.1))
    blocks = room.blocks()
    for number in range(5):
        assert (await anext(blocks)).first == number * BLOCK_SAMPLES
        assert not waiting.done()
    await waiting
    assert room.now() == pytest.approx(5 * BLOCK_S)
    room.hold(True)  # somebody thinks, which takes the time that it takes
    before = asyncio.get_running_loop().time()
    for _ in range(3):
        await anext(blocks)
    assert asyncio.get_running_loop().time() - before > 2.5 * BLOCK_S
    await room.close()
    assert [block async for block in blocks] == []


def test_only_robots_that_are_known_and_quick_enough_stand_in_a_room() -> None:
    with pytest.raises(SettingsError, match=r"'nao' has no simulator for the room; there are virtual, cozmo, misty"):
        body_in(Room(RoomSettings()), "nao")
    with pytest.raises(SettingsError, match="a quick room has the virtual robot only"):
        body_in(Room(RoomSettings(), quick=True), "cozmo")

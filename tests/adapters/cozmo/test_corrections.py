"""Each correction of pycozmo is needed: what it mends works with it, and does not without it."""

from __future__ import annotations

import asyncio
import importlib
import socket
import struct
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

import pytest

from cozmo_adapter.bench.ear import Ear, until
from cozmo_adapter.connection import library
from cozmo_adapter.connection.corrections import (
    AcknowledgeDelivered,
    AnimationIds,
    AnyFirmware,
    EventsSurvive,
    FrameSequence,
    RestWhenFull,
    Retransmission,
    client_class,
)
from cozmo_adapter.connection.library import pycozmo
from cozmo_adapter.connection.session import packets
from cozmo_adapter.simulator.faults import Faults
from cozmo_adapter.simulator.robot import SimulatedCozmo
from robot_runtime.errors import RobotError

ALL_LOST = Faults(loss_up=1.0)


@asynccontextmanager
async def connected(robot: SimulatedCozmo, without: Collection[type] = ()) -> AsyncIterator[Any]:
    """pycozmo's own connecting, without its animations."""
    client = client_class(without)(robot.address, enable_animations=False)
    client.start()
    client.connect()
    try:
        assert await until(lambda: robot.body.speaker.enabled, 5.0), "not connected"
        yield client
    finally:
        await asyncio.to_thread(client.stop)


def head_angles(ear: Ear) -> list[float]:
    return [round(message["angle_rad"], 2) for _, message in ear.commands if message.name == "SetHeadAngle"]


async def send_past_a_loss(robot: SimulatedCozmo, ear: Ear, client: Any) -> bool:
    """One command is lost, and two follow; whether all three arrive, in order."""
    robot.faults = ALL_LOST
    client.conn.send(packets.SetHeadAngle(angle_rad=0.1))
    await asyncio.sleep(0.05)
    robot.faults = Faults()
    for angle in (0.2, 0.3):
        client.conn.send(packets.SetHeadAngle(angle_rad=angle))
    return await until(lambda: head_angles(ear) == [0.1, 0.2, 0.3], 1.5)


async def test_what_was_lost_is_sent_again(simulated: SimulatedCozmo, ear: Ear) -> None:
    async with connected(simulated) as client:
        assert await send_past_a_loss(simulated, ear, client)


async def test_without_retransmission_it_never_arrives(simulated: SimulatedCozmo, ear: Ear) -> None:
    async with connected(simulated, {Retransmission}) as client:
        assert not await send_past_a_loss(simulated, ear, client)
        assert head_angles(ear) == []


async def rounds_with_a_full_window(robot: SimulatedCozmo, without: Collection[type]) -> int:
    """How often the sending thread goes round in a third of a second in which it can send nothing."""
    async with connected(robot, without) as client:
        robot.faults = ALL_LOST
        thread = client.conn.send_thread
        for _ in range(100):
            client.conn.send(packets.SetHeadAngle(angle_rad=0.1))
        assert await until(lambda: thread.window.is_full(), 2.0)
        rounds = 0
        ask = thread._resend_messages

        def counting() -> Any:
            nonlocal rounds
            rounds += 1
            return ask()

        thread._resend_messages = counting
        await asyncio.sleep(0.33)
        return rounds


async def test_a_full_window_lets_the_thread_rest(simulated: SimulatedCozmo) -> None:
    assert await rounds_with_a_full_window(simulated, ()) < 100


async def test_without_rest_it_spins(simulated: SimulatedCozmo) -> None:
    assert await rounds_with_a_full_window(simulated, {RestWhenFull}) > 300


async def misnumbered_in_a_burst(robot: SimulatedCozmo, ear: Ear, without: Collection[type]) -> int:
    """Four sounds at once need four frames; how many of these carry a number that is not their last packet's?"""
    async with connected(robot, without) as client:
        with client.conn.send_thread.lock:  # the thread collects all four at once
            for number in range(4):
                client.conn.send(packets.OutputAudio(samples=bytes([number]) * 744))
        await until(lambda: sum(message.name == "OutputAudio" for _, message in ear.commands) == 4, 1.0)
        return robot.counters["misnumbered"]


async def test_each_frame_of_a_burst_is_numbered_right(simulated: SimulatedCozmo, ear: Ear) -> None:
    assert await misnumbered_in_a_burst(simulated, ear, ()) == 0


async def test_without_that_they_are_not(simulated: SimulatedCozmo, ear: Ear) -> None:
    assert await misnumbered_in_a_burst(simulated, ear, {FrameSequence}) > 0


def frame(first: int, last: int, *commands: bytes) -> bytes:
    """A robot's frame with ButtonPressed commands."""
    body = b"".join(struct.pack("<BH", 4, len(command)) + command for command in commands)
    return b"COZ\x03RE\x01" + struct.pack("<BHHH", 9, first, last, 0) + body


def acknowledged_after_a_gap(without: Collection[type]) -> int:
    """A robot of nothing but a socket sends its packets 1 and 3; which does the client acknowledge?"""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as robot:
        robot.bind(("127.0.0.1", 0))
        robot.settimeout(2.0)
        client = client_class(without)(robot.getsockname(), auto_initialize=False)
        client.start()
        try:
            client.connect()
            _, address = robot.recvfrom(2048)
            pressed = bytes([0xDB, 1])
            robot.sendto(frame(1, 1, pressed), address)
            robot.sendto(frame(3, 3, pressed), address)
            deadline = time.monotonic() + 2.0
            while client.conn.recv_thread.received_frames < 2 and time.monotonic() < deadline:
                time.sleep(0.01)
            client.conn.send(packets.StopAllMotors())
            data, _ = robot.recvfrom(2048)
            return int(struct.unpack_from("<BHHH", data, 7)[3])
        finally:
            client.stop()


def test_a_missing_packet_is_not_acknowledged() -> None:
    assert acknowledged_after_a_gap(()) == 1


def test_without_that_correction_it_is() -> None:
    assert acknowledged_after_a_gap({AcknowledgeDelivered}) == 3


async def told_of_a_cliff(robot: SimulatedCozmo, without: Collection[type]) -> bool:
    """Whether one handler hears what another one stumbled over."""
    heard: list[bool] = []

    def stumble(*_: Any) -> None:
        raise LookupError("a handler with a mistake in it")

    async with connected(robot, without) as client:
        client.add_handler(pycozmo.event.EvtCliffDetectedChange, stumble)
        client.add_handler(pycozmo.event.EvtCliffDetectedChange, lambda _, there: heard.append(there))
        robot.inject("cliff_on")
        return await until(lambda: heard == [True], 1.0)


async def test_an_event_survives_a_handler_that_raises(simulated: SimulatedCozmo) -> None:
    assert await told_of_a_cliff(simulated, ())


async def test_without_that_it_does_not(simulated: SimulatedCozmo) -> None:
    assert not await told_of_a_cliff(simulated, {EventsSurvive})


def heard_beside_a_one_shot(without: Collection[type]) -> list[str]:
    client = client_class(without)(("127.0.0.1", 9), auto_initialize=False)
    client.conn.sock.close()
    heard: list[str] = []
    client.add_handler("event", lambda: heard.append("once"), one_shot=True)
    client.add_handler("event", lambda: heard.append("always"))
    client.dispatch("event")
    client.dispatch("event")
    return heard


def test_a_one_shot_handler_takes_nothing_from_its_neighbour() -> None:
    assert heard_beside_a_one_shot(()) == ["once", "always", "always"]
    assert heard_beside_a_one_shot({EventsSurvive}) == ["once", "always"]


async def woken_with_a_strange_signature(robot: SimulatedCozmo, without: Collection[type]) -> bool:
    robot._signature = b'{"build": "of my own"}'
    client = client_class(without)(robot.address, enable_animations=False)
    client.start()
    client.connect()
    try:
        return await until(lambda: robot.body.speaker.enabled, 2.0)
    finally:
        await asyncio.to_thread(client.stop)


async def test_a_strange_firmware_is_woken(simulated: SimulatedCozmo) -> None:
    assert await woken_with_a_strange_signature(simulated, ())


async def test_without_that_it_sleeps_on(simulated: SimulatedCozmo) -> None:
    assert not await woken_with_a_strange_signature(simulated, {AnyFirmware})


def animation_256(without: Collection[type]) -> Any:
    client = client_class(without)(("127.0.0.1", 9), auto_initialize=False)
    client.conn.sock.close()
    client._next_anim_id = 255
    client._next_anim_id += 1
    return packets.StartAnimation(anim_id=client._next_anim_id)


def test_animation_numbers_go_round() -> None:
    assert animation_256(()).anim_id == 1
    with pytest.raises(ValueError, match="anim_id"):
        animation_256({AnimationIds})


def test_another_version_of_pycozmo_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pycozmo, "__version__", "0.9.0")
    with pytest.raises(RobotError, match=r"pip install pycozmo==0\.8\.0"):
        importlib.reload(library)

"""The simulated robot under a client that nobody here wrote: pycozmo as it is, over UDP."""

from __future__ import annotations

import asyncio
import json
import math
import random
import socket
import time
import wave
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from cozmo_adapter.connection.library import pycozmo
from cozmo_adapter.simulator import frames
from cozmo_adapter.simulator.faults import Faults
from cozmo_adapter.simulator.frames import Frame, FrameType, Packet, PacketType
from cozmo_adapter.simulator.packets import BY_ID, FIRST_OF_ROBOT, Message
from cozmo_adapter.simulator.robot import DROPPED, SimulatedCozmo
from cozmo_adapter.simulator.speaker import LEVELS, RATE
from robot_runtime.errors import RobotError
from robot_runtime.simulation.recording import EVENTS, SPEAKER, Recording

encoder = pycozmo.protocol_encoder
event = pycozmo.event


async def until(condition: Callable[[], Any], seconds: float = 8.0) -> None:
    """Wait for something to come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def simulated(folder: Path | None = None, **options: Any) -> AsyncIterator[SimulatedCozmo]:
    recording = Recording(folder, RATE)
    robot = SimulatedCozmo(recording=recording, **options)
    await robot.start()
    try:
        yield robot
    finally:
        await robot.stop()
        recording.close()


@asynccontextmanager
async def client_of(robot: SimulatedCozmo, **options: Any) -> AsyncIterator[Any]:
    """An unmodified client, connected."""
    client = pycozmo.Client(robot_addr=robot.address, **options)
    client.start()
    try:
        await asyncio.to_thread(_connect, client)
        yield client
    finally:
        client.disconnect()
        await asyncio.to_thread(client.stop)


def _connect(client: Any, timeout: float = 5.0) -> None:
    client.connect()
    client.wait_for_robot(timeout=timeout)


@asynccontextmanager
async def meeting(folder: Path | None = None, **options: Any) -> AsyncIterator[tuple[SimulatedCozmo, Any]]:
    async with simulated(folder, **options) as robot, client_of(robot, enable_procedural_face=False) as client:
        yield robot, client


def write_wav(path: Path, pcm: np.ndarray[Any, np.dtype[np.int16]]) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm.astype("<i2").tobytes())


def read_wav(path: Path) -> np.ndarray[Any, np.dtype[np.int16]]:
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


@pytest.mark.parametrize("firmware", ["2381", "2457"])
async def test_it_connects(firmware: str) -> None:
    async with simulated(firmware=firmware) as robot:
        async with client_of(robot) as client:
            assert client.conn.state == client.conn.CONNECTED
            assert client.robot_fw_sig["version"] == int(firmware)
            assert client.serial_number and client.serial_number_head
            assert robot.counters["duplicates"] == 1  # the first Enable takes the number of the connection request
            await until(lambda: client.battery_voltage > 3 and client.num_audio_frames_played > 10)
            await until(lambda: len(client.available_objects) == 3)
            assert robot.look().client.startswith("127.0.0.1:")
        await until(lambda: robot.look().client == "")
        assert robot.counters["malformed"] == robot.counters["unknown"] == robot.counters["misplaced"] == 0


async def test_what_it_says_is_heard(tmp_path: Path) -> None:
    time_s = np.arange(int(1.2 * RATE)) / RATE
    sent = (12000 * np.sin(2 * np.pi * (300 + 400 * time_s) * time_s)).astype(np.int16)
    write_wav(tmp_path / "sent.wav", sent)
    async with meeting(tmp_path / "robot") as (robot, client):
        client.set_volume(65535)
        client.play_audio(str(tmp_path / "sent.wav"))
        await until(lambda: robot.look().speaking)
        assert robot.look().volume == 1.0
        await until(lambda: not robot.look().speaking)
        assert robot.counters["dropped_audio_frames"] == 0
    encoded = pycozmo.audio.load_wav(str(tmp_path / "sent.wav"))
    played = LEVELS[np.frombuffer(b"".join(bytes(packet.samples) for packet in encoded), np.uint8)]
    assert np.corrcoef(played[: len(sent)], sent)[0, 1] > 0.99
    heard = read_wav(tmp_path / "robot" / SPEAKER)
    assert np.array_equal(heard[heard != 0], played[played != 0])


async def test_without_a_volume_it_is_silent(tmp_path: Path) -> None:
    write_wav(tmp_path / "sent.wav", np.full(RATE // 2, 9000, np.int16))
    async with meeting(tmp_path / "robot") as (robot, client):
        client.play_audio(str(tmp_path / "sent.wav"))
        await until(lambda: robot.look().speaking)
        await until(lambda: not robot.look().speaking)
    heard = read_wav(tmp_path / "robot" / SPEAKER)
    assert len(heard) > RATE // 2 and not heard.any()


async def test_a_picture_is_shown_as_it_is(tmp_path: Path) -> None:
    picture = Image.new("1", (128, 32))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((30, 6, 50, 25), fill=1)
    draw.rectangle((80, 10, 99, 20), fill=1)
    async with meeting(tmp_path) as (robot, client):
        client.display_image(picture)
        await until(lambda: robot.look().face is not None)
        assert np.array_equal(np.asarray(robot.look().face), np.array(picture))
        client.clear_screen()
        await until(lambda: robot.look().face is None)
    shown = [json.loads(line) for line in (tmp_path / EVENTS).read_text().splitlines() if '"face"' in line]
    assert [line["picture"] for line in shown] == ["face-0001.png", "face-0002.png"]
    assert (np.array(Image.open(tmp_path / "face-0001.png")) == np.array(picture) * 255).all()


async def test_its_own_face_moves_and_is_understood() -> None:
    async with simulated() as robot, client_of(robot) as client:
        await until(lambda: robot.look().face is not None)
        first = np.asarray(robot.look().face)
        await until(lambda: not np.array_equal(np.asarray(robot.look().face), first))
        assert client.anim_controller.procedural_face_enabled
        assert robot.counters["bad_images"] == 0


async def test_head_lift_and_wheels_move() -> None:
    flags = pycozmo.robot.RobotStatusFlag
    acknowledged: list[int] = []
    async with meeting() as (robot, client):
        client.add_handler(encoder.AcknowledgeAction, lambda _, packet: acknowledged.append(packet.action_id))
        client.set_head_angle(0.5)
        await until(lambda: not client.robot_status & flags.HEAD_IN_POS)
        await until(lambda: client.robot_status & flags.HEAD_IN_POS)
        assert client.head_angle.radians == pytest.approx(0.5)
        assert robot.look().head_deg == pytest.approx(math.degrees(0.5))
        client.set_head_angle(3.0)
        client.set_lift_height(70.0)
        await until(lambda: robot.look().lift_mm == pytest.approx(70.0))
        await until(lambda: robot.look().head_deg == pytest.approx(44.5))
        await until(lambda: len(acknowledged) == 3)
        # What is called a height is the angle of the arm on hardware.
        angle = pytest.approx(math.asin((70 - 45) / 66))
        await until(lambda: client.lift_position.height.mm == angle)
        client.drive_wheels(50.0, 50.0)
        await until(lambda: client.robot_status & flags.ARE_WHEELS_MOVING and client.pose.position.x > 3)
        client.stop_all_motors()
        await until(lambda: not client.robot_status & (flags.ARE_WHEELS_MOVING | flags.IS_MOVING))
        client.drive_wheels(60.0, 60.0)
        await until(lambda: client.left_wheel_speed.mmps > 20)
        robot.inject("cliff_on")
        await until(lambda: client.left_wheel_speed.mmps == 0)


async def test_lights_shine_and_blink() -> None:
    async with meeting() as (robot, client):
        client.set_all_backpack_lights(pycozmo.lights.green_light)
        dark, green = (0, 0, 0), (0, 255, 0)
        await until(lambda: robot.look().backpack == (dark, green, green, green, dark))
        client.set_all_backpack_lights(pycozmo.lights.red_light)
        await until(lambda: robot.look().backpack == ((255, 0, 0),) * 5)
        blinking = encoder.LightState(on_color=0x7FFF, off_color=0, on_frames=5, off_frames=5)
        client.set_center_backpack_lights(blinking)
        for colour in (dark, (255, 255, 255), dark):
            await until(lambda colour=colour: robot.look().backpack[2] == colour)  # type: ignore[misc]
        client.set_head_light(True)


async def test_cubes_are_found_connected_lit_and_tapped() -> None:
    tapped: list[int] = []
    async with meeting() as (robot, client):
        client.add_handler(encoder.ObjectTapped, lambda _, packet: tapped.append(packet.object_id))
        await until(lambda: client.available_objects)
        factory_id = next(iter(client.available_objects))
        client.conn.send(encoder.ObjectConnect(factory_id=factory_id, connect=True))
        await until(lambda: client.connected_objects)
        object_id = next(iter(client.connected_objects))
        client.conn.send(encoder.CubeId(object_id=object_id))
        client.conn.send(encoder.CubeLights(states=(pycozmo.lights.blue_light,) * 4))
        await until(lambda: robot.look().cubes == {object_id: ((0, 0, 255),) * 4})
        robot.inject("cube_tap")
        await until(lambda: tapped == [object_id])


async def test_what_happens_to_it_is_felt() -> None:
    felt: list[tuple[str, Any]] = []
    async with meeting() as (robot, client):
        # pycozmo gives up on a RobotState in which it is animating from one moment to the next: that comes first.
        await until(lambda: client.robot_status & pycozmo.robot.RobotStatusFlag.IS_ANIMATING)
        for happening in (
            event.EvtRobotPickedUpChange,
            event.EvtCliffDetectedChange,
            event.EvtRobotOnChargerChange,
            event.EvtRobotChargingChange,
            event.EvtRobotFallingChange,
            event.EvtRobotOrientationChange,
            encoder.ButtonPressed,
            encoder.RobotPoked,
            encoder.FallingStarted,
            encoder.FallingStopped,
        ):
            name = happening.__name__

            def note(_: Any, what: Any, name: str = name) -> None:
                felt.append((name, getattr(what, "pressed", what)))

            client.add_handler(happening, note)
        for injected, name, value in (
            ("picked_up", "EvtRobotPickedUpChange", True),
            ("put_down", "EvtRobotPickedUpChange", False),
            ("cliff_on", "EvtCliffDetectedChange", True),
            ("cliff_off", "EvtCliffDetectedChange", False),
            ("charger_on", "EvtRobotOnChargerChange", True),
            ("charger_off", "EvtRobotOnChargerChange", False),
            ("fall", "EvtRobotFallingChange", True),
            ("landed", "EvtRobotFallingChange", False),
            ("on_back", "EvtRobotOrientationChange", pycozmo.robot.RobotOrientation.ON_BACK),
            ("on_face", "EvtRobotOrientationChange", pycozmo.robot.RobotOrientation.ON_FACE),
            ("on_threads", "EvtRobotOrientationChange", pycozmo.robot.RobotOrientation.ON_THREADS),
            ("button", "ButtonPressed", True),
        ):
            robot.inject(injected)
            await until(lambda wanted=(name, value): wanted in felt)  # type: ignore[misc]
        await until(lambda: ("ButtonPressed", False) in felt)
        names = [name for name, _ in felt]
        assert "FallingStarted" in names and "FallingStopped" in names
        assert names.count("EvtRobotChargingChange") == 2
        spikes: list[float] = []
        client.add_handler(event.EvtRobotStateUpdated, lambda cli: spikes.append(cli.accel.z))
        robot.inject("tap")
        await until(lambda: "RobotPoked" in [name for name, _ in felt] and max(spikes, default=0) > 20_000)
        assert sum(spike > 20_000 for spike in spikes) == 1
        robot.inject("on_left_side")
        await until(lambda: client.accel.y == pytest.approx(-9810))
        robot.inject("battery=3.55")
        await until(lambda: client.battery_voltage == pytest.approx(3.55, abs=0.01))


async def test_unknown_happenings_are_named() -> None:
    robot = SimulatedCozmo()
    for wrong in ("explode", "battery", "battery=", "battery=x", "battery=9"):
        with pytest.raises(ValueError, match=r"picked_up|volts"):
            robot.inject(wrong)


async def test_the_camera_shows_a_moving_bar() -> None:
    pictures: list[Any] = []
    async with meeting() as (_, client):
        client.add_handler(event.EvtNewRawCameraImage, lambda _, image: pictures.append(image))
        client.enable_camera()
        began = time.monotonic()
        await until(lambda: len(pictures) >= 12)
        assert 12 / (time.monotonic() - began) < 20
        bars = [np.array(picture.convert("L"))[100:140].mean(axis=0) > 230 for picture in pictures]
        assert all(picture.size == (320, 240) for picture in pictures)
        assert len({int(np.flatnonzero(bar)[0]) for bar in bars}) > 3
        client.enable_camera(False)


async def test_a_second_client_is_refused() -> None:
    async with meeting() as (robot, _):
        second = pycozmo.Client(robot_addr=robot.address)
        second.start()
        try:
            with pytest.raises(pycozmo.exception.ConnectionTimeout):
                await asyncio.to_thread(_connect, second, 1.0)
        finally:
            await asyncio.to_thread(second.stop)
        assert robot.counters["refused"] >= 1
        assert robot.look().client


async def test_a_client_that_falls_silent_is_dropped() -> None:
    async with meeting() as (robot, client):
        client.drive_wheels(50.0, 50.0)
        await until(lambda: client.left_wheel_speed.mmps > 20)
        robot.faults = Faults(loss_up=1.0)
        began = time.monotonic()
        await until(lambda: robot.look().message == DROPPED, 12)
        assert time.monotonic() - began > 4.5
        assert robot.look().client == "" and robot.look().face is None
        assert not robot.body.motors.moving


async def test_a_reboot_forgets_everything_but_the_table() -> None:
    async with simulated(boot_s=0.3) as robot:
        async with client_of(robot) as client:
            client.set_volume(40000)
            await until(lambda: robot.look().volume > 0.5)
            robot.inject("battery=3.6")
            robot.inject("reboot")
            assert robot.look().message == "(starting)"
            assert robot.look().volume == 0.0 and robot.look().client == ""
            frames_out = robot.counters["frames_out"]
            await until(lambda: robot.look().message == "")
            assert robot.counters["frames_out"] == frames_out
        async with client_of(robot) as client:
            assert robot.look().volume == 0.0
            await until(lambda: client.battery_voltage == pytest.approx(3.6, abs=0.01))
        robot.inject("power_off")
        assert robot.look().message == "(off)"
        robot.inject("power_on")
        await until(lambda: robot.look().message == "")


async def test_a_network_that_doubles_and_delays_changes_nothing() -> None:
    """Stock pycozmo stands everything but loss and reordering on the way up."""
    faults = Faults(loss_down=0.05, duplicate_up=0.3, duplicate_down=0.3, reorder_down=0.1, delay_ms=10, seed=4)
    angles: list[float] = []

    def note(message: Message) -> None:
        if message.name == "SetHeadAngle":
            angles.append(round(message["angle_rad"], 3))

    sent = [number / 100 for number in range(40)]
    async with simulated(faults=faults, on_command=note) as robot, client_of(robot) as client:
        for angle in sent:
            client.set_head_angle(angle)
        await until(lambda: len(angles) == len(sent))
        assert angles == sent
        await until(lambda: client.head_angle.radians == pytest.approx(sent[-1]))
        assert robot.counters["duplicates"] > 5


async def test_a_port_in_use_is_told() -> None:
    async with simulated() as robot:
        with pytest.raises(RobotError, match="cannot listen at UDP"):
            await SimulatedCozmo(*robot.address).start()


async def test_garbage_does_no_harm(tmp_path: Path) -> None:
    """Datagrams of all kinds of damage, from strangers and from the client's own address."""
    source = random.Random(7)
    taken: list[str] = []
    async with (
        simulated(tmp_path, on_command=lambda message: taken.append(message.name)) as robot,
        client_of(robot) as client,
    ):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            await _bombard(robot, (stranger, client.conn.sock), source, 1000)
            for sender in (stranger, client.conn.sock):
                sender.sendto(frames.build(Frame(FrameType.FIN)), robot.address)
        assert robot.counters["malformed"] > 300
        assert len(set(taken)) > 10
        # The first client's numbers have been used up; a fresh one finds everything in order.
        await until(lambda: robot.look().client == "")
        async with client_of(robot) as fresh:
            fresh.set_head_angle(0.25)
            await until(lambda: fresh.head_angle.radians == pytest.approx(0.25))


async def test_garbage_from_strangers_does_not_disturb_a_client() -> None:
    async with meeting() as (robot, client):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            await _bombard(robot, (stranger,), random.Random(8), 500)
        client.set_head_angle(0.3)
        await until(lambda: client.head_angle.radians == pytest.approx(0.3))
        assert robot.counters["malformed"] + robot.counters["refused"] == 500


async def _bombard(robot: SimulatedCozmo, senders: Sequence[socket.socket], source: random.Random, count: int) -> None:
    """Send damaged datagrams, a few at a time, so that none is lost."""
    for _ in range(0, count, 10):
        seen = robot.counters["datagrams"]
        for _ in range(10):
            source.choice(senders).sendto(_damaged(source, robot.link.accepted), robot.address)
        await until(lambda: robot.counters["datagrams"] >= seen + 10)  # noqa: B023


def _damaged(source: random.Random, accepted: int) -> bytes:
    kind = source.randrange(4)
    if kind == 0:
        return source.randbytes(source.randrange(1, 200))
    id = source.choice([id for id in BY_ID if id < FIRST_OF_ROBOT])
    body = bytes([id]) + source.randbytes(sum(field.layout.size for field in BY_ID[id].fields))
    number = frames.following(accepted)
    data = bytearray(frames.build(Frame(FrameType.ENGINE, number, number, 1, (Packet(PacketType.COMMAND, body),))))
    if kind == 1:  # a frame in order, with nonsense in it
        return bytes(data)
    for _ in range(source.randrange(1, 5)):
        data[source.randrange(len(data))] = source.randrange(256)
    return bytes(data if kind == 2 else data[: source.randrange(len(data))])

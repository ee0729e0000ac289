"""The robot behind the link, without a link: what it answers, streams, shows and survives."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cozmo_adapter.connection.telemetry import Status
from cozmo_adapter.simulator import frames, packets
from cozmo_adapter.simulator.body import Body
from cozmo_adapter.simulator.frames import Frame, FrameType, Packet, PacketType
from cozmo_adapter.simulator.happenings import HAPPENINGS
from cozmo_adapter.simulator.lamps import colour, shine
from cozmo_adapter.simulator.packets import BY_ID, FIRST_OF_ROBOT, Light, Message
from cozmo_adapter.simulator.screen import BLANK_AFTER_S
from cozmo_adapter.simulator.senses import FULL_V, Senses
from cozmo_adapter.simulator.speaker import RATE
from cozmo_adapter.simulator.transport import Link
from robot_runtime.simulation.recording import Recording

TICK = 0.0334


class Robot:
    """A body and what it sends."""

    def __init__(self, folder: Path | None = None) -> None:
        self.sent: list[Message] = []
        self.counters: Counter[str] = Counter()
        self.senses = Senses()
        self.recording = Recording(folder, RATE)
        self.body = Body(
            self.senses,
            self.recording,
            self.counters,
            frame_rate=30,
            send=lambda body: self.sent.append(packets.parse(body)),
        )

    def tell(self, name: str, **fields: Any) -> None:
        self.body.obey(packets.build(name, **fields))

    def wait(self, seconds: float = TICK) -> list[Message]:
        """Let time pass; returns what was streamed at its end."""
        events: list[bytes] = []
        for _ in range(max(round(seconds / TICK), 1)):
            events = self.body.advance(TICK)
        return [packets.parse(event) for event in events]

    def state(self) -> Message:
        return next(event for event in self.wait() if event.name == "RobotState")

    def greet(self) -> None:
        self.tell("Enable")
        self.tell("SyncTime", timestamp=0, unknown=0)
        self.tell("EnableAnimationState")

    def show(self, image: bytes) -> None:
        self.tell("OutputSilence")
        self.tell("DisplayImage", image=image)
        self.wait(0.1)


@pytest.fixture
def robot() -> Robot:
    robot = Robot()
    robot.greet()
    return robot


def test_nothing_streams_before_it_is_enabled() -> None:
    robot = Robot()
    robot.tell("SyncTime", timestamp=0, unknown=0)
    robot.tell("EnableAnimationState")
    assert robot.wait() == [] and robot.sent == []


def test_enabling_calibrates_and_introduces_the_body_once() -> None:
    robot = Robot()
    robot.tell("Enable")
    robot.tell("Enable")
    assert [message.name for message in robot.sent] == ["MotorCalibration", "MotorCalibration", "BodyInfo"]
    assert robot.sent[-1]["serial_number"] != 0
    robot.wait(0.5)
    assert [message["calib_started"] for message in robot.sent[3:]] == [False, False]


def test_the_clock_is_the_clients(robot: Robot) -> None:
    robot.tell("SyncTime", timestamp=5000, unknown=0)
    robot.wait(1.0)
    assert robot.state()["timestamp"] == pytest.approx(6000, abs=100)


def test_at_rest(robot: Robot) -> None:
    robot.wait(1.0)
    state = robot.state()
    assert (state["accel_x"], state["accel_y"], state["accel_z"]) == (0, 0, 9810)
    assert Status(state["status"]) == Status.HEAD_IN_POSITION | Status.LIFT_IN_POSITION


def test_cubes_advertise_once_a_second(robot: Robot) -> None:
    names = Counter[str]()
    for _ in range(round(5.1 / TICK)):
        names.update(event.name for event in robot.wait())
    assert names["ObjectAvailable"] == 3 * 5
    assert names["RobotState"] == names["AnimationState"] == round(5.1 / TICK)


@pytest.mark.parametrize(
    ("event", "flag"),
    [("picked_up", Status.PICKED_UP), ("cliff_on", Status.CLIFF), ("fall", Status.FALLING),
     ("charger_on", Status.ON_CHARGER | Status.CHARGING)],
)  # fmt: skip
def test_flags_of_happenings(robot: Robot, event: str, flag: Status) -> None:
    HAPPENINGS[event](robot.body)
    assert flag in Status(robot.state()["status"])


def test_a_fall_weighs_nothing_and_is_measured(robot: Robot) -> None:
    HAPPENINGS["landed"](robot.body)
    assert all(message.name != "FallingStopped" for message in robot.sent)
    HAPPENINGS["fall"](robot.body)
    assert robot.state()["accel_z"] == 0
    robot.wait(0.5)
    HAPPENINGS["landed"](robot.body)
    assert robot.sent[-1]["duration_ms"] == pytest.approx(530, abs=70)


@pytest.mark.parametrize(
    ("event", "axis", "value"),
    [("on_back", "accel_x", 9810), ("on_face", "accel_x", -9810), ("on_left_side", "accel_y", -9810),
     ("on_right_side", "accel_y", 9810), ("on_threads", "accel_z", 9810)],
)  # fmt: skip
def test_which_way_up(robot: Robot, event: str, axis: str, value: float) -> None:
    HAPPENINGS[event](robot.body)
    assert robot.state()[axis] == value


def test_the_battery_empties_and_charges() -> None:
    senses = Senses(battery_v=3.8)
    senses.advance(600)
    assert 3.6 < senses.battery_v < 3.8 and not senses.charging
    senses.on_charger = True
    assert senses.charging
    senses.advance(36000)
    assert senses.battery_v == FULL_V and not senses.charging


def test_wheels_stop_at_a_cliff_unless_told_otherwise(robot: Robot) -> None:
    for stops in (True, False):
        robot.tell("EnableStopOnCliff", enable=stops)
        robot.tell(
            "DriveWheels", lwheel_speed_mmps=80, rwheel_speed_mmps=80, lwheel_accel_mmps2=0, rwheel_accel_mmps2=0
        )
        robot.wait(0.3)
        HAPPENINGS["cliff_on"](robot.body)
        assert robot.body.motors.wheels.moving == (not stops)


def test_a_picture_goes_dark_unless_it_is_shown_again(robot: Robot) -> None:
    row = bytes([0x81])  # one lit pixel at the top of the first column
    robot.show(row)
    assert robot.body.screen.face is not None
    assert np.argwhere(robot.body.screen.face).tolist() == [[0, 0]]
    robot.wait(BLANK_AFTER_S - 1)
    robot.show(row)
    robot.wait(BLANK_AFTER_S - 1)
    assert robot.body.screen.face is not None
    robot.wait(2)
    assert robot.body.screen.face is None
    robot.show(row)
    assert robot.body.screen.face is not None


def test_a_bad_picture_is_counted_and_changes_nothing(robot: Robot) -> None:
    robot.show(bytes([0x81]))
    robot.show(b"\x3f\x3f\x3f")
    assert robot.counters["bad_images"] == 1
    assert robot.body.screen.face is not None


def test_pictures_are_recorded_at_changes(tmp_path: Path) -> None:
    robot = Robot(tmp_path)
    robot.greet()
    for _ in range(5):
        robot.show(bytes([0x81]))
    robot.show(b"\x3f\x3f")
    robot.recording.close()
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["face-0001.png", "face-0002.png"]


def test_animations_begin_and_end(robot: Robot) -> None:
    for name, fields in (
        ("OutputSilence", {}),
        ("StartAnimation", {"anim_id": 9}),
        ("AnimHead", {"duration_ms": 100, "variability_deg": 0, "angle_deg": 10}),
        ("AnimBackpackLights", {"colors": (0x7C00, 0, 0, 0x001F, 0)}),
    ):
        robot.tell(name, **fields)
    robot.wait(0.1)
    assert robot.sent[-1].name == "AnimationStarted" and robot.sent[-1]["anim_id"] == 9
    assert robot.body.backpack.shine(robot.body.now)[0] == (255, 0, 0)
    robot.wait(0.5)
    assert robot.body.motors.head_deg == pytest.approx(10)
    robot.tell("OutputSilence")
    robot.tell("EndAnimation")
    robot.wait(0.1)
    assert robot.sent[-1].name == "AnimationEnded" and robot.sent[-1]["anim_id"] == 9


def test_numbers_that_are_none_are_ignored(robot: Robot) -> None:
    robot.wait(1.0)
    for angle in (float("nan"), float("inf")):
        robot.tell(
            "SetHeadAngle", angle_rad=angle, max_speed_rad_per_sec=1, accel_rad_per_sec2=1, duration_sec=0, action_id=1
        )
    assert robot.counters["nonsense"] == 2
    assert robot.body.motors.head.in_position


def test_lamps_blink_and_fade() -> None:
    red, blue = (255, 0, 0), (0, 0, 255)
    light = Light(0x7C00, 0x001F, on_frames=30, off_frames=15, transition_on_frames=30, transition_off_frames=15)
    assert [shine(light, seconds) for seconds in (0, 0.99, 1.6, 1.99, 3.0)] == [red, red, blue, blue, red]
    assert shine(light, 1.25) == (128, 0, 128)
    assert shine(light, 2.5) == (128, 0, 128)
    assert shine(Light(0x7C00, 0x001F), 17) == red
    assert colour(0xFFFF) == (255, 255, 255)


def test_garbage_does_no_harm(robot: Robot) -> None:
    """100,000 damaged datagrams, a third of them commands in sequence with any content, at a link and its body."""
    source = random.Random(11)
    link = Link(robot.counters)
    known = [id for id in BY_ID if id < FIRST_OF_ROBOT]
    for number in range(100_000):
        if link.client is None:
            link.receive(frames.build(Frame(FrameType.RESET, 1, 1)), "client", 0.0)
            robot.body.forget()
            robot.greet()
        id = source.choice(known)
        body = bytes([id]) + source.randbytes(sum(field.layout.size for field in BY_ID[id].fields))
        sequence = frames.following(link.accepted)
        data = bytearray(
            frames.build(Frame(FrameType.ENGINE, sequence, sequence, 1, (Packet(PacketType.COMMAND, body),)))
        )
        for _ in range(source.choice([0, 1, 3])):
            data[source.randrange(len(data))] = source.randrange(256)
        for packet in link.receive(
            bytes(data[: source.choice([None, None, source.randrange(len(data))])]), "client", 0.0
        ):
            if packet.type is PacketType.COMMAND:
                robot.body.obey(packet.body)
        if number % 20 == 0:
            link.frame(robot.body.advance(TICK))
    assert robot.counters["malformed"] > 10_000
    assert robot.counters["unknown"] > 10 and robot.counters["nonsense"] > 10
    robot.greet()
    assert robot.state()["battery_voltage"] > 0

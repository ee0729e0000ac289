"""Events: subscriptions, conditions, streams, and the ways of clients."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest
from websockets.asyncio.client import connect

from misty_adapter.simulator.simulated_misty import SimulatedMisty
from misty_adapter.simulator.subscription import parse_subscription
from misty_wire import events, result, until


async def test_what_happens_is_told_to_those_who_asked(robot: SimulatedMisty) -> None:
    async with events(robot.address) as one, events(robot.address) as other:
        await one.subscribe("TouchSensor", EventName="mine")
        await other.subscribe("BumpSensor")
        robot.inject("touch scruff")
        robot.inject("bump bfr")
        for contact in (True, False):
            touch = await one.next()
            assert touch.keys() == {"eventName", "message"} and touch["eventName"] == "mine"
            assert touch["message"].keys() == {"created", "isContacted", "sensorId", "sensorPosition"}
            assert (touch["message"]["sensorPosition"], touch["message"]["isContacted"]) == ("Scruff", contact)
            bump = (await other.next())["message"]
            assert (bump["sensorId"], bump["isContacted"]) == ("bfr", contact)


async def test_after_unsubscribing_nothing_comes(robot: SimulatedMisty) -> None:
    async with events(robot.address) as ears:
        await ears.subscribe("TouchSensor")
        await ears.connection.send('{"Operation":"unsubscribe","EventName":"TouchSensor","Message":""}')
        await ears.subscribe("SerialMessage")
        robot.inject("touch Chin on")
        robot.inject("serial x")
        assert (await ears.next())["eventName"] == "SerialMessage"
        assert len(robot.pubsub.subscriptions) == 1
    await until(lambda: not robot.pubsub.sockets)


async def test_quirks_of_clients(robot: SimulatedMisty) -> None:
    async with connect(f"ws://{robot.address}/pubsub") as connection:
        await connection.send("")  # misty2py
        await connection.send(  # the vendor's Python SDK
            str({"Operation": "subscribe", "Type": "TouchSensor", "DebounceMs": 0, "EventName": "7", "Message": "",
                 "EventConditions": None, "ReturnProperty": None})
        )  # fmt: skip
        assert json.loads(await connection.recv())["eventName"] == "7"
        robot.inject("touch Chin on")
        assert json.loads(await connection.recv())["message"]["sensorPosition"] == "Chin"
        await connection.send("{'Operation': 'subscribe', 'Type': 'BumpSensor', 'EventConditions':"
                              " {'Property': 'isContacted', 'Inequality': '=', 'Value': True}}")  # fmt: skip
        assert json.loads(await connection.recv())["eventName"] == "BumpSensor"


@pytest.mark.parametrize(
    "message",
    [
        "{",
        "7",
        '{"Operation": "dance"}',
        '{"Operation": "subscribe", "Type": "Mood", "EventName": "m"}',
        '{"Operation": "subscribe", "Type": "IMU", "DebounceMs": "fast"}',
        '{"Operation": "subscribe", "Type": "IMU", "DebounceMs": -1}',
        '{"Operation": "subscribe", "Type": "IMU", "EventConditions": 7}',
        '{"Operation": "subscribe", "Type": "IMU", "EventConditions": [{"Property": "yaw", "Inequality": "~"}]}',
        '{"Operation": "subscribe", "Type": "IMU", "ReturnProperty": [1]}',
        "{'a': __import__('os')}",
        "[" * 9999,
    ],
)
async def test_what_cannot_be_understood_is_answered_otherwise(robot: SimulatedMisty, message: str) -> None:
    async with events(robot.address) as ears:
        await ears.connection.send(message)
        answer = await ears.next()
        assert not answer["message"].startswith("Registration Status")
        await ears.subscribe("TouchSensor")


@pytest.mark.parametrize(
    ("inequality", "value", "passes"),
    [
        ("=", 10, [10]),
        ("==", "10", [10]),
        ("!=", 10, [None, -5, 3, 11]),
        (">", 3, [10, 11]),
        (">=", 10, [10, 11]),
        ("=>", 10, [10, 11]),
        ("<", 3, [-5]),
        ("<=", 3, [-5, 3]),
        ("exists", None, [-5, 3, 10, 11]),
        ("empty", None, [None]),
        ("delta", 5, [-5, 3, 10]),
    ],
)
def test_conditions(inequality: str, value: Any, passes: list[Any]) -> None:
    condition = {"Property": "deep.VALUE", "Inequality": inequality, "Value": value}
    message = {"type": "IMU", "eventconditions": [condition]}
    subscription = parse_subscription(message)
    let_through = []
    for number in (None, -5, 3, 10, 11):
        event = {"Deep": {"value": number}}
        if subscription.wants(event):
            subscription.text(event)
            let_through.append(number)
    expected = [None, *passes] if inequality == "delta" else passes
    assert let_through == expected


async def test_conditions_on_text_and_truth(robot: SimulatedMisty) -> None:
    async with events(robot.address) as ears:
        conditions = [
            {"Property": "SensorPosition", "Inequality": "=", "Value": "Scruff"},
            {"Property": "IsContacted", "Inequality": "==", "Value": True},
        ]
        await ears.subscribe("TouchSensor", EventConditions=conditions, ReturnProperty="SensorPosition")
        for line in ("touch Chin on", "touch Scruff off", "touch Scruff on"):
            robot.inject(line)
        assert await ears.next() == {"eventName": "TouchSensor", "message": "Scruff"}


async def test_streams_come_again_and_again(robot: SimulatedMisty) -> None:
    async with events(robot.address) as ears:
        await ears.subscribe("BatteryCharge", DebounceMs=200)
        await ears.next()
        began = time.monotonic()
        robot.inject("battery 20")
        robot.inject("charging on")
        message = (await ears.next())["message"]
        assert time.monotonic() - began > 0.1
        assert message["chargePercent"] == 0.2 and message["state"] == "Charging" and message["isCharging"]
        robot.inject("battery unknown")
        assert (await ears.next())["message"]["state"] == "Unknown"


async def test_each_sensor_of_a_stream_has_its_turn(robot: SimulatedMisty) -> None:
    async with events(robot.address) as ears:
        await ears.subscribe("ActuatorPosition")
        seen = {(await ears.next())["message"]["sensorId"] for _ in range(10)}
        assert seen == {"ahp", "ahr", "ahy", "ala", "ara"}


@pytest.mark.parametrize("type", ["IMU", "SelfState", "DriveEncoders", "TimeOfFlight"])
async def test_other_streams(robot: SimulatedMisty, type: str) -> None:
    async with events(robot.address) as ears:
        await ears.subscribe(type)
        assert (await ears.next())["message"]["sensorId"] in (None, "imu", "enc", "toffr", "toffl", "toffc", "tofr")


async def test_faces_are_seen_while_somebody_looks_for_them(robot: SimulatedMisty) -> None:
    async with events(robot.address) as ears:
        await ears.subscribe("FaceRecognition")
        robot.inject("face Anna -12")
        await result(robot.address, "POST", "faces/detection/start")
        message = (await ears.next())["message"]
        assert (message["personName"], message["bearing"], message["label"]) == (None, -12, "Anna")
        await result(robot.address, "POST", "faces/recognition/start")
        async with asyncio.timeout(5):
            while (await ears.next())["message"]["personName"] != "Anna":
                pass


async def test_hazard_and_halt(robot: SimulatedMisty) -> None:
    async with events(robot.address) as ears:
        await ears.subscribe("HazardNotification")
        await ears.subscribe("HaltCommand")
        robot.inject("hazard")
        zones = (await ears.next())["message"]["driveStopped"]
        assert [zone["inHazard"] for zone in zones] == [True] * 3 + [False] * 3
        await result(robot.address, "POST", "halt", {"MotorMask": 63})
        assert (await ears.next())["message"]["motorMask"] == 63


async def test_a_client_that_does_not_read_is_cut_off(robot: SimulatedMisty) -> None:
    async with events(robot.address) as ears:
        await ears.subscribe("SerialMessage")
        ears.connection.transport.pause_reading()
        for _ in range(400):
            robot.inject("serial " + "x" * 50_000)
        await until(lambda: not robot.pubsub.sockets)
        ears.connection.transport.resume_reading()

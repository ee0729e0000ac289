"""Arguments, errors, help, firmware: what all commands have in common."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from misty_adapter.simulator.event_types import EVENT_TYPES
from misty_adapter.simulator.firmware import FIRMWARES
from misty_adapter.simulator.simulated_misty import SimulatedMisty
from misty_wire import Start, call, exchange, result, until
from robot_runtime.errors import RobotError, SettingsError


@pytest.mark.parametrize(
    ("verb", "endpoint", "arguments", "status"),
    [
        ("POST", "led", {"RED": 1, "green": "2", "bLuE": 3.0, "unknown": {}}, 200),
        ("POST", "led", {"Red": 1, "Green": 2}, 400),
        ("POST", "led", {"Red": True, "Green": 2, "Blue": 3}, 400),
        ("POST", "led", {"Red": 1.5, "Green": 2, "Blue": 3}, 400),
        ("POST", "led", {"Red": "NaN", "Green": 2, "Blue": 3}, 400),
        ("POST", "led", {"Red": -1, "Green": 2, "Blue": 3}, 400),
        ("POST", "led", None, 400),
        ("POST", "blink", {"Blink": "yes"}, 400),
        ("POST", "blink", {"Blink": "False"}, 200),
        ("POST", "audio/volume", {"Volume": 101}, 400),
        ("POST", "tts/speak", {"Text": 7}, 400),
        ("POST", "led/transition", {"TransitionType": "breathe"}, 400),
        ("POST", "drive/time", {"LinearVelocity": 10, "AngularVelocity": 0, "TimeMs": 99}, 400),
        ("POST", "audio/speech/capture", {"MaxSpeechLength": 499}, 400),
        ("GET", "led", None, 404),
        ("POST", "no/such/command", {}, 404),
        ("PUT", "led", {}, 404),
    ],
)
async def test_arguments(
    robot: SimulatedMisty, verb: str, endpoint: str, arguments: dict[str, Any] | None, status: int
) -> None:
    got, answer = await call(robot.address, verb, endpoint, arguments)
    assert got == status
    assert answer["status"] == ("Success" if status == 200 else "Failed")
    assert ("result" in answer) == (status == 200) and ("error" in answer) == (status != 200)


@pytest.mark.parametrize("body", [b"{", b"[1]", b"7", b'"x"', b"\xff\xfe", b'{"MotorMask": "\\uD800"}', b"[" * 100_000])
async def test_a_body_that_is_no_object_is_refused(robot: SimulatedMisty, body: bytes) -> None:
    status, _, _ = await exchange(robot.address, "POST", "/api/halt", body)
    assert status == 400


async def test_nulls_are_defaults(robot: SimulatedMisty) -> None:
    arguments = {"fileName": "s_Joy.wav", "volume": None}
    assert await result(robot.address, "POST", "audio/play", arguments) is True
    assert await result(robot.address, "GET", "audio/volume") == 100


async def test_a_get_takes_its_arguments_from_query_or_body(robot: SimulatedMisty) -> None:
    from_body = await result(robot.address, "GET", "audio", {"fileName": "s_Joy.wav", "base64": True})
    from_query = await result(robot.address, "GET", "audio?FILENAME=s_Joy.wav&base64=TRUE")
    assert from_body == from_query
    assert from_query["name"] == "s_Joy.wav" and from_query["contentType"] == "audio/wav"


async def test_help_has_every_command_in_the_shape_that_the_vendors_generator_reads(robot: SimulatedMisty) -> None:
    table = await result(robot.address, "GET", "help")
    assert set(table) == {"get", "post", "delete"}
    commands = {(verb, command["endpoint"]): command for verb, group in table.items() for command in group}
    assert len(commands) == sum(len(group) for group in table.values()) > 60
    play = commands["post", "audio/play"]["apiCommand"]
    assert play["name"] == "PlayAudio" and play["apiCommandGroup"] == "Expression"
    assert [play["arguments"][name]["ordinalNumber"] for name in ("fileName", "volume")] == [0, 1]
    types = {"String", "Boolean", "Int32", "Double", "Byte"}  # all that the generator of version 0.1.1 knows
    for command in commands.values():
        for argument in command["apiCommand"]["arguments"].values():
            assert argument["getValueType"].split(", ")[0].split(".")[-1] in types
    assert "System.Nullable`1[[System.Int32, " in play["arguments"]["volume"]["getValueType"]


async def test_help_on_one_command(robot: SimulatedMisty) -> None:
    table = await result(robot.address, "GET", "help?command=MoveHead")
    assert [command["endpoint"] for command in table["post"]] == ["head"] and len(table) == 1
    status, _ = await call(robot.address, "GET", "help?command=Fly")
    assert status == 404


async def test_every_command_of_help_exists(robot: SimulatedMisty) -> None:
    for verb, group in (await result(robot.address, "GET", "help")).items():
        for command in group:
            if command["endpoint"] != "reboot":
                status, _, _ = await exchange(robot.address, verb.upper(), f"/api/{command['endpoint']}")
                assert status in (200, 400, 500), command


async def test_websockets_has_every_event_type(robot: SimulatedMisty) -> None:
    types = await result(robot.address, "GET", "websockets")
    assert [type["class"] for type in types] == list(EVENT_TYPES)
    one = await result(robot.address, "GET", "websockets", {"websocketClass": "touchsensor"})
    assert [type["class"] for type in one] == ["TouchSensor"]
    assert "sensorPosition" in one[0]["nestedProperties"]


@pytest.mark.parametrize(
    ("firmware", "has", "lacks"),
    [
        ("sdk-2022", ["audio/speech/capturegoogle", "audio/volume"], ["audio/speech/capturevosk"]),
        ("docs-2021", ["audio/speech/capturevosk", "tts/speak"], ["audio/speech/capturegoogle"]),
        ("early-2019", ["audio/play", "images/display", "led"], ["tts/speak", "audio/speech/capture"]),
    ],
)
async def test_firmware_decides_which_commands_there_are(
    start: Start, firmware: str, has: list[str], lacks: list[str]
) -> None:
    robot = await start(firmware=firmware)
    table = await result(robot.address, "GET", "help")
    endpoints = {command["endpoint"] for command in table["post"]}
    assert endpoints.issuperset(has) and not endpoints.intersection(lacks)
    for endpoint in lacks:
        assert (await call(robot.address, "POST", endpoint, {"Text": "x"}))[0] == 404


async def test_what_every_firmware_lacks_is_a_command() -> None:
    from misty_adapter.simulator.api.table import FAMILIES

    names = {endpoint.name for family in FAMILIES for endpoint in family.ENDPOINTS}
    for firmware in FIRMWARES.values():
        assert firmware.lacks <= names


def test_an_unknown_firmware_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"no Misty firmware 'x': choose one of sdk-2022"):
        SimulatedMisty(firmware="x")


async def test_while_updating_only_stopping_works(robot: SimulatedMisty) -> None:
    robot.inject("updating on")
    assert await call(robot.address, "GET", "battery") == (
        503,
        {"status": "Failed", "error": "The robot is updating."},
    )
    for endpoint in ("halt", "drive/stop", "audio/stop"):
        await result(robot.address, "POST", endpoint)
    robot.inject("updating off")
    await result(robot.address, "GET", "battery")


async def test_a_port_in_use_is_an_error_that_says_so(robot: SimulatedMisty) -> None:
    other = SimulatedMisty(port=int(robot.address.rpartition(":")[2]))
    with pytest.raises(RobotError, match="cannot listen at"):
        await other.start()
    await other.stop()


async def test_reboot(start: Start) -> None:
    robot = await start(boot_s=0.2)
    await result(robot.address, "POST", "audio/volume", {"Volume": 30})
    await result(robot.address, "POST", "reboot")
    robot.inject("reboot")  # once more does not matter
    await until(lambda: not robot.running.is_set())
    async with asyncio.timeout(10):
        await robot.running.wait()
    assert robot.boots == 2
    assert await result(robot.address, "GET", "audio/volume") == 100

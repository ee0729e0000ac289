"""Thousands of malformed requests and messages, after which the robot still works."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Iterator
from typing import Any

from websockets.exceptions import ConnectionClosed

from misty_adapter.simulator.simulated_misty import SimulatedMisty
from misty_wire import events, raw, result, until

VALUES: list[Any] = [None, True, -1, 0, 1e308, float("nan"), 2**70, "", "x" * 300, "\ud800", "\0", "<a>&"]
VALUES += [[], {}, [[]], {"a": {}}]


def mangled(dice: random.Random, data: bytes) -> bytes:
    """The same bytes with some changed, gone, doubled or put in."""
    changed = bytearray(data)
    for _ in range(dice.randint(1, 6)):
        place = dice.randrange(len(changed) + 1)
        match dice.randrange(4):
            case 0:
                changed[place:place] = dice.randbytes(dice.randint(1, 8))
            case 1:
                del changed[place : place + dice.randint(1, 20)]
            case 2:
                changed[place:place] = changed[place : place + 30]
            case _:
                changed[place : place + 1] = dice.choice([b"\r\n", b"\0", b"\xff", b"{", b'"', b":", b" "])
    return bytes(changed)


def requests(help: dict[str, Any], seed: int, count: int) -> Iterator[bytes]:
    """Requests for every command of a help table with wrong values; many of them damaged as well."""
    dice = random.Random(seed)
    table = [
        (verb.upper(), command["endpoint"], list(command["apiCommand"]["arguments"]))
        for verb, commands in help.items()
        for command in commands
        if command["endpoint"] not in ("reboot", "audio/play")
    ]
    for _ in range(count):
        verb, path, names = dice.choice(table)
        arguments = {name: dice.choice(VALUES) for name in names if dice.random() < 0.8}
        body = json.dumps(arguments).encode()
        kind = "application/json"
        if dice.random() < 0.1:
            body, kind = b"--f\r\n" + body + b"\r\n--f--", "multipart/form-data; boundary=f"
        if dice.random() < 0.5:
            body = mangled(dice, body)
        head = (
            f"{verb} /api/{path} HTTP/1.1\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}"
        )
        data = head.encode() + b"\r\n\r\n" + body
        yield mangled(dice, data) if dice.random() < 0.4 else data


def messages(seed: int, count: int) -> Iterator[str | bytes]:
    """Messages with wrong values; half of them damaged as well."""
    dice = random.Random(seed)
    keys = ["Operation", "Type", "DebounceMs", "EventName", "ReturnProperty", "EventConditions", "Message"]
    good = ["subscribe", "unsubscribe", "IMU", "TouchSensor", "n", 100, [{"Property": "a.b", "Inequality": ">"}]]
    for _ in range(count):
        message = {key: dice.choice(good + VALUES) for key in keys if dice.random() < 0.8}
        text = json.dumps(message) if dice.random() < 0.6 else str(message)
        data = text.encode(errors="replace")
        yield mangled(dice, data) if dice.random() < 0.5 else data.decode()


async def test_requests(robot: SimulatedMisty) -> None:
    for data in requests(await result(robot.address, "GET", "help"), 1, 3000):
        with contextlib.suppress(ConnectionError):
            answer = await raw(robot.address, data)
            assert not answer or answer[:12] in (b"HTTP/1.1 " + str(status).encode() for status in
                                                 (100, 200, 400, 404, 408, 413, 431, 500)), (data, answer)  # fmt: skip
    assert (await result(robot.address, "GET", "battery"))["chargePercent"] == 0.9


async def test_messages(robot: SimulatedMisty) -> None:
    stream = messages(2, 3000)
    while chunk := [message for _, message in zip(range(100), stream, strict=False)]:
        with contextlib.suppress(ConnectionClosed):
            async with events(robot.address) as ears:
                for message in chunk:
                    await ears.connection.send(message)
    async with events(robot.address) as ears:
        await ears.subscribe("SerialMessage")
        robot.inject("serial still here")
        assert (await ears.next())["message"]["message"] == "still here"
    await until(lambda: not robot.pubsub.sockets)


async def test_frames(robot: SimulatedMisty) -> None:
    dice = random.Random(3)
    shake = (
        b"GET /pubsub HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    for number in range(500):
        data = mangled(dice, shake) if number % 3 == 0 else shake
        with contextlib.suppress(ConnectionError):
            await raw(robot.address, data + dice.randbytes(dice.randint(1, 200)))
    assert await result(robot.address, "GET", "audio/volume") == 100

"""Malformed answers and events into the adapter, malformed requests and subscriptions into the simulator."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from typing import Any

from websockets.asyncio.client import connect

from misty_adapter.bench.ear import Ear, babble, talking
from misty_adapter.connection.client import SPEECH, CallError, Lane
from misty_adapter.simulator.simulated_misty import SimulatedMisty
from robot_runtime.robot import Expression

HTTP_SHARE = 0.1
"""How many of the messages are HTTP; each of them costs a connection or a round trip, the others are WebSocket's."""

BURST = 50
"""WebSocket messages sent before the event loop has a turn."""

PAUSE_S = 0.005
"""Pause between bursts: ten thousand messages a second at most."""

LIMIT_S = 2.0
"""How long the adapter waits for a malformed answer."""

SCRAPS: tuple[Any, ...] = (
    None, True, -1, 1e308, 10**400, "", "Registration", "\ud800", [], {}, [[[[]]]], {"metaData": 3},
    {"isContacted": "yes"}, {"isContacted": True, "sensorPosition": {"a": 1}}, {"chargePercent": "full"},
    {"chargePercent": 10**400, "state": 7}, {"bearing": "left", "elevation": []}, {"personName": ["x"]},
    {"metaData": {"name": None, "duration": {}}}, {"utteranceId": 5}, {"success": "no", "filename": 9},
)  # fmt: skip
"""What may stand in a message where something else was expected."""


async def bench_fuzz(messages: int, seed: int) -> dict[str, Any]:
    """A quarter of the messages each way and kind; afterwards both sides have to do their work as before."""
    began = time.monotonic()
    http = round(messages * HTTP_SHARE / 2)
    pubsub = (messages - 2 * http) // 2
    ear = Ear()
    figures: dict[str, Any] = {"answers": await _answers(http, seed)}
    async with talking(ear, seed=seed) as (robot, simulated):
        figures["events"] = await _events(simulated, pubsub, seed)
        figures["requests"] = await _requests(simulated.address, http, seed)
        figures["subscriptions"] = await _subscriptions(simulated.address, pubsub, seed)
        since = time.monotonic()
        await asyncio.wait_for(robot.say(babble(0.5, seed), Expression.HAPPY), 10)
        figures["still_talks"] = any(sound.complete for sound in ear.of(0.5, since))
    figures["seconds"] = round(time.monotonic() - began, 1)
    return figures


def _garbage(chance: random.Random) -> bytes:
    """Bytes that may be anything: noise, broken JSON, or JSON of another shape."""
    whole = json.dumps({"result": chance.choice(SCRAPS), "status": chance.choice(SCRAPS), "eventName": "x"}).encode()
    match chance.randrange(4):
        case 0:
            return chance.randbytes(chance.randrange(200))
        case 1:
            return whole[: chance.randrange(len(whole))]
        case 2:
            at = chance.randrange(len(whole))
            return whole[:at] + chance.randbytes(3) + whole[at:]
        case _:
            return json.dumps(chance.choice(SCRAPS)).encode()


async def _answers(count: int, seed: int) -> dict[str, int]:
    """Malformed HTTP answers to the adapter's client; each of them has to be a `CallError`, or a harmless result."""
    chance = random.Random(f"{seed} answers")
    connections: set[asyncio.Task[Any] | None] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(asyncio.current_task())
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
                await reader.readexactly(int(length or 0))
                body = _garbage(chance)
                status = chance.choice((b"200 OK", b"200 OK", b"500 Oh", b"404 No", b"302 Go", b"999 ?", b"abc"))
                well = b"HTTP/1.1 " + status + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body
                framed = chance.random() < 0.9
                writer.write(well if framed else chance.choice((body, well[: len(well) // 2], b"\r\n" + well)))
                await writer.drain()
                if not framed or status == b"abc":
                    break
        await _closed(writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    lane = Lane(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    refused = 0
    try:
        for _ in range(count):
            try:
                await lane.call(SPEECH, "POST", "halt", {}, LIMIT_S)
            except CallError:
                refused += 1
    finally:
        await lane.close()
        server.close()
        await asyncio.wait([connection for connection in connections if connection], timeout=LIMIT_S)
    return {"sent": count, "refused": refused}


async def _events(simulated: SimulatedMisty, count: int, seed: int) -> dict[str, int]:
    """Malformed messages through the robot's own WebSocket, half of them under the names of subscriptions."""
    chance = random.Random(f"{seed} events")
    for number in range(count):
        names = [subscription.name for subscription in simulated.pubsub.subscriptions]
        if names and chance.random() < 0.5:
            text = json.dumps({"eventName": chance.choice(names), "message": chance.choice(SCRAPS)})
        else:
            text = _garbage(chance).decode("latin-1")
        for socket in simulated.pubsub.sockets:
            socket.send(text)
        if number % BURST == 0:
            await asyncio.sleep(PAUSE_S)
    return {"sent": count}


async def _requests(address: str, count: int, seed: int) -> dict[str, int]:
    """Malformed requests to the simulator: malformed bodies on one connection, malformed framing on others."""
    chance = random.Random(f"{seed} requests")
    host, port = address.split(":")
    paths = (b"led", b"head", b"audio", b"images/display", b"tts/speak", b"arms/set", b"blink/settings", b"nothing")
    answered = 0
    for first in range(0, count, BURST):
        reader, writer = await asyncio.open_connection(host, int(port))
        expected = min(BURST, count - first)
        for _ in range(expected - 1):
            body = _garbage(chance)
            path = b"/api/" + chance.choice(paths)
            writer.write(b"POST " + path + b" HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        writer.write(chance.randbytes(100) + b"\r\n\r\n")
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(10):
                answered += (await reader.read(-1)).count(b"HTTP/1.1 ")
        await _closed(writer)
    return {"sent": count, "answered": answered}


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def _subscriptions(address: str, count: int, seed: int) -> dict[str, int]:
    """Malformed messages to the simulator's WebSocket."""
    chance = random.Random(f"{seed} subscriptions")
    answered = 0
    async with connect(f"ws://{address}/pubsub", compression=None, proxy=None, ping_interval=None) as socket:

        async def read() -> None:
            nonlocal answered
            async for _ in socket:
                answered += 1

        reading = asyncio.create_task(read())
        for number in range(count):
            await socket.send(_garbage(chance).decode("latin-1"))
            if number % BURST == 0:
                await asyncio.sleep(PAUSE_S)
        await asyncio.wait([reading], timeout=1.0)
        reading.cancel()
        await asyncio.wait([reading])
    return {"sent": count, "answered": answered}

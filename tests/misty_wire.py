"""A plain client of Misty's wire, for tests: raw HTTP, events as they come, sounds and pictures to upload."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from websockets.asyncio.client import ClientConnection, connect

from misty_adapter.simulator.simulated_misty import SimulatedMisty

Start = Callable[..., Awaitable[SimulatedMisty]]
"""Starts a simulated Misty; takes what SimulatedMisty takes."""

DEADLINE_S = 20.0
"""No test waits longer for anything."""


async def raw(address: str, data: bytes) -> bytes:
    """What comes back for some bytes, until the other side closes."""
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(data)
        writer.write_eof()
        async with asyncio.timeout(DEADLINE_S):
            return await reader.read()
    finally:
        writer.close()


async def exchange(
    address: str, verb: str, path: str, body: bytes = b"", content_type: str = "application/json"
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to a request."""
    head = f"{verb} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n"
    head += f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    answer = await raw(address, head.encode() + body)
    if not answer:
        raise ConnectionResetError("no answer")
    lines, _, content = answer.partition(b"\r\n\r\n")
    first, *rest = lines.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in rest)}
    return int(first.split(" ")[1]), headers, content


async def call(address: str, verb: str, endpoint: str, arguments: dict[str, Any] | None = None) -> tuple[int, Any]:
    """Status and JSON of a command with a JSON body."""
    body = b"" if arguments is None else json.dumps(arguments).encode()
    status, _, content = await exchange(address, verb, f"/api/{endpoint}", body)
    return status, json.loads(content)


async def result(address: str, verb: str, endpoint: str, arguments: dict[str, Any] | None = None) -> Any:
    """The result of a command that must succeed."""
    status, answer = await call(address, verb, endpoint, arguments)
    assert (status, answer["status"]) == (200, "Success"), answer
    return answer["result"]


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that nothing tells of."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


class Events:
    """One WebSocket."""

    def __init__(self, connection: ClientConnection) -> None:
        """Use an open connection."""
        self.connection = connection

    async def subscribe(self, type: str, **more: Any) -> None:
        """Subscribe under the type's own name, which must succeed."""
        message = {"Operation": "subscribe", "Type": type, "DebounceMs": 0, "EventName": type, **more}
        await self.connection.send(json.dumps(message))
        answer = await self.next()
        assert answer["message"].startswith("Registration Status: API event registered"), answer

    async def next(self) -> dict[str, Any]:
        """The next message."""
        async with asyncio.timeout(DEADLINE_S):
            message: dict[str, Any] = json.loads(await self.connection.recv())
        return message


@asynccontextmanager
async def events(address: str) -> AsyncIterator[Events]:
    """Connect to the events."""
    async with connect(f"ws://{address}/pubsub") as connection:
        yield Events(connection)


async def upload(address: str, name: str, data: bytes) -> None:
    """Upload a sound."""
    coded = base64.b64encode(data).decode()
    await result(address, "POST", "audio", {"FileName": name, "Data": coded, "OverwriteExisting": True})


def tone(seconds: float, rate: int, pitch: float = 440.0) -> npt.NDArray[np.float32]:
    """A sound at half the greatest loudness."""
    return (0.5 * np.sin(2 * np.pi * pitch * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


def picture(colour: str, size: tuple[int, int] = (480, 272)) -> bytes:
    """A PNG file of one colour."""
    target = io.BytesIO()
    Image.new("RGB", size, colour).save(target, "PNG")
    return target.getvalue()

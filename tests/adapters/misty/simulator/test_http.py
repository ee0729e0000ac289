"""HTTP as such: keep-alive, chunks, limits, nonsense."""

from __future__ import annotations

import asyncio
import gc
import json
import socket

import pytest

from misty_adapter.simulator.http import BODY_BYTES, HEAD_BYTES
from misty_adapter.simulator.simulated_misty import SimulatedMisty
from misty_wire import DEADLINE_S, Start, exchange, raw


async def test_two_requests_use_one_connection(robot: SimulatedMisty) -> None:
    one = b"GET /api/battery HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = await raw(robot.address, one + one)
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert answer.count(b"Connection: keep-alive") == 2


async def test_a_client_of_http_1_0_gets_one_answer(robot: SimulatedMisty) -> None:
    answer = await raw(robot.address, b"GET /api/battery HTTP/1.0\r\n\r\nGET /api/battery HTTP/1.0\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200 OK") == 1
    assert b"Connection: close" in answer


async def test_a_body_in_chunks(robot: SimulatedMisty) -> None:
    head = b"POST /api/led HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    body = b'8;x=y\r\n{"red":1\r\n16\r\n,"green":2,"blue":300}\r\n0\r\nTrailer: 1\r\n\r\n'
    answer = await raw(robot.address, head + body)
    assert answer.startswith(b"HTTP/1.1 400") and b"Blue must be from 0 to 255" in answer


async def test_a_client_that_waits_to_send_its_body_is_told_to_go_on(robot: SimulatedMisty) -> None:
    host, _, port = robot.address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /api/halt HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n")
    async with asyncio.timeout(DEADLINE_S):
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"{}")
        assert (await reader.read()).startswith(b"HTTP/1.1 200 OK")
    writer.close()


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET /api/battery HTTP/9\r\n\r\n", 400),
        (b"GET /api/battery HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET /api/battery HTTP/1.1\r\nContent-Length: ten\r\n\r\n", 400),
        (b"GET /api/battery HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /api/led HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n", 400),
        (b"POST /api/led HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
        (b"GET http://[::1/api/battery HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * (2 * HEAD_BYTES) + b"\r\n\r\n", 431),
        (f"POST /api/audio HTTP/1.1\r\nContent-Length: {BODY_BYTES + 1}\r\n\r\n".encode(), 413),
        (b"POST /api/audio HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", 413),
    ],
)
async def test_nonsense_is_refused(robot: SimulatedMisty, request_text: bytes, status: int) -> None:
    answer = await raw(robot.address, request_text)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == "Failed"


async def test_a_websocket_elsewhere_than_at_pubsub_is_not_found(robot: SimulatedMisty) -> None:
    answer = await raw(robot.address, b"GET /api/pubsub HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 404")


async def test_a_handshake_without_a_key_is_refused(robot: SimulatedMisty) -> None:
    answer = await raw(robot.address, b"GET /pubsub HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400")


async def test_an_answer_says_how_finished_its_command_is(robot: SimulatedMisty) -> None:
    _, headers, _ = await exchange(robot.address, "GET", "/api/battery")
    assert headers["misty-command-version"] == "Current"
    _, headers, _ = await exchange(robot.address, "GET", "/api/blink/settings")
    assert headers["misty-command-version"] == "Beta"


@pytest.mark.parametrize("steps", range(8))
async def test_connections_that_are_just_being_made_are_closed(
    steps: int, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    robot = await start()
    host, _, port = robot.address.partition(":")
    clients = [socket.socket() for _ in range(4)]
    for client in clients:
        client.setblocking(False)
        client.connect_ex((host, int(port)))
    for _ in range(steps):
        await asyncio.sleep(0)
    await robot.stop()
    for client in clients:
        client.close()
    gc.collect()  # what is unclosed is a warning, and that an error
    assert not caplog.records

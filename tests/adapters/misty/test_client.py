"""Commands over real sockets; at the far end stands a server of the test that answers as it is told."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import AsyncIterator, Callable

import pytest

from misty_adapter.connection.client import BODY, SPEECH, CallError, Client, unwrap
from misty_adapter.robot import MistyRobot
from misty_adapter.settings import MistySettings
from robot_runtime.errors import RobotError

WELL = b'{"result": 7, "status": "Success"}'


def http(body: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


class Far:
    """A server that answers with what `answer` makes of the path; an answer of None is none."""

    def __init__(self, answer: Callable[[str], bytes | None]) -> None:
        self.answer = answer
        self.paths: list[str] = []
        self.at_a_time = 0
        self.most_at_a_time = 0
        self.delay_s = 0.0
        self.asked = asyncio.Event()
        self.tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self.tasks.add(task)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length or 0))
                self.paths.append(head.split()[1].decode().removeprefix("/api/"))
                self.asked.set()
                self.at_a_time += 1
                self.most_at_a_time = max(self.most_at_a_time, self.at_a_time)
                await asyncio.sleep(self.delay_s)
                answer = self.answer(self.paths[-1])
                self.at_a_time -= 1
                if answer is None:
                    await reader.read()
                    break
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


@contextlib.asynccontextmanager
async def far(answer: Callable[[str], bytes | None]) -> AsyncIterator[tuple[Client, Far, tuple[str, int]]]:
    end = Far(answer)
    server = await asyncio.start_server(end.serve, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()[:2]
    client = Client(address)
    try:
        yield client, end, address
    finally:
        await client.close()
        server.close()
        if end.tasks:  # they end when the client has gone
            _, left = await asyncio.wait(end.tasks, timeout=10)
            assert not left


async def test_the_result_is_taken_out_of_the_answer() -> None:
    async with far(lambda path: http(WELL)) as (client, end, _):
        assert await client.post("led", red=1) == 7
        assert await client.get("battery") == 7
        assert end.paths == ["led", "battery"]


async def test_commands_take_their_turn_and_speech_goes_first() -> None:
    async with far(lambda path: http(WELL)) as (client, end, _):
        end.delay_s = 0.05
        await asyncio.gather(
            client.post("led"), client.post("head", rank=BODY), client.post("audio", rank=SPEECH), client.post("blink")
        )
        assert end.paths == ["audio", "led", "head", "blink"]
        assert end.most_at_a_time == 1


async def test_what_has_to_happen_at_once_waits_for_nobody() -> None:
    async with far(lambda path: None if path == "led" else http(WELL)) as (client, end, _):
        slow = asyncio.create_task(client.post("led"))
        await asyncio.wait_for(end.asked.wait(), 5)
        began = time.monotonic()
        await client.at_once("halt")
        assert time.monotonic() - began < 0.5
        slow.cancel()


async def test_a_cancelled_command_makes_room_for_the_next() -> None:
    async with far(lambda path: None if path == "led" else http(WELL)) as (client, end, _):
        slow = asyncio.create_task(client.post("led"))
        await asyncio.wait_for(end.asked.wait(), 5)
        slow.cancel()
        began = time.monotonic()
        await client.post("blink")
        assert time.monotonic() - began < 0.5


async def test_a_refused_command_is_repeated() -> None:
    answers = iter([http(b"{}", "503 No"), http(b'{"status": "Failed", "error": "x"}', "400 No"), http(WELL)])
    async with far(lambda path: next(answers)) as (client, end, _):
        assert await client.post("audio/play", FileName="a") == 7
        assert len(end.paths) == 3


async def test_nothing_is_played_twice_because_an_answer_was_lost() -> None:
    async with far(lambda path: None) as (client, end, _):
        with pytest.raises(CallError, match="does not answer audio/play"):
            await client.post("audio/play", limit_s=0.2, FileName="a")
        assert end.paths == ["audio/play"]


@pytest.mark.parametrize(
    "answer",
    [
        b"\x00\xff" * 50,
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        http(b"<html>"),
        http(b"[1]"),
        http(b"[" * 100_000),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        http(b"", "204 None"),
        http(b"x", "302 Away\r\nLocation: http://10.255.255.1/"),
    ],
)
async def test_garbage_is_an_error_of_the_command(answer: bytes) -> None:
    async with far(lambda path: answer) as (client, _, _):
        with pytest.raises(CallError):
            await client.post("audio/play", limit_s=0.3, FileName="a")


async def test_an_answer_that_drips_for_ever_is_cut_off() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        with contextlib.suppress(OSError):
            while not writer.is_closing():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.05)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        over.set()

    over = asyncio.Event()
    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    client = Client(server.sockets[0].getsockname()[:2])
    began = time.monotonic()
    with pytest.raises(CallError):
        await client.post("audio/play", limit_s=0.5, FileName="a")
    assert time.monotonic() - began < 3
    await client.close()
    await asyncio.wait_for(over.wait(), 5)
    server.close()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (http(b"<html>It works!</html>"), "no Misty would answer help like that .*check --ip"),
        (http(b'{"status": "Success", "result": {"lights": []}}'), "lists no commands.*check --ip"),
        (http(b"{}", "503 No"), "updating or still booting"),
        (http(json.dumps({"status": "Success", "result": {"post": [{"endpoint": "led"}]}}).encode()), "cannot talk"),
    ],
)
async def test_what_is_no_misty_is_said_so(answer: bytes, said: str) -> None:
    async with far(lambda path: answer) as (_, _, address):
        robot = MistyRobot(address, MistySettings(connect_s=1), lambda text: None)
        with pytest.raises(RobotError, match=said):
            await robot.connect()
        await robot.close()


async def test_nobody_there_is_said_so() -> None:
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()[:2]
    server.close()
    await server.wait_closed()
    robot = MistyRobot(address, MistySettings(connect_s=1), lambda text: None)
    with pytest.raises(RobotError, match="nobody listens at its address"):
        await robot.connect()
    await robot.close()


async def test_a_name_that_nobody_knows_is_said_so() -> None:
    robot = MistyRobot(("misty.invalid", 80), MistySettings(connect_s=1), lambda text: None)
    with pytest.raises(RobotError, match=r"no robot at misty\.invalid.*check --ip"):
        await robot.connect()
    await robot.close()


def test_a_failure_keeps_its_status() -> None:
    with pytest.raises(CallError, match=r"refuses led \(HTTP 400\): no red") as caught:
        unwrap("led", 400, b'{"status": "Failed", "error": "no red"}')
    assert caught.value.refused
    with pytest.raises(CallError) as caught:
        unwrap("led", 500, b'{"status": "Failed", "error": "boom"}')
    assert not caught.value.refused


async def test_closing_gives_up_what_waits_and_what_is_under_way() -> None:
    async with far(lambda path: None) as (client, end, _):
        calls = [asyncio.create_task(client.post(path)) for path in ("halt", "led")]
        await asyncio.wait_for(end.asked.wait(), 5)
        await client.close()
        for call in calls:
            with pytest.raises(CallError, match="conversation is over"):
                await asyncio.wait_for(call, 5)
        began = time.monotonic()
        with pytest.raises(CallError, match="conversation is over"):
            await asyncio.wait_for(client.at_once("halt"), 5)
        assert time.monotonic() - began < 1.0


async def test_a_computer_without_threads_fails_and_recovers(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async with far(lambda path: http(WELL)) as (client, _, _):
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", start)
            with pytest.raises(CallError, match=r"cannot ask Misty for audio/play.*new thread"):
                await client.post("audio/play")
        assert await client.post("halt") == 7


async def test_each_attempt_is_told_when_it_is_sent() -> None:
    answers = [http(b'{"status": "Failed"}', "503 Busy"), http(WELL)]
    async with far(lambda path: answers.pop(0)) as (client, _, _):
        sent: list[float] = []
        assert await client.post("audio/play", sent=lambda: sent.append(time.monotonic())) == 7
        assert len(sent) == 2


async def test_a_connect_that_is_cancelled_leaves_nothing_behind() -> None:
    async with far(lambda path: None) as (_, end, address):
        robot = MistyRobot(address, MistySettings(), lambda text: None)
        before = asyncio.all_tasks()
        connecting = asyncio.create_task(robot.connect())
        await asyncio.wait_for(end.asked.wait(), 5)
        connecting.cancel()
        await asyncio.wait([connecting])
        await robot.close()
        await robot.stop()
        assert {task for task in asyncio.all_tasks() - before if task not in end.tasks} == set()

"""The live stream: as FFmpeg hears it, and byte by byte."""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import socket
import struct
import time
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from misty_adapter.simulator.clock import Clock
from misty_adapter.simulator.simulated_misty import SimulatedMisty
from misty_adapter.simulator.wav import decode, encode, resample
from misty_wire import DEADLINE_S, Start, call, result, tone, until, upload

NOISE = (0.2 * np.random.default_rng(5).standard_normal(16_000)).clip(-0.9, 0.9).astype(np.float32)
"""One second at 16 kHz that is like nothing else."""


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    file = tmp_path / "noise.wav"
    file.write_bytes(encode(NOISE, 16_000))
    return file


async def stream(robot: SimulatedMisty, port: int, rate: int | None = 16_000) -> None:
    """Let the robot stream."""
    await result(robot.address, "POST", "services/avstreaming/enable")
    start = {"URL": f"rtspd:{port}", "AudioSampleRateHz": rate}
    assert await result(robot.address, "POST", "avstreaming/start", start) is True


def likeness(heard: npt.NDArray[np.float64], said: npt.NDArray[np.float32]) -> float:
    """Correlation where what was said fits best, which must be whole."""
    place = int(np.argmax(np.correlate(heard, said[:4000], "valid")))
    piece = heard[place : place + len(said)]
    assert len(piece) == len(said)
    return float(np.corrcoef(piece, said)[0, 1])


def hear(url: str, seconds: float, options: dict[str, str]) -> tuple[str, int, npt.NDArray[np.float64]]:
    """Codec, rate and sound of a stream by PyAV."""
    av = pytest.importorskip("av", reason="PyAV is not installed: pip install av")
    with av.open(url, options=options, timeout=DEADLINE_S) as container:
        context = container.streams.audio[0].codec_context
        pieces: list[npt.NDArray[np.int16]] = []
        for frame in container.decode(audio=0):
            pieces.append(frame.to_ndarray()[0])
            if sum(map(len, pieces)) >= seconds * context.rate:
                break
        return context.name, context.rate, np.concatenate(pieces) / 32768


async def test_pyav_hears_what_is_said(start: Start, speech: Path, free_port: int) -> None:
    robot = await start(hear=speech)
    await stream(robot, free_port)
    url = f"rtsp://127.0.0.1:{free_port}"
    name, rate, sound = await asyncio.to_thread(hear, url, 2.0, {"rtsp_transport": "tcp"})
    assert (name, rate) == ("pcm_s16be", 16_000)
    assert likeness(sound, NOISE) > 0.99
    assert np.abs(sound[-4000:]).max() == 0
    await until(lambda: not robot.misty.streaming.clients)


async def test_by_default_it_comes_at_44_kHz_and_asking_for_udp_ends_in_tcp(
    start: Start, speech: Path, free_port: int
) -> None:
    robot = await start(hear=speech)
    await stream(robot, free_port, None)
    _, rate, sound = await asyncio.to_thread(hear, f"rtsp://127.0.0.1:{free_port}/h264", 2.0, {})
    assert rate == 44_100
    assert likeness(sound, resample(NOISE, 16_000, 44_100)) > 0.99


async def test_the_ffmpeg_program_hears_it_too(start: Start, speech: Path, free_port: int, tmp_path: Path) -> None:
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        pytest.skip("no ffmpeg is installed: apt-get install ffmpeg")
    robot = await start(hear=speech)
    await stream(robot, free_port)
    target = tmp_path / "heard.wav"
    process = await asyncio.create_subprocess_exec(
        ffmpeg, "-loglevel", "error", "-i", f"rtsp://127.0.0.1:{free_port}", "-t", "2", str(target),
        stdin=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(DEADLINE_S):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert likeness(decode(target.read_bytes(), 16_000).astype(np.float64), NOISE) > 0.99


class Listener:
    """A client that sends what it is told."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.session = ""

    async def ask(self, method: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the answer."""
        lines = [
            f"{method} rtsp://robot/ RTSP/1.0",
            "CSeq: 7",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n")
        async with asyncio.timeout(DEADLINE_S):
            while (head := await self.reader.readexactly(1)) == b"$":
                await self.reader.readexactly(struct.unpack(">xH", await self.reader.readexactly(3))[0])
            first, *rest = (head + await self.reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
            answer = dict(line.split(": ", 1) for line in rest)
            assert answer["CSeq"] == "7"
            body = await self.reader.readexactly(int(answer.get("Content-Length", 0)))
        return int(first.split(" ")[1]), answer, body

    async def play(self) -> None:
        """Do what is needed to get packets."""
        status, headers, _ = await self.ask("SETUP", Transport="RTP/AVP;unicast, RTP/AVP/TCP;unicast;interleaved=4-5")
        assert (status, headers["Transport"]) == (200, "RTP/AVP/TCP;unicast;interleaved=4-5")
        self.session = headers["Session"].partition(";")[0]
        assert (await self.ask("PLAY", Session=self.session))[0] == 200

    async def packet(self) -> tuple[int, int, int]:
        """Number, timestamp and count of samples of the next packet."""
        async with asyncio.timeout(DEADLINE_S):
            sign, channel, length = struct.unpack(">cBH", await self.reader.readexactly(4))
            assert (sign, channel) == (b"$", 4)
            data = await self.reader.readexactly(length)
        first, kind, number, timestamp, _ = struct.unpack(">BBHII", data[:12])
        assert (first, kind) == (0x80, 96)
        return number, timestamp, (length - 12) // 2

    async def ended(self) -> None:
        """Wait for the end of the connection."""
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(DEADLINE_S):
                while await self.reader.read(65536):
                    pass


@contextlib.asynccontextmanager
async def listener(port: int) -> AsyncIterator[Listener]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Listener(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def test_a_conversation_in_rtsp(robot: SimulatedMisty, free_port: int) -> None:
    await stream(robot, free_port)
    async with listener(free_port) as one:
        assert "DESCRIBE" in (await one.ask("OPTIONS"))[1]["Public"]
        status, headers, body = await one.ask("DESCRIBE")
        assert (status, headers["Content-Type"]) == (200, "application/sdp")
        assert b"m=audio 0 RTP/AVP 96\r\na=rtpmap:96 L16/16000/1\r\n" in body and b"m=video" not in body
        assert (await one.ask("PLAY"))[0] == 455
        assert (await one.ask("SETUP", Transport="RTP/AVP;unicast;client_port=5000-5001"))[0] == 461
        assert (await one.ask("RECORD"))[0] == 501
        assert (await one.ask("PLAY", Session="other"))[0] == 454
        await one.play()
        began = time.monotonic()
        number, timestamp, count = await one.packet()
        for step in range(1, 26):
            assert await one.packet() == (number + step, timestamp + step * count, count)
        assert time.monotonic() - began > 0.25
        one.writer.write(b"$\x05\x00\x04abcd")  # a report
        assert (await one.ask("GET_PARAMETER", Session=one.session))[0] == 200
        assert (await one.ask("TEARDOWN", Session=one.session))[0] == 200
        await one.ended()
    await until(lambda: not robot.misty.streaming.clients)


async def test_all_listeners_get_the_same_and_one_may_leave(robot: SimulatedMisty, free_port: int) -> None:
    await stream(robot, free_port)
    async with listener(free_port) as one:
        await one.play()
        async with listener(free_port) as other:
            await other.play()
            latest = await other.packet()
            while (mine := await one.packet()) != latest:
                assert mine[0] < latest[0]
            other.writer.transport.abort()
        await until(lambda: len(robot.misty.streaming.clients) == 1)
        before = (await one.packet())[0]
        assert (await one.packet())[0] == before + 1


async def test_a_listener_that_does_not_read_is_cut_off(start: Start, free_port: int) -> None:
    robot = await start(clock=Clock(200.0))
    await stream(robot, free_port)
    loop = asyncio.get_running_loop()
    with socket.socket() as lazy:
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.setblocking(False)
        await loop.sock_connect(lazy, ("127.0.0.1", free_port))
        setup = b"SETUP rtsp://robot/ RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n"
        await loop.sock_sendall(lazy, setup + b"PLAY rtsp://robot/ RTSP/1.0\r\nCSeq: 2\r\n\r\n")
        await until(lambda: any(client.playing for client in robot.misty.streaming.clients))
        await until(lambda: not robot.misty.streaming.clients)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nCSeq 1\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nContent-Length: many\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 99999999999999999999999999\r\n\r\n",
        b"x" * 20_000,
    ],
)
async def test_what_is_no_request_ends_the_connection(robot: SimulatedMisty, free_port: int, data: bytes) -> None:
    await stream(robot, free_port)
    async with listener(free_port) as one:
        one.writer.write(data)
        async with asyncio.timeout(DEADLINE_S):
            assert (await one.reader.read(100)).startswith(b"RTSP/1.0 400 ")
        await one.ended()


async def test_noise_breaks_nothing(robot: SimulatedMisty, free_port: int) -> None:
    await stream(robot, free_port)
    dice = random.Random(4)
    good = b"SETUP rtsp://robot/ RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n" * 2
    for _ in range(300):
        data = bytearray(good)
        for _ in range(dice.randint(1, 6)):
            place = dice.randrange(len(data))
            data[place : place + dice.randint(0, 9)] = dice.choice(
                [b"", b"\r\n", b"$", b"\xff", b"=", dice.randbytes(5)]
            )
        async with listener(free_port) as one:
            one.writer.write(bytes(data))
            one.writer.write_eof()
            await one.ended()
    await until(lambda: not robot.misty.streaming.clients)
    async with listener(free_port) as one:
        await one.play()
        await one.packet()


@pytest.mark.parametrize(
    "url", ["rtspd:", "rtspd:0", "rtspd:65536", "rtspd:-1", "rtspd:²", "rtspd:000001936", "rtmp://host/live", "1936"]
)
async def test_what_is_no_port_to_serve_at(robot: SimulatedMisty, url: str) -> None:
    await result(robot.address, "POST", "services/avstreaming/enable")
    assert (await call(robot.address, "POST", "avstreaming/start", {"URL": url}))[0] == 400
    assert not robot.misty.ears.streaming


async def test_a_port_that_is_taken(robot: SimulatedMisty) -> None:
    await result(robot.address, "POST", "services/avstreaming/enable")
    with socket.create_server(("127.0.0.1", 0)) as other:
        url = f"rtspd:{other.getsockname()[1]}"
        status, answer = await call(robot.address, "POST", "avstreaming/start", {"URL": url})
    assert status == 500 and "cannot be served" in answer["error"]
    await result(robot.address, "POST", "audio/keyphrase/start")


@pytest.mark.parametrize("ending", ["avstreaming/stop", "services/avstreaming/disable", "services/camera/enable"])
async def test_its_end(robot: SimulatedMisty, free_port: int, ending: str) -> None:
    await stream(robot, free_port)
    async with listener(free_port) as one:
        await one.play()
        await one.packet()
        await result(robot.address, "POST", ending)
        await one.ended()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", free_port)
    await result(robot.address, "POST", "audio/keyphrase/start")


async def test_starting_again_begins_a_new_stream(robot: SimulatedMisty, free_port: int) -> None:
    await stream(robot, free_port)
    async with listener(free_port) as one:
        await one.play()
        await stream(robot, free_port, 8_000)
        await one.ended()
    async with listener(free_port) as one:
        assert b"L16/8000/1" in (await one.ask("DESCRIBE"))[2]
        await one.play()
        assert (await one.packet())[2] == 160


async def test_a_reboot_ends_it(start: Start, free_port: int) -> None:
    robot = await start(boot_s=0.1)
    await stream(robot, free_port)
    async with listener(free_port) as one:
        await one.play()
        await result(robot.address, "POST", "reboot")
        await one.ended()
    await until(lambda: robot.boots == 2 and robot.running.is_set())
    assert not robot.misty.ears.streaming


async def test_people_speak_when_somebody_listens_and_the_robot_is_silent(
    start: Start, speech: Path, free_port: int, tmp_path: Path
) -> None:
    robot = await start(hear=speech)

    def spoken() -> bool:
        return '"hears"' in (tmp_path / "record" / "events.jsonl").read_text()

    await stream(robot, free_port)
    await robot.misty.world.clock.sleep(1.0)
    assert not spoken()
    await upload(robot.address, "a.wav", encode(tone(60, 8000), 8000))
    await result(robot.address, "POST", "audio/play", {"FileName": "a.wav"})
    async with listener(free_port) as one:
        await one.play()
        for _ in range(50):
            await one.packet()
        assert not spoken()
        await result(robot.address, "POST", "audio/stop")
        await until(spoken)

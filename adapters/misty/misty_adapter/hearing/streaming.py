"""Listening through Misty all the time: she serves what her microphones hear over RTSP, and PyAV takes it in.

While she does, she hears no key phrase, captures and records nothing, and her camera is off (documented). Which codec
she sends is left to PyAV; her video is not asked for. Her own voice is in the sound: the gate keeps it out.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import logging
from collections.abc import AsyncIterator

import numpy as np
import numpy.typing as npt

from misty_adapter.connection.client import Client
from misty_adapter.hearing.capture import Sound
from misty_adapter.hearing.rtsp import RATE_HZ, Connection
from robot_runtime.errors import MissingExtraError, RobotError

_LOG = logging.getLogger(__name__)

PORT = 1936
"""Where the robot serves the stream: the port of the vendor's example."""

WAITING_BLOCKS = 100
"""Most blocks that wait to be taken: 4 s."""

FIRST_S = 8.0
"""How long `open` waits for the first sound, attempts that fail included."""

BACKOFF_S = (0.1, 0.25, 0.5, 1.0)
"""Pauses between attempts; the last one repeats."""

LATE_S = 0.3
"""What comes so soon after the gate has opened was heard before: the delay of the robot's buffers and the network. A
guess; ours alone is 0.02 s (measured with the simulator)."""

STOP_S = 0.8
"""How long telling the robot to stop may take."""

THREAD_S = 1.0
"""How long the thread may take to end; then it is left to end by itself."""


class StreamingEar:
    """See the module's docstring. All methods belong to the event loop."""

    def __init__(self, client: Client, host: str, port: int) -> None:
        """Listen to nothing yet.

        Args:
            client: gives commands to the robot.
            host: where the robot is.
            port: where it shall serve the stream.
        """
        self._client = client
        self._port = port
        self._url = f"rtsp://[{host}]:{port}" if ":" in host else f"rtsp://{host}:{port}"
        self._waiting: asyncio.Queue[Sound | None] = asyncio.Queue()
        self._heard = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._connection: Connection | None = None
        self._had_camera = False
        self._gated = False
        self._closed = False
        self._deaf_until = 0.0
        self.lost = 0
        """Blocks that nobody took in time, so far."""

    async def open(self) -> None:
        """Start the stream; returns when sound comes.

        Raises:
            MissingExtraError: PyAV is not installed.
            RobotError: the robot does not stream, or nothing can be made of what it sends.
        """
        if importlib.util.find_spec("av") is None:
            raise MissingExtraError("listening to Misty's live stream", "misty-stream")
        opened = False
        try:
            with contextlib.suppress(RobotError):
                self._had_camera = await self._client.get("services/camera") is True
            await self._ask()
            self._keeper = asyncio.create_task(self._keep())
            async with asyncio.timeout(FIRST_S):
                await self._heard.wait()
            opened = True
        except TimeoutError:
            why = self._connection.why if self._connection else ""
            raise RobotError(
                f"nothing is heard of Misty's live stream at {self._url} ({why or 'it is silent'}): "
                "may this computer reach that port?"
            ) from None
        finally:
            if not opened:
                await self.close()

    async def blocks(self) -> AsyncIterator[Sound]:
        """What is heard until the ear is closed, in blocks of 40 ms at 16 kHz; what the gate kept out is left out."""
        while (block := await self._waiting.get()) is not None:
            yield block
        self._waiting.put_nowait(None)  # for whoever else listens, or comes later

    def gate(self, closed: bool) -> None:
        """Hear nothing while it is closed, because the robot speaks, and a moment longer."""
        if self._gated and not closed:
            self._deaf_until = asyncio.get_running_loop().time() + LATE_S
        self._gated = closed

    async def close(self) -> None:
        """Stop the stream and end `blocks`, within 2 s. Never raises; harmless when repeated."""
        self._closed = True
        if self._keeper:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        with contextlib.suppress(RobotError, TimeoutError):
            async with asyncio.timeout(STOP_S):
                await self._client.at_once("avstreaming/stop")
                await self._client.at_once("services/avstreaming/disable")
                if self._had_camera:
                    await self._client.at_once("services/camera/enable")
        if self._connection:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._connection.over.wait(), THREAD_S)
        self._waiting.put_nowait(None)

    async def _ask(self) -> None:
        """Let the robot stream; a stream that it has is ended first, as others do."""
        await self._client.post("services/avstreaming/enable")
        with contextlib.suppress(RobotError):
            await self._client.post("avstreaming/stop")
        await self._client.post("avstreaming/start", URL=f"rtspd:{self._port}", AudioSampleRateHz=RATE_HZ)

    async def _keep(self) -> None:
        """Connect, and again when the stream breaks; when that fails, the robot may have forgotten to stream."""
        failures = 0
        while True:
            self._heard.clear()
            try:
                await self._listen()
            except Exception:  # no more threads, perhaps; there may be some later
                _LOG.exception("listening to Misty is interrupted")
            failures = 0 if self._heard.is_set() else failures + 1
            await asyncio.sleep(BACKOFF_S[min(failures, len(BACKOFF_S) - 1)])
            if failures > 1:
                with contextlib.suppress(RobotError):
                    await self._ask()

    async def _listen(self) -> None:
        """Over one connection, until it ends."""
        self._connection = connection = Connection(self._url, self._take)
        try:
            await connection.over.wait()
        finally:
            connection.give_up()

    def _take(self, pcm: npt.NDArray[np.int16]) -> None:
        self._heard.set()
        if self._closed or self._gated or asyncio.get_running_loop().time() < self._deaf_until:
            return
        if self._waiting.qsize() >= WAITING_BLOCKS:
            self._waiting.get_nowait()
            self.lost += 1
        self._waiting.put_nowait(Sound(pcm, RATE_HZ))

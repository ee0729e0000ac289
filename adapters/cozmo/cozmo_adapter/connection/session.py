"""One connection to a Cozmo, from the first knock to the last frame; a new one needs a new session.

All methods belong to the event loop. pycozmo's threads do nothing but put what arrives into a queue.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from cozmo_adapter.connection.corrections import client_class
from cozmo_adapter.connection.library import pycozmo
from cozmo_adapter.connection.telemetry import Telemetry, telemetry
from robot_runtime.errors import RobotError

_LOG = logging.getLogger(__name__)

KNOCK_EVERY_S = 0.25
"""Pause between two requests to connect; pycozmo sends one, and a lost one ends it."""

GAP_S = 0.3
"""Telemetry that is silent for so long has been interrupted; it comes every 33 ms."""

BACKLOG = 512
"""Packets that may wait for the event loop; about 8 s of telemetry, older ones give way."""

GOODBYE_S = 0.5
"""How long closing waits for the robot to take its last commands."""

packets = pycozmo.protocol_encoder
"""pycozmo's packet classes."""


class Session:
    """A fresh client of pycozmo with its threads."""

    def __init__(self, address: tuple[str, int], receive: Callable[[Session, Any], None]) -> None:
        """Prepare; nothing is sent yet.

        Args:
            address: host and port of the robot.
            receive: called in the event loop with this session and each of pycozmo's packets.
        """
        self._address = address
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._arrived: deque[Any] = deque(maxlen=BACKLOG)
        self._answered = asyncio.Event()
        self._ready = asyncio.Event()
        self._opened_at = time.monotonic()
        self._flowing_since = self._opened_at
        self._failure: str | None = None
        self.client = client_class()(address, auto_initialize=False, enable_animations=False)
        """pycozmo's client, for whatever the adapter does not offer. Its animation controller is not running."""
        self.telemetry: Telemetry | None = None
        """The last RobotState."""
        self.firmware = ""
        """The robot's firmware version, such as 2381."""

    @property
    def silence_s(self) -> float:
        """Seconds since the last RobotState, or since the session began."""
        return time.monotonic() - (self.telemetry.at if self.telemetry else self._opened_at)

    @property
    def stalled_s(self) -> float:
        """Seconds in which telemetry has flowed without a gap and nothing of what was sent was acknowledged."""
        if self.silence_s > GAP_S:
            return 0.0
        return min(self._unacknowledged_s, time.monotonic() - self._flowing_since)

    @property
    def delivered(self) -> bool:
        """The robot has acknowledged everything that it was sent."""
        return self.client.conn.send_thread.queue.empty() and not self._unacknowledged_s

    @property
    def _unacknowledged_s(self) -> float:
        return float(self.client.conn.send_thread.unacknowledged_s)

    async def open(self) -> None:
        """Knock until the robot answers, wake its body and wait for its first RobotState; waits as long as it takes.

        Raises:
            RobotError: the network does not take a datagram for that address, or the robot answers as broken.
        """
        self._opened_at = time.monotonic()
        self.client.conn.add_handler(pycozmo.event.EvtPacketReceived, self._enqueue)
        self.client.start()
        self.client.conn.state = pycozmo.conn.Connection.CONNECTING
        while not self._answered.is_set():
            self._knock()
            try:
                await asyncio.wait_for(self._answered.wait(), KNOCK_EVERY_S)
            except TimeoutError:
                continue
        await self._ready.wait()
        if self._failure:
            raise RobotError(self._failure)

    def send(self, packet: Any) -> None:
        """Send one of pycozmo's packets, reliably and in order."""
        self.client.conn.send(packet)

    async def close(self) -> None:
        """Tell the robot that this client goes, and end the threads. Never raises."""
        try:
            await asyncio.to_thread(self._shut)
        except Exception:
            _LOG.exception("closing the connection to %s", self._address)

    def _knock(self) -> None:
        frame = pycozmo.frame.Frame(
            pycozmo.protocol_declaration.FrameType.RESET, 0, 0, pycozmo.protocol_declaration.OOB_SEQ, []
        )
        try:
            self.client.conn.sock.sendto(frame.to_bytes(), self._address)
        except OSError as error:
            raise RobotError(error.strerror or str(error)) from error

    def _enqueue(self, packet: Any) -> None:
        """Runs in pycozmo's thread, which also sends its pings: it must never wait."""
        if isinstance(packet, packets.Ping):
            # Named for milliseconds, but pycozmo puts seconds of its clock there.
            self.client.conn.send_thread.measured(time.perf_counter() - packet.time_sent_ms)
            return
        self._arrived.append(packet)
        if len(self._arrived) == 1:
            try:
                self._loop.call_soon_threadsafe(self._deliver)
            except RuntimeError:  # the loop has ended before this thread
                self._arrived.clear()

    def _deliver(self) -> None:
        while self._arrived:
            packet = self._arrived.popleft()
            self._answered.set()
            try:
                self._take(packet)
            except Exception:  # whatever a robot sends, the connection goes on
                _LOG.exception("cannot make sense of %s", packet)

    def _take(self, packet: Any) -> None:
        if isinstance(packet, packets.FirmwareSignature):
            self.firmware = _version(packet.signature)
        elif isinstance(packet, packets.BodyInfo):
            if not packet.serial_number:
                self._failure = "its head answers, but not its body: put it on the charger and switch it on again"
                self._ready.set()
                return
            for step in (packets.SetOrigin(), packets.SyncTime(), packets.EnableAnimationState()):
                self.send(step)
        elif isinstance(packet, packets.RobotState):
            now = time.monotonic()
            if self.silence_s > GAP_S:
                self._flowing_since = now
            self.telemetry = telemetry(packet, now)
            self._ready.set()
        self._receive(self, packet)

    def _shut(self) -> None:
        connection = self.client.conn
        connection.state = connection.IDLE  # no more pings
        if connection.is_alive():
            self._finish_sending()
            connection.send_thread.stop()
            # Not pycozmo's Disconnect packet: if its acknowledgement were lost it would be repeated, and a robot that
            # gets packets after a disconnect may restart (a comment in pycozmo's `conn`).
            goodbye = pycozmo.frame.Frame(
                pycozmo.protocol_declaration.FrameType.FIN, 0, 0, pycozmo.protocol_declaration.OOB_SEQ, []
            )
            try:
                connection.sock.sendto(goodbye.to_bytes(), self._address)
            except OSError:
                _LOG.debug("the network has gone before the goodbye")
            self.client.stop()
        else:
            connection.sock.close()

    def _finish_sending(self) -> None:
        """Wait for the robot to take what it was sent last, if it is there at all."""
        until = time.monotonic() + GOODBYE_S
        while self.silence_s < GOODBYE_S and not self.delivered and time.monotonic() < until:
            time.sleep(0.01)


def _version(signature: str | bytes) -> str:
    """The version in the JSON text that a firmware sends of itself."""
    try:
        return str(json.loads(signature)["version"])
    except (ValueError, KeyError, TypeError):
        return "unknown"

"""A Misty II on the wire: one port for HTTP and WebSocket, the robot behind it, and what goes wrong between them."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from misty_adapter.simulator import page
from misty_adapter.simulator.api.errors import NeverAnswers
from misty_adapter.simulator.api.table import commands
from misty_adapter.simulator.assets import AssetStore
from misty_adapter.simulator.clock import Clock
from misty_adapter.simulator.faults import Faults, FaultSource
from misty_adapter.simulator.firmware import DEFAULT, find_firmware
from misty_adapter.simulator.http import BODY_S, HEAD_BYTES, BadRequest, Request, Response, read_request
from misty_adapter.simulator.injection import inject
from misty_adapter.simulator.loudspeaker import RATE
from misty_adapter.simulator.misty import Misty
from misty_adapter.simulator.pubsub import PubSub
from misty_adapter.simulator.websocket import WebSocket
from misty_adapter.simulator.world import World
from robot_runtime.errors import RobotError
from robot_runtime.simulation.recording import Recording

BOOT_S = 20.0
"""How long a reboot takes in simulated seconds (assumed; real ones are said to take a minute or more)."""

ACCEPT_STEPS = 5
"""Steps of the event loop from accepting a connection to having it: 3 in Python 3.11 to 3.13, by their source."""

STATUS_OF_FAULT = {"bad_request": 400, "error": 500, "unavailable": 503}
"""Faults that are answers."""


class SimulatedMisty:
    """See the module's docstring. `misty` is the robot's state, for tests and the page; a reboot makes a new one."""

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        recording: Recording | None = None,
        *,
        firmware: str = DEFAULT,
        hear: Path | None = None,
        faults: Faults | None = None,
        seed: int = 0,
        clock: Clock | None = None,
        boot_s: float = BOOT_S,
    ) -> None:
        """Describe the robot; `start` boots it.

        Args:
            host: address to listen at.
            port: 0 takes a free one.
            recording: of `loudspeaker.RATE` Hz and by `clock.now`; None records nothing.
            firmware: a name of `firmware.FIRMWARES`.
            hear: a WAV file or a folder of such: what people say to the robot.
            faults: what goes wrong; None is nothing.
            seed: of the dice for faults and blinks.
            clock: the robot's time; None is real time.
            boot_s: how long a reboot takes, in simulated seconds.

        Raises:
            SettingsError: there is no such firmware.
        """
        self._host = host
        self._port = port
        self._clock = clock or Clock()
        self.recording = recording or Recording(None, RATE, self._clock.now)
        self._firmware = find_firmware(firmware)
        self._commands = commands(self._firmware)
        self._hear = hear
        self._seed = seed
        self._boot_s = boot_s
        self._assets = AssetStore()
        self.faults = FaultSource(faults or Faults(), seed, self.recording.event)
        self.requests = 0
        """Requests to the robot's commands so far."""
        self.boots = 0
        """How often it has started."""
        self.running = asyncio.Event()
        """Set while it can be reached."""
        self._under_way = 0
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._server: asyncio.Server | None = None
        self._reboots: set[asyncio.Task[None]] = set()
        self._boot()

    @property
    def address(self) -> str:
        """HOST:PORT."""
        return f"{self._host}:{self._port}"

    async def start(self) -> None:
        """Boot, and listen.

        Raises:
            RobotError: the port is in use, or the host is not ours.
        """
        await self._listen()
        for moment in self.faults.faults.reboot_at_s:
            self._later(moment - self._clock.now())

    async def stop(self) -> None:
        """Switch off; harmless when repeated."""
        for task in list(self._reboots):
            task.cancel()
        await asyncio.gather(*self._reboots, return_exceptions=True)
        await self._go_down()

    def inject(self, line: str) -> None:
        """Let something happen to the robot, as `injection.USAGE` has it.

        Raises:
            SettingsError: the line is none of those.
        """
        inject(self.misty, line)
        self._reboot_if_asked()

    def _boot(self) -> None:
        self.boots += 1
        self._world = World(self._clock, self.recording)
        self.misty = Misty(self._world, self._firmware, self._assets, self._hear, self._seed, self._host)
        self.pubsub = PubSub(self._world, self.misty.sample, self.faults)

    async def _listen(self) -> None:
        try:
            self._server = await asyncio.start_server(self._accept, self._host, self._port, limit=HEAD_BYTES)
        except OSError as error:
            why = error.strerror or str(error)
            raise RobotError(
                f"the simulated Misty cannot listen at {self.address}: {why}; choose another --port"
            ) from error
        self._port = self._server.sockets[0].getsockname()[1]
        self.running.set()
        self.recording.event("started", address=self.address, firmware=self._firmware.name)

    async def _go_down(self) -> None:
        self.running.clear()
        self.misty.loudspeaker.mix()
        server, self._server = self._server, None
        if server is not None:
            await _stop_listening(server)
        self.pubsub.drop_all()
        self.misty.streaming.stop()
        connections, self._connections = self._connections, {}
        for task, writer in connections.items():
            task.cancel()
            writer.transport.abort()
        await asyncio.gather(*connections, return_exceptions=True)
        await self._world.end_tasks()

    def _later(self, seconds: float) -> None:
        task = asyncio.get_running_loop().create_task(self._reboot(seconds))
        self._reboots.add(task)
        task.add_done_callback(self._reboots.discard)

    async def _reboot(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        if not self.running.is_set():
            return  # it reboots already
        self.recording.event("reboots")
        await self._go_down()
        await self._clock.sleep(self._boot_s)
        self._boot()
        await self._listen()

    def _reboot_if_asked(self) -> None:
        if self.misty.reboot_asked:
            self.misty.reboot_asked = False
            self._later(0.05)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._server is None:  # it was accepted when the robot still was there
            writer.transport.abort()
            return
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._connections[task] = writer
        task.add_done_callback(lambda _: self._connections.pop(task, None))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._converse(reader, writer)
        except (OSError, EOFError):
            writer.transport.abort()
        finally:
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        keep_alive = True
        while keep_alive:
            try:
                request = await read_request(reader, writer)
            except BadRequest as error:
                answer = Response.of_json({"status": "Failed", "error": str(error)}, error.status)
                await _send(writer, answer.encode(keep_alive=False))
                return
            if request is None:
                return
            keep_alive = request.keep_alive
            if request.upgrades and request.path.lower().rstrip("/") == "/pubsub":
                await self._talk(reader, writer, request)
                return
            response = page.answer(self, request) or await self._command(reader, writer, request)
            if response is None:
                return
            await _send(writer, response.encode(keep_alive))
            self._reboot_if_asked()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: Request) -> None:
        socket = WebSocket(reader, writer, self.faults.faults.delay_ms / 1e3)
        if socket.handshake(request.head):
            await self.pubsub.serve(socket)

    async def _command(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: Request
    ) -> Response | None:
        """Carry out a command; None when the connection is of no more use."""
        self.requests += 1
        delay = self.faults.faults.delay_ms / 1e3
        await asyncio.sleep(delay)
        what = f"{request.method} {request.path}"
        fault = self.faults.of_request(what, busy=self._under_way > 0)
        acts = request.method != "GET"
        self._under_way += acts
        response, answers = None, True
        try:
            response = await self._respond(request, fault)
            await asyncio.sleep(delay)
        except NeverAnswers:
            answers = False
        finally:
            self._under_way -= acts
        self.recording.event("command", what=what, status=response.status if response else None)
        while not answers and await reader.read(HEAD_BYTES):
            pass
        if response is None:
            writer.transport.abort()
        return response

    async def _respond(self, request: Request, fault: str | None) -> Response | None:
        match fault:
            case "hang":
                raise NeverAnswers
            case "drop_before":
                return None
            case "ignored":
                return Response.of_json({"result": True, "status": "Success"})
            case "bad_request" | "error" | "unavailable":
                return Response.of_json({"status": "Failed", "error": f"Injected: {fault}."}, STATUS_OF_FAULT[fault])
        response = await self._commands.call(self.misty, request)
        if fault == "slow":
            await self._clock.sleep(self.faults.slow_s())
        return None if fault == "drop_after" else response


async def _stop_listening(server: asyncio.Server) -> None:
    """Close a server, but first have the connections that it has just accepted: asyncio would lose them, unclosed."""
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):  # on Windows, whose loop knows nothing like it
        for listening in server.sockets:
            loop.remove_reader(listening)
    for _ in range(ACCEPT_STEPS):
        await asyncio.sleep(0)
    server.close()


async def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
    """Send an answer; a client that does not take it in time is cut off by a TimeoutError, which is an OSError."""
    writer.write(data)
    async with asyncio.timeout(BODY_S):
        await writer.drain()

"""A Misty II as the runtime sees it."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable

from misty_adapter.clock import Clock, RealClock
from misty_adapter.connection.client import Client
from misty_adapter.finding import find, resolve
from misty_adapter.hearing.ears import AnyEars
from misty_adapter.hearing.source import MistyMicrophone
from misty_adapter.session import Session
from misty_adapter.settings import MistySettings
from misty_adapter.speech.playback import Played
from robot_runtime.ear.sources import Source
from robot_runtime.errors import RobotError
from robot_runtime.robot import Capabilities, Expression, Robot, RobotEvent
from robot_runtime.voice.speech import Speech

EVENTS_WAITING = 64
"""Events that may wait for the runtime; when it does not come for them the oldest go."""


class MistyRobot(Robot):
    """See the module's docstring."""

    capabilities = Capabilities(name="Misty", moves=True)

    def __init__(
        self,
        address: tuple[str, int],
        settings: MistySettings,
        notice: Callable[[str], None],
        clock: Clock | None = None,
        played: Played | None = None,
    ) -> None:
        """Describe the robot.

        Args:
            address: host and port.
            settings: what the user wants of it.
            notice: tells the user a line.
            clock: by which the robot plays and moves; None is real time.
            played: see `RobotOptions.played`; not called where the robot speaks with its own voice, or fetches ours
                whenever it likes.
        """
        tells = settings.voice == "ours" and not settings.fetch
        self._played = played if tells else None
        self._address = address
        self._settings = settings
        self._notice = notice
        self._clock = clock or RealClock()
        self._events: asyncio.Queue[RobotEvent] = asyncio.Queue(EVENTS_WAITING)
        self._stopped = False
        self._client: Client | None = None
        self._session: Session | None = None
        self.capabilities = dataclasses.replace(self.capabilities, moves=settings.moves, tells_sound=tells)

    @property
    def ears(self) -> AnyEars | None:
        """Listen through the robot; None before it is connected, and when it has or is to have none."""
        return self._session.ears if self._session else None

    async def connect(self) -> None:
        """Find the robot, see what it can do, bring it our faces, and begin to live."""
        host, port = self._address
        address = await resolve(host, port)
        self._notice(f"looking for Misty at {host}:{port}")
        self._client = client = Client(address)
        firmware = await find(client, f"{host}:{port}", self._settings.connect_s)
        session = Session(
            client, address, firmware, self._settings, self._clock,
            feel=self._feel, notice=self._notice, played=self._played,
        )  # fmt: skip
        self._session = session
        if self._stopped:
            session.motion.stop()
        await session.open()
        self.capabilities = dataclasses.replace(
            self.capabilities, microphone=session.ears is not None, hears_itself=session.hears_itself
        )

    async def close(self) -> None:
        """Calm pose and face, light dimmed, goodbye."""
        try:
            if self._session:
                await self._session.close()
        finally:
            if self._client:
                await self._client.close()

    async def say(self, speech: Speech, expression: Expression, on_start: Callable[[], None] = lambda: None) -> None:
        """Play speech to its end, the mouth moving with it."""
        if self._stopped:
            raise RobotError("Misty has been stopped; it says nothing until it is released")
        await self._connected().say(speech, expression, on_start)

    async def express(self, expression: Expression) -> None:
        """Face, head, arms and light."""
        self._connected().body.express(expression)

    def spoken_s(self) -> float | None:
        """By the clock, since it was told to begin."""
        return self._session.spoken_s() if self._session else None

    async def stop(self) -> None:
        """Silent and still at once, until `resume`."""
        self._stopped = True
        if self._session:
            self._session.motion.stop()
            await self._session.stop()

    async def resume(self) -> None:
        """End a `stop`."""
        self._stopped = False
        if self._session:
            self._session.motion.release()

    def microphone(self) -> Source | None:
        """Her own, as `ears` says."""
        return MistyMicrophone(self.ears) if self.ears else None

    async def events(self) -> AsyncIterator[RobotEvent]:
        """What happens to the body and to the link."""
        while True:
            yield await self._events.get()

    def _connected(self) -> Session:
        if self._session is None:
            raise RobotError("Misty is not connected")
        return self._session

    def _feel(self, events: list[RobotEvent]) -> None:
        for event in events:
            if self._events.full():
                self._events.get_nowait()
            self._events.put_nowait(event)

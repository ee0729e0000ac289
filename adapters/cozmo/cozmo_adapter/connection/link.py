"""A connection to a Cozmo that comes back by itself.

```
        open                      silent for 1.5 s                 silent for 5 s, or another session found
 down ────────► up ◄────────────────────────────────► degraded ────────────────────────────────────────► down
                 └── nothing acknowledged for 1 s although telemetry flows ──────────────────────────────►
```

While the robot is silent a fresh session knocks beside the old one: a robot that has restarted answers the new one at
once, a robot behind a bad stretch of Wi-Fi goes on with the old one.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import Any

from cozmo_adapter.connection.session import Session
from cozmo_adapter.connection.telemetry import Telemetry
from robot_runtime.errors import RobotError
from robot_runtime.reach import LinkState, Reach

_LOG = logging.getLogger(__name__)

DEGRADED_S = 1.5
"""Silence after which something is wrong; telemetry comes every 33 ms."""

GONE_S = 5.0
"""Silence after which the session is over; the robot gives up on a silent client after as long."""

STALL_S = 1.0
"""How long the robot may acknowledge nothing while its telemetry flows; a repeat is sent every 70 to 300 ms."""

ATTEMPT_S = 5.0
"""How long one session knocks before the next one does."""

BACKOFF_S = (0.25, 0.5, 1.0)
"""Pauses between sessions that were not answered; the last one repeats."""

WATCH_S = 0.1
"""How often the watch looks."""


class Link(Reach):
    """See the module's docstring. Everything runs in the event loop."""

    def __init__(
        self,
        address: tuple[str, int],
        receive: Callable[[Any], None],
        changed: Callable[[LinkState], None],
    ) -> None:
        """Describe the link; nothing is sent yet.

        Args:
            address: host, by name or number, and port of the robot.
            receive: called with each of pycozmo's packets.
            changed: called when the state has changed; `UP` after `DOWN` means a fresh session, on which nothing has
                been set up yet.
        """
        super().__init__(changed)
        self._address = address
        self._receive = receive
        self._keeper: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._last_failure = "no answer"
        self.session: Session | None = None
        """The session in use, None while down."""

    @property
    def telemetry(self) -> Telemetry | None:
        """The last RobotState of this session."""
        return self.session.telemetry if self.session else None

    @property
    def delivered(self) -> bool:
        """Everything that was sent in this session has arrived."""
        return self.session is not None and self.session.delivered

    @property
    def failure(self) -> str:
        """Why the last attempt to connect failed."""
        return self._last_failure

    async def open(self, patience_s: float) -> None:
        """Begin to keep the link, and wait until it is up.

        Raises:
            RobotError: it was not within `patience_s`; the message says only why.
        """
        host, port = self._address
        try:
            resolved = await asyncio.get_running_loop().getaddrinfo(host, port, family=socket.AF_INET)
        except OSError as error:
            raise RobotError(f"nobody knows the name {host}") from error
        self._address = (str(resolved[0][4][0]), port)
        self._keeper = asyncio.create_task(self._keep())
        found = False
        try:
            found = await self.wait_up(patience_s)
        finally:
            if not found:
                await self.close()
        if not found:
            raise RobotError(self._last_failure)

    def send(self, *packets: Any) -> None:
        """Send packets in order; dropped while the link is down, as a fresh session begins from nothing anyway."""
        if self.session:
            for packet in packets:
                self.session.send(packet)

    async def close(self) -> None:
        """Say goodbye and stop. Never raises."""
        if self._keeper:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
            self._keeper = None
        session, self.session = self.session, None
        self.become(LinkState.DOWN, tell=False)
        if session:
            self._dismiss(session)
        if self._closing:
            await asyncio.wait(self._closing)

    async def _keep(self) -> None:
        search = asyncio.create_task(self._find())
        try:
            while True:
                self.session = session = await search
                self.become(LinkState.UP)
                search = await self._hold(session)
                self.session = None
                self.become(LinkState.DOWN)
                self._dismiss(session)
        finally:
            await self._end(search)

    async def _hold(self, session: Session) -> asyncio.Task[Session]:
        """Watch a session until it is over; returns the search for the next one, which may have ended."""
        search: asyncio.Task[Session] | None = None
        try:
            while True:
                await asyncio.sleep(WATCH_S)
                silent = session.silence_s > DEGRADED_S
                stalled = session.stalled_s > STALL_S
                if search is None and (silent or stalled):
                    search = asyncio.create_task(self._find())
                    self.become(LinkState.DEGRADED)
                elif search is not None and (search.done() or stalled or session.silence_s > GONE_S):
                    found, search = search, None
                    return found
                elif search is not None and not silent:
                    found, search = search, None
                    await self._end(found)
                    self.become(LinkState.UP)
        finally:
            if search:
                await self._end(search)

    async def _find(self) -> Session:
        """Knock, with a fresh session again and again, until one is open."""
        attempt = 0
        while True:
            session = None
            try:
                session = Session(self._address, self._take)
                async with asyncio.timeout(ATTEMPT_S):
                    await session.open()
                found, session = session, None
                return found
            except TimeoutError:
                self._last_failure = "no answer"
            except (RobotError, OSError, RuntimeError) as error:  # also: no more sockets or threads to be had
                self._last_failure = str(error)
            finally:
                if session:
                    self._dismiss(session)
            await asyncio.sleep(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)])
            attempt += 1

    async def _end(self, search: asyncio.Task[Session]) -> None:
        """Give up a search, and what it may have found meanwhile."""
        search.cancel()
        await asyncio.wait([search])
        if not search.cancelled() and search.exception() is None and search.result() is not self.session:
            self._dismiss(search.result())

    def _dismiss(self, session: Session) -> None:
        """Close a session beside everything else: its threads take half a second to end."""
        closing = asyncio.create_task(session.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    def _take(self, session: Session, packet: Any) -> None:
        if session is self.session:
            self._receive(packet)

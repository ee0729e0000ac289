"""Misty's events over one WebSocket that comes back by itself.

```
        open                       silent for 2.5 s                      silent for 4 s, or closed
 down ────────► up ◄──────────────────────────────────► degraded ─────────────────────────────────► down
```

The heartbeat is BatteryCharge, which is sent every second whatever happens. A firmware that does not send it again and
again is asked by a ping instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from misty_adapter.connection import messages
from robot_runtime.reach import LinkState, Reach

_LOG = logging.getLogger(__name__)

HEARTBEAT = "BatteryCharge"
"""The type of event that shows that the socket lives."""

HEARTBEAT_MS = 1000
"""Its DebounceMs."""

EVENTS: Mapping[str, int] = {
    "AudioPlayComplete": 0,
    "TextToSpeechComplete": 0,
    "TouchSensor": 50,
    "BumpSensor": 50,
    HEARTBEAT: HEARTBEAT_MS,
}
"""DebounceMs of the events that are always subscribed to."""

DEGRADED_S = 2.5
"""Silence after which something is wrong."""

GONE_S = 4.0
"""Silence after which the socket is given up."""

OPEN_S = 3.0
"""How long opening the socket may take."""

REGISTER_S = 1.0
"""How long the answers to the subscriptions are waited for; what happens before them might not be told."""

BACKOFF_S = (0.1, 0.25, 0.5, 1.0)
"""Pauses between attempts, with a random half added; the last one repeats."""

WATCH_S = 0.25
"""How often the watch looks."""

CLOSE_S = 0.5
"""How long saying goodbye may take."""

MESSAGE_BYTES = 1024 * 1024
"""Longest message taken."""


class PubSub(Reach):
    """See the module's docstring. Everything runs in the event loop."""

    def __init__(
        self,
        address: tuple[str, int],
        receive: Callable[[str, Any], None],
        changed: Callable[[LinkState], None],
        refused: Callable[[str, str], None],
        extra: Mapping[str, int] | None = None,
    ) -> None:
        """Describe the socket; nothing is opened yet.

        Args:
            address: host and port of the robot.
            receive: called with the type and the data of each event.
            changed: called when the state has changed; `UP` after `DOWN` means a fresh socket.
            refused: called with type and reason when the robot does not take a subscription.
            extra: DebounceMs of more events to subscribe to.
        """
        super().__init__(changed)
        self._url = f"ws://{address[0]}:{address[1]}/pubsub"
        self._receive = receive
        self._refused = refused
        self._events = {**EVENTS, **(extra or {})}
        self._keeper: asyncio.Task[None] | None = None
        self._unanswered: set[str] = set()
        self._answered = asyncio.Event()
        self._beats = 0
        self.heard_at = 0.0
        """When the last message came, by the monotonic clock."""
        self.since = 0.0
        """When this socket was opened, by the monotonic clock."""

    def start(self) -> None:
        """Begin to keep the socket."""
        self._keeper = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Unsubscribe and end, within about `CLOSE_S`. Never raises."""
        if self._keeper:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        self.become(LinkState.DOWN, tell=False)

    async def _keep(self) -> None:
        failures = 0
        while True:
            try:
                # No ping of its own: whether the robot answers in time is ours to judge.
                async with connect(
                    self._url, open_timeout=OPEN_S, close_timeout=CLOSE_S, ping_interval=None, compression=None,
                    proxy=None, max_size=MESSAGE_BYTES,
                ) as socket:  # fmt: skip
                    failures = 0
                    await self._hold(socket)
            except (OSError, TimeoutError, InvalidHandshake, InvalidMessage, ConnectionClosed, ValueError, EOFError):
                pass
            except Exception:  # whatever it is, the next socket may be better
                _LOG.exception("Misty's events are interrupted")
            if self.state is not LinkState.DOWN:
                self.become(LinkState.DOWN)
            await asyncio.sleep(BACKOFF_S[min(failures, len(BACKOFF_S) - 1)] * random.uniform(1.0, 1.5))
            failures += 1

    async def _hold(self, socket: ClientConnection) -> None:
        """Listen until the socket is closed, or silent for too long."""
        names = {f"toddler-robot-{type}-{secrets.token_hex(3)}": type for type in self._events}
        for name, type in names.items():
            await socket.send(messages.subscribe(name, type, self._events[type]))
        self.since = self.heard_at = time.monotonic()
        self._beats = 0
        self._unanswered = set(names)
        self._answered.clear()
        listener = asyncio.create_task(self._listen(socket, names))
        try:
            await self._wait_for_answers(listener)
            if not listener.done():
                self.become(LinkState.UP)
            while not listener.done():
                await asyncio.wait([listener], timeout=WATCH_S)
                silent_s = time.monotonic() - self.heard_at
                if silent_s > GONE_S:
                    socket.transport.abort()
                    return
                if silent_s > DEGRADED_S and self.state is LinkState.UP:
                    self.become(LinkState.DEGRADED)
                elif silent_s <= DEGRADED_S and self.state is LinkState.DEGRADED:
                    self.become(LinkState.UP)
                if self._beats < 2 and silent_s > HEARTBEAT_MS / 1e3:
                    asyncio.ensure_future(await socket.ping()).add_done_callback(self._ponged)
            listener.result()
        except asyncio.CancelledError:
            with contextlib.suppress(ConnectionClosed, TimeoutError):
                async with asyncio.timeout(CLOSE_S):
                    for name in names:
                        await socket.send(messages.unsubscribe(name))
            raise
        finally:
            listener.cancel()
            await asyncio.wait([listener])

    def _ponged(self, pong: asyncio.Future[float]) -> None:
        if not pong.cancelled() and pong.exception() is None:
            self.heard_at = time.monotonic()

    async def _wait_for_answers(self, listener: asyncio.Task[None]) -> None:
        answered = asyncio.create_task(self._answered.wait())
        try:
            await asyncio.wait([listener, answered], timeout=REGISTER_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            answered.cancel()

    async def _listen(self, socket: ClientConnection, names: Mapping[str, str]) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for text in socket:
                self.heard_at = time.monotonic()
                message = messages.read(text)
                type = names.get(message.name) if message else None
                if message is None or type is None:
                    continue
                self._unanswered.discard(message.name)
                if not self._unanswered:
                    self._answered.set()
                if message.failure:
                    self._refused(type, message.failure)
                elif not isinstance(message.data, str):
                    self._beats += type == HEARTBEAT
                    self._receive(type, message.data)

"""The ear: from a source of sound to what was said, as events in the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from robot_runtime.ear.activity import Activity, open_detector
from robot_runtime.ear.blocks import Block
from robot_runtime.ear.echo_removal import EchoRemoval
from robot_runtime.ear.endpoint import Endpoint
from robot_runtime.ear.listening import EarEvent, Listening
from robot_runtime.ear.recogniser import RATE, Recogniser
from robot_runtime.ear.settings import EarSettings
from robot_runtime.ear.sources import Source
from robot_runtime.errors import EarError, ToddlerRobotError

_LOG = logging.getLogger(__name__)
_EVENTS = 256
"""Events that may wait, some minutes of talk. Then nothing more is listened to until one is taken."""
_DEADLINE_S = 5.0
"""How long the recogniser may take for one block; it needs milliseconds, and some more at the end of an utterance."""
_CLOSE_DEADLINE_S = 0.4
"""How long `close` waits for the recogniser; as long again for the source at most."""

Result = TypeVar("Result")


class Ear:
    """Listens to a source with a recogniser."""

    def __init__(
        self,
        source: Source,
        recogniser: Recogniser,
        settings: EarSettings,
        on_notice: Callable[[str], None] = _LOG.warning,
        echo: EchoRemoval | None = None,
    ) -> None:
        """Take over `source` and `recogniser`, which `close` closes.

        Args:
            source: what is listened to.
            recogniser: called in one thread of its own.
            settings: of the ear.
            on_notice: told in one line what the user should know.
            echo: takes the robot's voice out of what is heard; None shuts the ear while the robot speaks.
        """
        self._echo = echo
        if echo:
            echo.arrived = self._arrived
        self._source = source
        self._recogniser = recogniser
        self._on_notice = on_notice
        self._listening = Listening(
            recogniser,
            Activity(settings.activity, open_detector(settings.activity, on_notice)),
            Endpoint(settings.endpoint),
        )
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ear")
        self._events: asyncio.Queue[EarEvent | None] = asyncio.Queue(_EVENTS)
        self._tail = round(settings.tail_s * RATE)
        self._shut = False
        self._deaf_until = 0
        self._taken = 0
        self._failing = False
        self._listener: asyncio.Task[None] | None = None
        self._error: Exception | None = None
        self._closed = False

    @property
    def duplex(self) -> bool:
        """It listens while the robot speaks."""
        return self._echo is not None

    async def events(self) -> AsyncGenerator[EarEvent, None]:
        """Listen, and yield what was heard, in order; once. Ends with the source, or after `close`.

        Raises:
            EarError: the recogniser hangs.
        """
        self._listener = asyncio.create_task(self._listen())
        try:
            while (event := await self._events.get()) is not None:
                yield event
            if self._error is not None:
                raise self._error
        finally:
            self._listener.cancel()
            await asyncio.wait([self._listener])

    def gate(self, closed: bool) -> None:
        """Shut the ear while the robot speaks; what was being said is forgotten. It opens again with a delay.

        Where the robot's voice is removed from what is heard, the ear stays open.

        Args:
            closed: True at the beginning of playback, False when the last sample was played; the echo of the room
                passes in `tail_s`.
        """
        self.hold(closed)
        if self._echo:
            if not closed:
                self._echo.ended()
            return
        if self._shut and not closed:
            self._deaf_until = self._arrived() + self._tail
        self._shut = closed

    def hold(self, held: bool) -> None:
        """Somebody who speaks from a script waits while it is held: an answer is on its way."""
        self._source.hold(held)

    async def close(self) -> None:
        """Stop listening, within a second; harmless when repeated."""
        if self._closed:
            return
        self._closed = True
        if self._listener is not None:
            self._listener.cancel()
        while not self._events.empty():
            self._events.get_nowait()
        self._events.put_nowait(None)
        closing = asyncio.get_running_loop().run_in_executor(self._thread, self._recogniser.close)
        await asyncio.wait([closing], timeout=_CLOSE_DEADLINE_S)
        self._thread.shutdown(wait=False, cancel_futures=True)
        await self._source.close()

    async def _listen(self) -> None:
        """Listen until the source ends, and tell that it did."""
        try:
            await self._pull()
        except Exception as error:
            self._error = error
        await self._events.put(None)

    async def _pull(self) -> None:
        """Bring the source's blocks into the thread, and what was heard into the queue."""
        deaf = False
        async with contextlib.aclosing(self._source.blocks()) as blocks:
            async for block in blocks:
                self._taken = block.end
                if self._shut or block.first < self._deaf_until:
                    if not deaf:
                        await self._in_thread(self._listening.reset)
                    deaf = True
                    continue
                deaf = False
                for event in await self._hear(block):
                    if not self._shut:
                        await self._events.put(event)

    async def _hear(self, block: Block) -> list[EarEvent]:
        """What is known since this block; a recogniser that fails costs an utterance."""
        try:
            return await self._in_thread(lambda: self._heard(block))
        except ToddlerRobotError:
            raise
        except Exception as error:
            if not self._failing:
                self._on_notice(f"The recogniser failed, and an utterance is lost: {error}")
            self._failing = True
            await self._in_thread(self._listening.reset)
            return []

    def _arrived(self) -> int:
        """Number of the first sample that has not arrived yet; it may be a while until it is listened to."""
        return self._taken + self._source.waiting

    def _heard(self, block: Block) -> list[EarEvent]:
        blocks = self._echo.clean(block) if self._echo else [block]
        return [event for each in blocks for event in self._listening.hear(each)]

    async def _in_thread(self, call: Callable[[], Result]) -> Result:
        """Run what blocks, with a deadline."""
        try:
            async with asyncio.timeout(_DEADLINE_S):
                return await asyncio.get_running_loop().run_in_executor(self._thread, call)
        except TimeoutError:
            raise EarError(f"The recogniser took longer than {_DEADLINE_S:g} s for 20 ms of sound.") from None

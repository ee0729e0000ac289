"""Speaking through a Misty: an utterance at a time, to its end, or silent at once, and never twice.

That an utterance has ended is told by an event. When the answer to the command that starts it is lost, that event, or
that none comes although others do, tells what became of it: it is not started again. When events are lost as well,
nobody knows, and that is said.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from misty_adapter.clock import Clock
from misty_adapter.connection.client import CallError, Client
from misty_adapter.connection.pubsub import GONE_S, WATCH_S, PubSub
from misty_adapter.speech.sources import Source
from robot_runtime.errors import RobotError
from robot_runtime.reach import LinkState
from robot_runtime.voice.speech import Speech

SLACK_S = 1.0
"""How late the end of an utterance may be told."""

HUSH_S = 0.5
"""How long a cancelled utterance waits for the robot's word that it is silent."""

STOPS = 3
"""How often the robot is told to be silent when it does not say that it is."""

SILENT_S = 10.0
"""How long an utterance waits for the one before it to become silent."""

STILL_SPEAKING = "Misty does not say that it is silent: what it said before may not be over"
"""Why an utterance does not begin."""


Played = Callable[[npt.NDArray[np.int16], int], None]
"""`RobotOptions.played`."""


class _Run:
    """One utterance on the robot."""

    def __init__(self, name: str, speech: Speech, began: float) -> None:
        loop = asyncio.get_running_loop()
        self.name = name
        self.speech = speech
        self.began = began
        """When the robot was told to begin, the last time that it was; until then, when it was wanted."""
        self.over: asyncio.Future[bool] = loop.create_future()
        """Done when the robot tells the end; its result is whether it was interrupted."""
        self.hushed: asyncio.Future[None] = loop.create_future()
        """Done when somebody has asked for silence."""


class Playback:
    """See the module's docstring."""

    def __init__(
        self,
        client: Client,
        link: PubSub,
        source: Source,
        clock: Clock,
        *,
        patience_s: float,
        gate: Callable[[bool], None],
        played: Played | None = None,
    ) -> None:
        """Prepare.

        Args:
            client: gives commands.
            link: tells how events come in; whoever owns it calls `happened` with them.
            source: how it is said.
            clock: by which the robot plays.
            patience_s: how long an utterance waits for a robot that has gone.
            gate: told True before the robot speaks, and False when it has spoken.
            played: see `RobotOptions.played`. It is told when the command to play goes out; how much later the robot
                begins is not known (in the simulator, a few milliseconds).
        """
        self._played = played or (lambda pcm, rate: None)
        self._client = client
        self._link = link
        self._source = source
        self._clock = clock
        self._patience_s = patience_s
        self._gate = gate
        self._run: _Run | None = None
        self.speaking = False
        """An utterance is being played."""
        self._hushing: asyncio.Task[None] | None = None
        self._hushes = 0

    def spoken(self) -> tuple[Speech, float] | None:
        """What is being spoken, and how many seconds of it have been heard; None while nothing is."""
        return (self._run.speech, self._clock.now() - self._run.began) if self._run and self.speaking else None

    def happened(self, type: str, data: Any) -> None:
        """An event came in."""
        if type == self._source.ending and self._run:
            name, interrupted = self._source.ended(data)
            if name == self._run.name and not self._run.over.done():
                self._run.over.set_result(interrupted)

    async def play(self, speech: Speech, on_start: Callable[[], None]) -> None:
        """Play an utterance to its end.

        Raises:
            RobotError: it was not played, or not whole, or nobody knows.
        """
        hushes = self._hushes
        if self._hushing:
            await asyncio.wait([self._hushing], timeout=SILENT_S)
            if not self._hushing.done():
                raise RobotError(STILL_SPEAKING)
        if not await self._link.wait_up(max(0.0, self._patience_s - self._link.down_s)):
            raise RobotError("Misty has gone; it goes on speaking when it is back")
        name = await self._source.prepare(speech)
        if hushes != self._hushes:
            raise RobotError("Misty was silenced before it spoke")
        run = self._run = _Run(name, speech, self._clock.now())

        def sent() -> None:
            run.began = self._clock.now()
            self._played(speech.pcm[:0], speech.rate)  # of an attempt before
            self._played(speech.pcm, speech.rate)

        self.speaking = True
        self._gate(True)
        start = asyncio.create_task(self._source.start(name, speech, sent))
        try:
            await self._finish(run, start, on_start)
        except RobotError:
            self._source.failed(name)
            self._played(speech.pcm[:0], speech.rate)
            raise
        except asyncio.CancelledError:
            self._played(speech.pcm[:0], speech.rate)
            start.cancel()
            await asyncio.wait([self._begin_to_hush(run)], timeout=HUSH_S)
            raise
        finally:
            start.cancel()
            self.speaking = False
            self._open_gate()

    async def hush(self) -> None:
        """Silence at once; `play` raises `RobotError`. Never raises."""
        self._hushes += 1
        if self._run and self.speaking:
            await asyncio.wait([self._begin_to_hush(self._run)], timeout=HUSH_S)
        else:
            with contextlib.suppress(CallError):
                await self._client.at_once(self._source.stop)

    async def _finish(self, run: _Run, start: asyncio.Task[None], on_start: Callable[[], None]) -> None:
        """Wait until the utterance has begun, and until it has ended.

        Raises:
            RobotError: it did not, or was cut short.
        """
        sent_at = time.monotonic()
        least_s, most_s = self._source.lasts(run.speech)
        await _first(start, run.over, run.hushed)
        failure = start.exception() if start.done() else None
        if isinstance(failure, CallError) and failure.refused:
            raise failure
        if failure is None and not run.hushed.done():
            on_start()
        late = asyncio.create_task(self._late(run.began + most_s))
        try:
            await _first(late, run.over, run.hushed)
        finally:
            late.cancel()
        if not (run.over.done() or run.hushed.done()):
            await self._judge(run, sent_at, failure)
        if run.hushed.done():
            raise RobotError("Misty was silenced while it spoke")
        if run.over.result() or self._clock.now() - run.began < least_s:
            raise RobotError("Misty was interrupted while it spoke: does another program use it?")
        if failure is not None:
            on_start()

    async def _late(self, end: float) -> None:
        await self._clock.sleep(max(0.0, end - self._clock.now()))
        await asyncio.sleep(SLACK_S)

    async def _judge(self, run: _Run, sent_at: float, failure: BaseException | None) -> None:
        """The end should have been told by now, and was not: wait a little for it, or find out why.

        Raises:
            RobotError: it was not played, or nobody knows.
        """
        due = time.monotonic()
        link = self._link
        while link.state is not LinkState.DOWN and link.heard_at < due and time.monotonic() < due + GONE_S:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(WATCH_S):
                    await _first(run.over, run.hushed)
            if run.over.done() or run.hushed.done():
                return
        if failure is not None:
            self._begin_to_hush(run)
            raise RobotError(f"{failure}; that utterance may not have been heard") from failure
        if link.since < sent_at and link.heard_at >= due:
            self._begin_to_hush(run)
            raise RobotError("Misty took an utterance and did not play it; if that happens again, restart it")
        raise RobotError("Misty's events were lost while it spoke: nobody knows whether it was heard to its end")

    def _open_gate(self) -> None:
        """Listen again, as soon as the robot is silent."""
        if self._hushing and not self._hushing.done():
            self._hushing.add_done_callback(lambda _: None if self.speaking else self._gate(False))
        else:
            self._gate(False)

    def _begin_to_hush(self, run: _Run) -> asyncio.Task[None]:
        if not run.hushed.done():
            run.hushed.set_result(None)
            self._hushing = asyncio.create_task(self._hush(run))
        assert self._hushing
        return self._hushing

    async def _hush(self, run: _Run) -> None:
        """Tell the robot to be silent until it says so: of two commands at a time one may be lost."""
        for _ in range(STOPS):
            with contextlib.suppress(CallError):
                await self._client.at_once(self._source.stop)
            await asyncio.wait([run.over], timeout=WATCH_S)
            if run.over.done():
                return


async def _first(*futures: asyncio.Future[Any]) -> None:
    await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)

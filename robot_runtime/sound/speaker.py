"""Plays speech: on a device, or in silence when there is none."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from robot_runtime.sound.feed import Feed
from robot_runtime.sound.outputs import Output, OutputFailed
from robot_runtime.voice.speech import Speech

_THREAD = ThreadPoolExecutor(1, thread_name_prefix="sound")
"""Opens and closes devices, one after the other."""
_OPEN_DEADLINE_S = 3.0
"""A device that takes longer to open hangs."""
_STOP_DEADLINE_S = 0.1
"""How long `play` waits for a device to close; it is mute by then."""
_STALL_S = 3.0
"""A device that asks for nothing for so long is gone. Healthy ones ask every 10 .. 100 ms once they run, but a
sleeping one takes its time: 1.1 s measured with PulseAudio's null sink, about as long with Bluetooth."""
_RETRY_S = 10.0
"""How long to leave a failed device alone."""


class Speaker(Protocol):
    """Plays one utterance at a time."""

    @property
    def name(self) -> str:
        """The device, for the user and the session record."""

    async def play(self, speech: Speech, *, on_start: Callable[[], None] | None = None) -> None:
        """Play `speech`; returns when its last sample has been played.

        Never raises for a device's sake. When cancelled, the sound stops within 150 ms.

        Args:
            speech: what to play.
            on_start: called in the event loop when the first sample has gone to the device.
        """


class NullSpeaker:
    """Plays nothing, either in no time or in the time that the sound would take."""

    name = "none"

    def __init__(self, *, paced: bool) -> None:
        """Take the time of the sound if `paced`."""
        self._paced = paced

    async def play(self, speech: Speech, *, on_start: Callable[[], None] | None = None) -> None:
        """See `Speaker.play`."""
        if on_start:
            on_start()
        await asyncio.sleep(speech.duration_s if self._paced else 0)


class DeviceSpeaker:
    """Plays on an output; when that fails, carries on in silence, says so once, and tries again later."""

    def __init__(self, output: Output, on_notice: Callable[[str], None]) -> None:
        """Play on `output`; `on_notice` is called in the event loop with one line when sound goes or returns."""
        self._output = output
        self._on_notice = on_notice
        self._turn = asyncio.Lock()
        self._retry_at = 0.0
        self._broken = False

    @property
    def name(self) -> str:
        """See `Speaker.name`."""
        return self._output.name

    async def play(self, speech: Speech, *, on_start: Callable[[], None] | None = None) -> None:
        """See `Speaker.play`."""
        async with self._turn:
            start, began = on_start or (lambda: None), False

            def begin() -> None:
                nonlocal began
                if not began:
                    began = True
                    start()

            if time.monotonic() < self._retry_at or not len(speech.pcm):
                begin()
                await asyncio.sleep(speech.duration_s)
                return
            started_at = time.monotonic()
            try:
                await self._play_on_device(speech, begin)
            except OutputFailed as error:
                self._retry_at = time.monotonic() + _RETRY_S
                if not self._broken:
                    self._on_notice(f"Sound stopped: {self.name} failed ({error}). The talk goes on in text.")
                self._broken = True
                begin()
                await asyncio.sleep(max(0.0, speech.duration_s - (time.monotonic() - started_at)))
            else:
                if self._broken:
                    self._on_notice(f"Sound is back: {self.name} plays again.")
                self._broken = False

    async def _play_on_device(self, speech: Speech, begin: Callable[[], None]) -> None:
        """Open the device, wait until it has played everything, close it; raises `OutputFailed`."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        feed = Feed(
            speech.pcm,
            on_first=lambda: _post(loop, begin),
            on_end=lambda: _post(loop, ended.set),
        )
        try:
            async with asyncio.timeout(_OPEN_DEADLINE_S):
                await loop.run_in_executor(_THREAD, self._output.start, feed, speech.rate)
            while not ended.is_set():
                before = feed.taken
                try:
                    await asyncio.wait_for(ended.wait(), _STALL_S)
                except TimeoutError:
                    if feed.taken == before:
                        raise OutputFailed("it asks for no more samples") from None
        except TimeoutError:
            raise OutputFailed(f"it did not open within {_OPEN_DEADLINE_S:g} s") from None
        finally:
            feed.mute()
            await asyncio.wait([loop.run_in_executor(_THREAD, self._output.stop)], timeout=_STOP_DEADLINE_S)


def _post(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    """Run `call` in the loop, from the device's thread; a device that outlives the loop is ignored."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(call)

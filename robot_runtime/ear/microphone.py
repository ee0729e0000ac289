"""A microphone of this computer, which may come and go."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from robot_runtime.ear.blocks import BLOCK_S, BLOCK_SAMPLES, Block, BlockCutter
from robot_runtime.ear.conversion import Conversion
from robot_runtime.ear.inputs import Input, InputFailed
from robot_runtime.ear.recogniser import RATE
from robot_runtime.ear.watch import Trouble, Watch

_USUAL_RATE_HZ = 48000
"""Conversion from it is tried before the talk begins."""
_QUEUE_S = 5.0
"""Seconds of sound that may wait for the ear; older sound is dropped."""
_TICK_S = 0.1
"""How often the device is looked after. With what `watch.py` waits for, a lost device is told after 0.6 s."""
_RETRY_S = (0.5, 5.0)
"""Seconds until a device that cannot be opened is tried again; and, doubled each time up to the second, until one that
was opened and did not help is opened once more: it may need time to wake up."""
_DEVICE_DEADLINE_S = 3.0
"""A device that takes longer to open hangs."""
_CLOSE_DEADLINE_S = 0.5
"""How long closing may take when nobody listens any more."""

_TELL = {
    Trouble.GONE: "The microphone {} is gone. Please type; listening goes on when it is back.",
    Trouble.OFF_RATE: "The microphone {} changed its sampling rate; it is being opened again.",
    Trouble.SILENT: "The microphone {} gives nothing but zeros: is it muted, or not permitted? Please type.",
    Trouble.CLIPPED: "The microphone {} is too loud: turn down its level, or move away a little.",
}


class Microphone:
    """Listens to a device for as long as it is there, and opens it again when it is back."""

    def __init__(
        self, device: Input, on_notice: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Listen to `device`, which is opened when `blocks` is iterated.

        Args:
            device: what to open.
            on_notice: told once, in the event loop, in one line, when something is wrong and when it is right again.
            clock: seconds; callable from any thread.

        Raises:
            MissingExtraError: soxr is not installed.
        """
        self.dropped = 0
        """Blocks that waited too long and were dropped."""
        self._device = device
        self._on_notice = on_notice
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="microphone")
        self._watch = Watch()
        self._cutter = BlockCutter()
        self._conversion = Conversion(_USUAL_RATE_HZ)
        self._waiting: deque[Block] = deque()
        self._arrived = asyncio.Event()
        self._current: object = None
        self._heard_at: float | None = None
        self._gap = False
        self._told: Trouble | None = None
        self._retry_s = _RETRY_S[0]
        self._retry_at = 0.0
        self._closed = False

    @property
    def name(self) -> str:
        """See `Source.name`."""
        return self._device.name

    @property
    def waiting(self) -> int:
        """See `Source.waiting`."""
        return len(self._waiting) * BLOCK_SAMPLES

    async def blocks(self) -> AsyncGenerator[Block, None]:
        """See `Source.blocks`; ends after `close`, and yields nothing while the device is gone."""
        watching = asyncio.create_task(self._keep_watch())
        watching.add_done_callback(lambda _: self._arrived.set())
        try:
            while not (self._closed or watching.done()):
                while self._waiting:
                    yield self._waiting.popleft()
                self._arrived.clear()
                await self._arrived.wait()
            if watching.done():
                watching.result()
        finally:
            watching.cancel()
            await asyncio.wait([watching])
            await self.close()

    def hold(self, held: bool) -> None:
        """See `Source.hold`: people decide for themselves."""

    async def close(self) -> None:
        """See `Source.close`."""
        if self._closed:
            return
        self._closed, self._current = True, None
        self._arrived.set()
        closing = asyncio.get_running_loop().run_in_executor(self._thread, self._device.stop)
        await asyncio.wait([closing], timeout=_CLOSE_DEADLINE_S)
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def look_after(self) -> None:
        """Tell what is wrong or right again, and open a device that needs it; called every 0.1 s."""
        now = self._clock()
        trouble = self._watch.trouble(now)
        if trouble is not self._told:
            if trouble is not None:
                self._on_notice(_TELL[trouble].format(self.name))
            elif self._told is not Trouble.CLIPPED:
                self._on_notice(f"The microphone {self.name} is back.")
            self._told = trouble
        if trouble in (None, Trouble.CLIPPED):
            self._retry_s, self._retry_at = _RETRY_S[0], now
        elif now >= self._retry_at:
            if await self._open():
                self._retry_at = self._clock() + self._retry_s
                self._retry_s = min(2 * self._retry_s, _RETRY_S[1])
            else:
                self._retry_at = self._clock() + _RETRY_S[0]

    async def _keep_watch(self) -> None:
        await self._open()
        while not self._closed:
            await self.look_after()
            await asyncio.sleep(_TICK_S)

    async def _open(self) -> bool:
        """Close the device and open it; returns whether that worked."""
        loop, opening = asyncio.get_running_loop(), object()

        def take(pcm: NDArray[np.int16]) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._take, opening, pcm, self._clock())

        def reopen() -> int:
            self._device.stop()
            return self._device.start(take)

        self._current = None
        try:
            async with asyncio.timeout(_DEVICE_DEADLINE_S):
                rate = await loop.run_in_executor(self._thread, reopen)
        except (InputFailed, TimeoutError):
            self._watch.failed()
            return False
        self._conversion = Conversion(rate)
        self._watch.opened(rate, self._clock())
        self._current, self._gap = opening, self._heard_at is not None
        return True

    def _take(self, opening: object, pcm: NDArray[np.int16], now: float) -> None:
        """Put what the device gave into the queue; what comes late from an earlier opening is left out."""
        if opening is not self._current:
            return
        self._watch.heard(pcm, now)
        if self._gap and self._heard_at is not None:
            missing_s = now - self._heard_at - len(pcm) / self._conversion.rate
            self._cutter.skip(max(0, round(missing_s * RATE)))
        self._heard_at, self._gap = now, False
        for block in self._cutter.cut(self._conversion.convert(pcm)):
            self._waiting.append(block)
        while len(self._waiting) * BLOCK_S > _QUEUE_S:
            self._waiting.popleft()
            self.dropped += 1
        self._arrived.set()

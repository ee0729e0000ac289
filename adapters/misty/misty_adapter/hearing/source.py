"""Misty's microphones as a source for the runtime's ear."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import numpy as np
import numpy.typing as npt

from misty_adapter.hearing.capture import Ears
from misty_adapter.hearing.ears import AnyEars
from misty_adapter.hearing.streaming import StreamingEar
from robot_runtime.ear.blocks import Block, BlockCutter
from robot_runtime.ear.conversion import Conversion
from robot_runtime.ear.recogniser import RATE
from robot_runtime.errors import RobotError

AFTER_S = 2.0
"""Silence after a captured utterance: more than the ear waits before it takes a turn as ended."""

PAUSE_S = 0.8
"""Silence with which Misty ends an utterance: longer than the pauses within one, and all of it delays the answer."""

AGAIN_S = 0.5
"""Pause after a capture that failed."""


class MistyMicrophone:
    """`robot_runtime.ear.sources.Source`: what is captured, each with silence after it, or the live stream."""

    name = "Misty's microphones"
    waiting = 0

    def __init__(self, ears: AnyEars) -> None:
        """Listen with ears that are open."""
        self._ears = ears
        self._free = asyncio.Event()
        self._free.set()

    async def blocks(self) -> AsyncGenerator[Block, None]:
        """See `Source.blocks`; never ends by itself."""
        cutter = BlockCutter()
        sounds = _streamed(self._ears) if isinstance(self._ears, StreamingEar) else self._captured(self._ears)
        async for pcm in sounds:
            for block in cutter.cut(pcm):
                yield block

    def hold(self, held: bool) -> None:
        """See `Source.hold`: nothing is captured while an answer is on its way."""
        if held:
            self._free.clear()
        else:
            self._free.set()

    async def close(self) -> None:
        """See `Source.close`: the ears belong to the robot, which closes them."""

    async def _captured(self, ears: Ears) -> AsyncGenerator[npt.NDArray[np.int16], None]:
        while True:
            await self._free.wait()
            try:
                sound = await ears.utterance(silence_s=PAUSE_S)
            except RobotError:  # it speaks, or a recording failed, as they do at times
                await asyncio.sleep(AGAIN_S)
                continue
            if sound:
                silence = np.zeros(round(AFTER_S * RATE), np.int16)
                yield np.concatenate([Conversion(sound.rate).convert(sound.pcm, last=True), silence])


async def _streamed(ear: StreamingEar) -> AsyncGenerator[npt.NDArray[np.int16], None]:
    async for sound in ear.blocks():
        yield sound.pcm

"""Playing audio files: one at a time, and an event when it ends, however it ends."""

from __future__ import annotations

import asyncio
import urllib.request

from misty_adapter.simulator.api.errors import ApiError
from misty_adapter.simulator.assets import Asset
from misty_adapter.simulator.loudspeaker import RATE, Loudspeaker, Sound
from misty_adapter.simulator.wav import BadWav, decode
from misty_adapter.simulator.world import World

FETCH_S = 10.0
"""Real seconds that a file may take to come from an address."""

FETCH_BYTES = 64 * 1024 * 1024
"""Largest file taken from an address (assumed)."""


class Player:
    """See the module's docstring."""

    def __init__(self, world: World, loudspeaker: Loudspeaker) -> None:
        """Play nothing yet."""
        self._world = world
        self._loudspeaker = loudspeaker
        self.sound: Sound | None = None
        """What plays or is paused."""

    def play(self, name: str, data: bytes, volume: int | None) -> None:
        """Play a file instead of what plays now.

        Raises:
            ApiError: it cannot be decoded.
        """
        try:
            samples = decode(data, RATE)
        except BadWav as error:
            raise ApiError(f"{name} cannot be played: {error}.") from None
        self.stop()
        if volume is not None:
            self._loudspeaker.set_volume(volume)
        self.sound = self._loudspeaker.start(name, samples)
        self._world.spawn(self._tell(self.sound))

    def stop(self) -> None:
        """Stop what plays."""
        if self.sound is not None:
            self._loudspeaker.stop(self.sound)

    def pause(self) -> None:
        """Hold what plays; again, to let it go on."""
        if self.sound is not None:
            self._loudspeaker.pause(self.sound, not self.sound.paused)

    async def _tell(self, sound: Sound) -> None:
        await sound.over.wait()
        if self.sound is sound:
            self.sound = None
        about = {"directory": "", "duration": round(sound.seconds, 3), "name": sound.name, "vad": [0, 0, 0]}
        self._world.publish("AudioPlayComplete", {"metaData": about})


async def fetch(url: str) -> Asset:
    """The file at an address of http or https.

    Raises:
        ApiError: it does not come, or is too large.
    """

    def get() -> bytes:
        with urllib.request.urlopen(url, timeout=FETCH_S) as answer:
            return bytes(answer.read(FETCH_BYTES + 1))

    try:
        data = await asyncio.to_thread(get)
    except (OSError, ValueError) as error:
        raise ApiError(f"{url} cannot be fetched: {error}.") from None
    if len(data) > FETCH_BYTES:
        raise ApiError(f"{url} is too large.")
    return Asset(url, data, False)

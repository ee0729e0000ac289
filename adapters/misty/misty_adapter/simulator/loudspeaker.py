"""Misty's loudspeaker: sounds that take their time, at a volume, mixed into what a listener would have heard."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import numpy as np

from misty_adapter.simulator.wav import Samples, to_int16
from misty_adapter.simulator.world import World

RATE = 22_050
"""Sampling rate of the mix in Hz."""

VOLUME = 100
"""Volume after start, in percent (documented)."""


@dataclass(eq=False)
class Sound:
    """One sound that is being played."""

    name: str
    samples: Samples
    played: int = 0
    """Samples heard so far."""
    paused: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when it has ended or was stopped."""

    @property
    def seconds(self) -> float:
        """Length of the whole."""
        return len(self.samples) / RATE

    @property
    def complete(self) -> bool:
        """It was heard to its end."""
        return self.played >= len(self.samples)


class Loudspeaker:
    """Mixes whatever plays; what was heard is worked out when something changes, so that time between costs nothing."""

    def __init__(self, world: World) -> None:
        """Silence."""
        self.volume = VOLUME
        self.heard: list[Sound] = []
        """Sounds that are playing or paused."""
        self._world = world
        self._mixed = round(world.clock.now() * RATE)
        self._recording_zero = world.recording.now() - world.clock.now()

    def start(self, name: str, samples: Samples) -> Sound:
        """Begin a sound beside those that play already."""
        self.mix()
        sound = Sound(name, samples)
        self.heard.append(sound)
        self._world.recording.event("sound_started", name=name, seconds=round(sound.seconds, 3), volume=self.volume)
        self._world.spawn(self._follow(sound))
        return sound

    def stop(self, sound: Sound) -> None:
        """End a sound now; harmless when it is over."""
        self.mix()
        if sound in self.heard:
            self._end(sound)

    def pause(self, sound: Sound, paused: bool) -> None:
        """Hold a sound, or let it go on."""
        self.mix()
        if sound.paused and not paused and sound in self.heard:
            self._world.spawn(self._follow(sound))
        sound.paused = paused

    def set_volume(self, volume: int) -> None:
        """Loudness from now on, 0 to 100."""
        self.mix()
        self.volume = volume

    def mix(self) -> None:
        """Write what was heard since the last time."""
        now = round(self._world.clock.now() * RATE)
        begin, self._mixed = self._mixed, now
        sounding = [sound for sound in self.heard if not sound.paused]
        count = min(now - begin, max((len(sound.samples) - sound.played for sound in sounding), default=0))
        mixed = np.zeros(max(count, 0), np.float32)
        for sound in sounding:
            piece = sound.samples[sound.played : sound.played + now - begin]
            mixed[: len(piece)] += piece
            sound.played += now - begin
        if mixed.size:
            at = max(begin / RATE + self._recording_zero, 0.0)
            self._world.recording.sound(to_int16(mixed * (self.volume / 100)), at=at)
        for sound in [sound for sound in sounding if sound.complete]:
            self._end(sound)

    async def _follow(self, sound: Sound) -> None:
        while sound in self.heard and not sound.paused:
            await self._world.clock.sleep((len(sound.samples) - sound.played) / RATE + 0.001)
            self.mix()

    def _end(self, sound: Sound) -> None:
        self.heard.remove(sound)
        sound.played = min(sound.played, len(sound.samples))
        self._world.recording.event(
            "sound_ended", name=sound.name, complete=sound.complete, played_s=round(sound.played / RATE, 3)
        )
        sound.over.set()

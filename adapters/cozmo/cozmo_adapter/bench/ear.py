"""What the benches notice of a simulated Cozmo."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from cozmo_adapter.simulator.packets import Message
from cozmo_adapter.simulator.speaker import RATE
from robot_runtime.simulation.recording import Recording


class Ear(Recording):
    """Hears the loudspeaker and sees the commands of a simulator in the same process."""

    def __init__(self) -> None:
        """Hear nothing yet."""
        super().__init__(None, RATE)
        self.commands: list[tuple[float, Message]] = []
        """When each command was taken up (time.monotonic), and which."""
        self.played: list[tuple[float, npt.NDArray[np.int16]]] = []
        """When each frame of sound was played, silent ones inside speech included."""

    def command(self, message: Message) -> None:
        """Note a command: give it to the simulator as `on_command`."""
        self.commands.append((time.monotonic(), message))

    def sound(self, pcm: npt.NDArray[np.int16], at: float | None = None) -> None:
        """Note a frame of sound."""
        self.played.append((time.monotonic(), pcm))

    def pcm(self) -> npt.NDArray[np.int16]:
        """All that was played, end to end."""
        return np.concatenate([np.zeros(0, np.int16), *(pcm for _, pcm in self.played)])

    def first_sound(self, since: float) -> float | None:
        """When the first audible frame after `since` was played."""
        return next((at for at, pcm in self.played if at >= since and pcm.any()), None)

    def last_sound(self) -> float | None:
        """When the last audible frame began to be played."""
        return next((at for at, pcm in reversed(self.played) if pcm.any()), None)


async def until(condition: Callable[[], bool], deadline_s: float) -> bool:
    """Wait until the condition holds; False if it does not within `deadline_s` seconds."""
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.005)
    return True

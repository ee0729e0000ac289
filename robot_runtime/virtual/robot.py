"""A robot made of a terminal and a loudspeaker."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from robot_runtime.robot import Capabilities, Expression, Robot, RobotOptions
from robot_runtime.sound import Speaker, open_speaker
from robot_runtime.virtual import face
from robot_runtime.voice.mouth import opening_at
from robot_runtime.voice.speech import Speech

BLINK_EVERY_S = 4.0
"""Seconds between blinks; people at rest blink every 3 to 5 s."""

BLINK_S = 0.15
"""Length of a blink."""


class VirtualRobot(Robot):
    """See the module's docstring."""

    capabilities = Capabilities(name="virtual robot", tells_sound=True)

    def __init__(self, options: RobotOptions) -> None:
        """Describe the robot."""
        self._options = options
        self._speaker: Speaker | None = None
        self._expression = Expression.NEUTRAL
        self._speech: Speech | None = None
        self._speech_began = 0.0

    async def connect(self) -> None:
        """Open the loudspeaker; without one, speech is only shown."""
        self._speaker, notice = open_speaker(
            self._options.sound_device, paced=self._options.interactive, on_notice=self._options.notice
        )
        if notice:
            self._options.notice(notice)

    async def close(self) -> None:
        """Put on a calm face."""
        self._expression = Expression.NEUTRAL

    async def say(self, speech: Speech, expression: Expression, on_start: Callable[[], None] = lambda: None) -> None:
        """Play speech through the host's loudspeaker, the mouth moving with it."""
        assert self._speaker is not None, "connect first"

        def started() -> None:  # the device has taken its first 20 ms, which sound 40 to 60 ms later
            self._speech, self._speech_began = speech, time.monotonic()
            played(speech.pcm, speech.rate)
            on_start()

        played = self._options.played or (lambda pcm, rate: None)

        self._expression = expression
        try:
            await self._speaker.play(speech, on_start=started)
        except asyncio.CancelledError:
            played(speech.pcm[:0], speech.rate)
            raise
        finally:
            self._speech = None

    async def express(self, expression: Expression) -> None:
        """Change the face."""
        self._expression = expression

    def picture(self) -> str:
        """The face as it is at this moment."""
        now = time.monotonic()
        blink = now % BLINK_EVERY_S < BLINK_S and self._expression is not Expression.SURPRISED
        mouth = None if self._speech is None else opening_at(self._speech, now - self._speech_began)
        return face.draw(self._expression, mouth, blink)


def open_robot(options: RobotOptions) -> VirtualRobot:
    """Entry point of the platform `virtual`."""
    return VirtualRobot(options)

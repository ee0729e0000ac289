"""Speaking through a Cozmo: an utterance at a time, to its end, or silent at once."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from cozmo_adapter.connection.link import GONE_S, Link
from cozmo_adapter.connection.session import packets
from cozmo_adapter.speech import ulaw
from cozmo_adapter.speech.loudness import prepared
from cozmo_adapter.speech.stream import FRAME_S, End, Picture, Stream
from robot_runtime.errors import RobotError
from robot_runtime.voice.speech import Speech

GRACE_S = GONE_S + 2.0
"""An utterance may take so much longer than its sound: a link that is silent for less time goes on."""

REPLAYS = 2
"""How often an utterance begins again because the robot had gone in the middle of it."""

UNTOLD_S = 1.0
"""How much later than it should be over sound counts as over, although the robot does not say so."""

NO_SOUND = "Cozmo is connected but plays no sound; switch it off and on"
"""What there is to say about that."""

NOTHING = np.zeros(0, np.int16)
"""No samples."""

Played = Callable[[npt.NDArray[np.int16], int], None]
"""`RobotOptions.played`."""

Spoken = tuple[Speech, float]
"""An utterance, and seconds since its first sample; negative during the lead-in."""

LOUDEST = 65535
"""Volume 1 on the wire (pycozmo, `Client.set_volume`)."""


class Playback:
    """Owns the stream and the volume."""

    def __init__(
        self,
        link: Link,
        *,
        volume: float,
        lead_in_s: float,
        patience_s: float,
        picture: Callable[[float, Spoken | None], Picture],
        played: Played | None = None,
    ) -> None:
        """Prepare.

        Args:
            link: to the robot.
            volume: 0 to 1.
            lead_in_s: silence before each utterance.
            patience_s: how long an utterance waits for a robot that has gone.
            picture: the face at a moment of the monotonic clock, and what is being spoken then.
            played: see `RobotOptions.played`. It is told when the first frame goes out, which the robot plays as soon
                as it has it. A real Cozmo's clock is slower by a third of a percent, and where frames are lost the
                sound comes later than it was told: both shut the ear while it speaks.
        """
        self._played = played or (lambda pcm, rate: None)
        self._link = link
        self._volume = volume
        self._lead_in_s = lead_in_s
        self._patience_s = patience_s
        self._picture = picture
        self._muted_until: float | None = None
        self._audible = asyncio.Event()
        self._stops = 0
        self._sent: Spoken | None = None
        self.stream = Stream(link.send, lambda: link.delivered, self._face)
        """The animation stream."""

    @property
    def speaking(self) -> bool:
        """An utterance is on its way."""
        return self.stream.utterance is not None

    def spoken(self) -> Spoken | None:
        """What is being heard now; None while nothing is."""
        if not self._sent or not self.speaking:
            return None
        speech, seconds = self._sent
        return speech, seconds - self.stream.backlog * FRAME_S

    def begin(self) -> None:
        """Set up a fresh session: robots come up with volume 0."""
        self.stream.reset()
        self._unmute()

    def end(self) -> None:
        """The session is over."""
        self.stream.reset()

    def tick(self) -> None:
        """Send what there is room for; about 30 times a second, and with every AnimationState."""
        now = time.monotonic()
        self.stream.tick(now)
        if self._muted_until is None or now < self._muted_until:
            return
        if self.stream.hushed or now > self._muted_until + UNTOLD_S:
            self._unmute()

    def stop(self) -> None:
        """Silence at once; an utterance that waits for its turn fails too."""
        self._stops += 1
        self.hush()

    def hush(self) -> None:
        """Silence at once: volume 0 for the sound that is in the robot's buffer, and no more of it.

        The stream itself goes on. Ending an animation between two frames makes the firmware complain (reported,
        Kurtisone), and nothing is known of what it does to the buffer.
        """
        if self.speaking:
            self.stream.hush()
            self._played(NOTHING, ulaw.RATE_HZ)
            self._audible.clear()
            self._muted_until = time.monotonic() + (self.stream.backlog + 1) * FRAME_S
            self._link.send(packets.SetRobotVolume(level=0))

    async def play(self, speech: Speech, on_start: Callable[[], None]) -> None:
        """Play an utterance to its end; begins again when the robot comes back from a restart in the middle of it.

        Raises:
            RobotError: the robot has gone, plays nothing, or was stopped.
        """
        stops = self._stops
        pcm = prepared(speech, self._lead_in_s)
        frames = ulaw.frames(pcm)

        def began(attempt: int) -> None:
            self._played(NOTHING, ulaw.RATE_HZ)  # of an attempt before
            self._played(pcm, ulaw.RATE_HZ)
            if attempt == 0:
                on_start()

        for attempt in range(1 + REPLAYS):
            if not await self._link.wait_up(max(0.0, self._patience_s - self._link.down_s)):
                raise RobotError(f"Cozmo has gone ({self._link.failure}); it goes on speaking when it is back")
            await self._audible.wait()  # `tick` sees to it that this ends
            if stops != self._stops:
                raise RobotError("Cozmo was stopped before it spoke")
            self._sent = (speech, -self._lead_in_s)
            utterance = self.stream.speak(frames, functools.partial(began, attempt))
            self.tick()
            try:
                async with asyncio.timeout(utterance.seconds + GRACE_S):
                    end = await utterance.done
            except TimeoutError:
                self.hush()
                raise RobotError(NO_SOUND) from None
            except asyncio.CancelledError:
                self.hush()
                raise
            if end is End.PLAYED:
                await asyncio.sleep(FRAME_S)  # the last frame has been taken up, and is playing now
                return
            if end is End.HUSHED:
                raise RobotError("Cozmo was silenced while it spoke")
            if end is End.UNHEARD:
                raise RobotError(NO_SOUND)
        raise RobotError(f"Cozmo went {1 + REPLAYS} times while it spoke; is its battery empty?")

    def _unmute(self) -> None:
        self._muted_until = None
        self._audible.set()
        self._link.send(packets.SetRobotVolume(level=round(self._volume * LOUDEST)))

    def _face(self, now: float, sent_s: float | None) -> Picture:
        if not self._sent or sent_s is None:
            return self._picture(now, None)
        self._sent = (self._sent[0], sent_s - self._lead_in_s)
        return self._picture(now, self._sent)

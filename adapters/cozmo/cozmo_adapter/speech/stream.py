"""The animation stream: sound and face, frame by frame, at the pace at which the robot really plays them.

A frame is OutputAudio or OutputSilence, followed by a DisplayImage where the face has changed. The robot keeps 8 KB of
them and plays some 29.9 a second; what does not fit it drops. Whoever sends 30.0 a second, as pycozmo does, has a full
buffer after a while, and sound that follows is late or lost. So a frame is sent only while little is outstanding,
counted in bytes by the robot's own AnimationState, and when nothing moves nothing is sent at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from cozmo_adapter.body.display import encode
from cozmo_adapter.connection.session import packets
from cozmo_adapter.speech.ulaw import FRAME_SAMPLES, RATE_HZ

FRAME_S = FRAME_SAMPLES / RATE_HZ
"""Length of a frame in seconds: 33.7 ms."""

SPEAKING_DEPTH = 8
"""Frames of sound outstanding at most: 270 ms to bridge lost datagrams with."""

IDLE_DEPTH = 2
"""Frames outstanding at most while only the face moves, so that speech can follow at once."""

BUFFER_BYTES = 7500
"""Bytes outstanding at most; the robot's buffer has 8192 (Kurtisone's pycozmo keeps to 7.5 KB)."""

FRAME_BYTES = 1 + FRAME_SAMPLES + 1 + 2 + 300
"""Room that a frame of sound and face needs at most; our faces take less than 300 bytes."""

PICTURE_S = 1 / 15
"""Shortest time between two faces."""

REFRESH_S = 5.0
"""A face that does not change is sent again so often; the robot blanks its display after 30 s."""

STUCK_S = 0.3
"""When the robot's count has stood still for so long although all frames have arrived, it has dropped some."""

COUNTER = 1 << 32
"""The robot's counter of played bytes is a 32-bit number."""

Picture = npt.NDArray[np.bool_]


class End(StrEnum):
    """How an utterance ended."""

    PLAYED = "played"
    """The robot has taken up its last frame."""
    HUSHED = "hushed"
    """It was silenced."""
    LOST = "lost"
    """The session ended before."""
    UNHEARD = "unheard"
    """The robot takes frames and plays none."""


@dataclass
class Utterance:
    """Sound on its way to the robot."""

    frames: list[bytes]
    """u-law, one entry a frame."""
    on_first: Callable[[], None]
    """Called when the first frame goes out."""
    sent: int = 0
    """Frames that went out."""
    heard: bool = False
    """The robot has played something since the first frame went out."""
    end: int | None = None
    """Count of sent bytes at which the last frame has been taken up."""
    done: asyncio.Future[End] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    """How it ended, once it has."""

    @property
    def seconds(self) -> float:
        """Length of the sound."""
        return len(self.frames) * FRAME_S


class Stream:
    """One robot's animation stream. `tick` is called about 30 times a second, and for every AnimationState."""

    def __init__(
        self,
        send: Callable[..., None],
        delivered: Callable[[], bool],
        picture: Callable[[float, float | None], Picture],
    ) -> None:
        """Prepare.

        Args:
            send: sends packets in order, reliably.
            delivered: whether all that was sent has arrived.
            picture: the face for a moment: seconds of the clock given to `tick`, and how many seconds of the current
                utterance have been heard by then (None when nothing is spoken).
        """
        self._send = send
        self._delivered = delivered
        self._picture = picture
        self.utterance: Utterance | None = None
        """What is being spoken."""
        self.reset()

    def reset(self) -> None:
        """Begin afresh with a robot that knows nothing; the current utterance is lost."""
        self._sent = self._played = self._hushed = 0
        self._counter: int | None = None
        self._drops = 0
        self._moved_at = 0.0
        self._outstanding: list[int] = []
        self._shown: Picture | None = None
        self._shown_at = 0.0
        self._due = 0.0
        self._settle(End.LOST)
        self.dropped = 0
        """Packets that the robot had no room for, by its own count."""

    @property
    def backlog(self) -> int:
        """Frames that were sent and not yet played."""
        return len(self._outstanding)

    @property
    def hushed(self) -> bool:
        """No sound from before `hush` is left in the robot's buffer."""
        return self._played >= self._hushed

    def speak(self, frames: list[bytes], on_first: Callable[[], None]) -> Utterance:
        """Begin to send sound; it goes out with the next `tick` that has room for it."""
        self.utterance = Utterance(frames, on_first)
        return self.utterance

    def hush(self) -> None:
        """Send no more of the current utterance; what is in the robot's buffer still plays, see `hushed`."""
        self._settle(End.HUSHED)
        self._hushed = self._sent

    def played(self, state: Any, now: float) -> None:
        """Take an AnimationState packet."""
        counter = state.num_anim_bytes_played % COUNTER
        if self._counter is None:
            self._counter, self._drops = counter, state.client_drop_count
        advance = (counter - self._counter) % COUNTER
        if advance >= COUNTER // 2:  # an older state that was overtaken on the way
            return
        self.dropped += (state.client_drop_count - self._drops) % 256
        self._drops = state.client_drop_count
        if advance:
            self._counter, self._moved_at = counter, now
            if self.utterance and self.utterance.sent:
                self.utterance.heard = True
            self._account(self._played + advance)
        elif not self._outstanding or not self._delivered():
            self._moved_at = now
        elif now - self._moved_at > STUCK_S:
            self._moved_at = now
            if self.utterance and not self.utterance.heard:
                self._settle(End.UNHEARD)
            self._account(self._sent)

    def tick(self, now: float) -> None:
        """Send what there is room for."""
        if self._counter is None:
            return
        while (utterance := self.utterance) and utterance.sent < len(utterance.frames) and self._room(SPEAKING_DEPTH):
            heard = utterance.sent * FRAME_S
            self._put(now, packets.OutputAudio(samples=utterance.frames[utterance.sent]), self._face(now, heard))
            utterance.sent += 1
            if utterance.sent == 1:
                utterance.on_first()
            if utterance.sent == len(utterance.frames):
                utterance.end = self._sent
        if self._room(IDLE_DEPTH) and (face := self._face(now, None)):
            self._put(now, packets.OutputSilence(), face)

    def _room(self, depth: int) -> bool:
        return self.backlog < depth and self._sent - self._played + FRAME_BYTES <= BUFFER_BYTES

    def _put(self, now: float, *parts: Any) -> None:
        present = [part for part in parts if part is not None]
        self._send(*present)
        self._sent += sum(1 + len(part) for part in present)
        self._outstanding.append(self._sent)

    def _account(self, played: int) -> None:
        """Note how many bytes the robot has taken up; frames of an earlier session may make it more than was sent."""
        self._played = min(played, self._sent)
        self._outstanding = [end for end in self._outstanding if end > self._played]
        utterance = self.utterance
        if utterance and utterance.end is not None and self._played >= utterance.end:
            self._settle(End.PLAYED)

    def _settle(self, end: End) -> None:
        utterance, self.utterance = self.utterance, None
        if utterance and not utterance.done.done():
            utterance.done.set_result(end)

    def _face(self, now: float, heard: float | None) -> Any | None:
        """The face for the next frame, if it differs from what the display shows or has to be refreshed."""
        self._due = due = max(self._due, now + self.backlog * FRAME_S)
        if self._shown is not None and due - self._shown_at < PICTURE_S:
            return None
        pixels = self._picture(due, heard)
        if self._shown is not None and np.array_equal(pixels, self._shown) and due - self._shown_at < REFRESH_S:
            return None
        self._shown, self._shown_at = pixels, due
        return packets.DisplayImage(image=encode(pixels))

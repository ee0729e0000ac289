"""The loudspeaker and what feeds it: 8 KB of animation frames, played at the robot's own rate.

An animation frame begins with OutputAudio or OutputSilence; whatever follows up to the next of them (a picture, lights)
belongs to it and happens when it is played. The robot boots with volume 0, plays a little slower than the 30 frames/s
that clients send, and drops what its buffer does not hold (reported: Kurtisone/pycozmo; design: pycozmo's
`anim_controller.py`).
"""

from __future__ import annotations

from collections import Counter, deque

import numpy as np
import numpy.typing as npt

from cozmo_adapter.simulator import packets
from cozmo_adapter.simulator.packets import Message
from robot_runtime.simulation.recording import Recording

RATE = 22050
"""Samples per second (pycozmo, `audio.py`)."""

SAMPLES = 744
"""Samples of one OutputAudio."""

FRAME_RATE = 29.9
"""Animation frames per second (reported: Kurtisone)."""

BUFFER_BYTES = 8192
"""What the animation buffer holds, in bytes of packets with their ids (reported: Kurtisone)."""

FULL_VOLUME = 65535
"""The highest level of SetRobotVolume."""

_FULL_BYTES = BUFFER_BYTES - 1 - SAMPLES
"""The buffer is called full when one more OutputAudio would not fit."""

_OPENERS = ("OutputAudio", "OutputSilence")

STREAMED = (*_OPENERS, "DisplayImage", "AnimHead", "AnimLift", "AnimBackpackLights", "AnimBody", "RecordHeading",
            "TurnToRecordedHeading", "StartAnimation", "EndAnimation")  # fmt: skip
"""The packets that go through the animation buffer."""

PAUSE_S = 1.0
"""Silence up to this long inside speech is recorded frame by frame, so that gaps are audible where they were."""


def _levels() -> npt.NDArray[np.int16]:
    code = np.arange(256)
    exponent, mantissa = code >> 4 & 7, code & 15
    magnitude = ((mantissa << 3) + 132 << exponent) - 132
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


LEVELS = _levels()
"""Sample of every u-law code: 0 for code 0, because the robot wants them uncomplemented (reported: Kurtisone)."""


def _int32(count: int) -> int:
    """A count as a signed number of 32 bits, which goes round."""
    return (count + (1 << 31)) % (1 << 32) - (1 << 31)


class Speaker:
    """The animation buffer and the loudspeaker behind it."""

    def __init__(self, recording: Recording, counters: Counter[str], frame_rate: float = FRAME_RATE) -> None:
        """Boot.

        Args:
            recording: what is heard goes there.
            counters: gets `dropped_audio_frames`, OutputAudio that did not fit; `dropped_packets`, all that did not
                fit; `starved_frames` of silence inside speech that nobody sent, because the buffer was empty; and
                `misplaced` packets that belonged to no frame and were passed over.
            frame_rate: animation frames per second; a lower one than the real makes a client's surplus grow faster.
        """
        self.volume = 0
        """0..65535."""
        self.enabled = False
        """Animations are played; before, they are thrown away."""
        self.tag = 0
        """Number of the animation that is played, as its beginning said; 0 for none."""
        self.bytes_played = 0
        """Bytes taken from the buffer since `clear`."""
        self.frames_played = 0
        """Animation frames played since `clear`, silent ones included."""
        self.dropped = 0
        """Packets that did not fit."""
        self._recording = recording
        self._counters = counters
        self._frame_s = 1 / frame_rate
        self._due = 0.0
        self._queue: deque[tuple[Message, int]] = deque()
        self._buffered = 0
        self._since_frame = self._since_audio = float("inf")
        self._gap = 0

    @property
    def buffered(self) -> int:
        """Bytes in the buffer."""
        return self._buffered

    @property
    def full(self) -> bool:
        """Flag IS_ANIM_BUFFER_FULL."""
        return self._buffered > _FULL_BYTES

    @property
    def playing(self) -> bool:
        """Flag IS_ANIMATING: frames are being played."""
        return self._since_frame < 3 * self._frame_s

    @property
    def speaking(self) -> bool:
        """Sound is being played, audible or not."""
        return self._since_audio < 3 * self._frame_s

    def take(self, message: Message, size: int) -> None:
        """Put a streamed packet of so many bytes, id included, into the buffer, or drop it."""
        if not self.enabled:
            return
        if self._buffered + size > BUFFER_BYTES:
            self.dropped += 1
            self._counters["dropped_packets"] += 1
            if message.name == "OutputAudio":
                self._counters["dropped_audio_frames"] += 1
            self._recording.event("packet_dropped", name=message.name)
            return
        self._queue.append((message, size))
        self._buffered += size

    def clear(self) -> None:
        """Forget what is buffered and counted; the volume stays."""
        self._queue.clear()
        self._buffered = self.bytes_played = self.frames_played = self.tag = 0
        self.enabled = False

    def abort(self) -> None:
        """Throw away what is buffered, and count it as played, so that a client's sum is right: an assumption."""
        self.bytes_played += self._buffered
        self._queue.clear()
        self._buffered = self.tag = 0

    def advance(self, dt: float) -> list[Message]:
        """Let time pass.

        Args:
            dt: seconds.

        Returns:
            What happens beside the sound, in order: pictures, lights, beginnings and ends of animations.
        """
        happened: list[Message] = []
        self._due += dt
        # A frame that is due within a millionth of a second is due: sums of steps are not exact.
        while self._due >= self._frame_s - 1e-6:
            self._due -= self._frame_s
            happened += self._play()
        return happened

    def state(self, timestamp: int) -> bytes:
        """The AnimationState of this moment."""
        return packets.build(
            "AnimationState",
            timestamp=timestamp,
            num_anim_bytes_played=_int32(self.bytes_played),
            num_audio_frames_played=_int32(self.frames_played),
            enabled_anim_tracks=0xFF,
            tag=self.tag,
            client_drop_count=self.dropped & 0xFF,
        )

    def _play(self) -> list[Message]:
        happened = self._belonging()
        if happened and self._since_frame > self._frame_s * 1.5:
            self._counters["misplaced"] += len(happened)  # they come too late for the last frame
            happened = []
        self._since_frame += self._frame_s
        self._since_audio += self._frame_s
        if not self._queue:
            self._gap += 1
            self._hear(None)
            return happened
        opener = self._pop()
        self._since_frame = 0.0
        self.frames_played += 1
        if opener.name == "OutputAudio":
            if self._gap and self._since_audio < PAUSE_S:
                self._counters["starved_frames"] += self._gap
                self._recording.event("starved", frames=self._gap)
            self._hear(opener["samples"])
            self._since_audio = 0.0
            self._gap = 0
        else:
            self._hear(None)
        return happened + self._belonging()

    def _belonging(self) -> list[Message]:
        """Take from the buffer what comes before the next frame begins."""
        found = []
        while self._queue and self._queue[0][0].name not in _OPENERS:
            found.append(self._pop())
        return found

    def _pop(self) -> Message:
        message, size = self._queue.popleft()
        self._buffered -= size
        self.bytes_played += size
        return message

    def _hear(self, samples: bytes | None) -> None:
        if samples is None:
            if self._since_audio < PAUSE_S:
                self._recording.sound(np.zeros(SAMPLES, np.int16))
            return
        pcm = LEVELS[np.frombuffer(samples, np.uint8)]
        heard = np.rint(pcm * (self.volume / FULL_VOLUME)).astype(np.int16)
        self._recording.sound(heard, at=None if self._since_audio < PAUSE_S else self._recording.now())

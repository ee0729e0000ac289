"""Notices when a microphone fails: it is gone, only gives zeros, is too loud, or runs at another rate than it said.

Pure: it is told what arrived and when, and knows no device.
"""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import NDArray

_START_S = 3.0
"""How long a device may take to give its first sample. A sleeping one takes 1.1 s (measured with PulseAudio)."""
_GONE_S = 0.5
"""How long it may then give nothing; healthy ones give something every 10 to 100 ms."""
_SILENT_S = 2.0
"""How long it may give nothing but zeros after it gave sound. Even a quiet room has noise in the last bits."""
_CLIP_WINDOW_S = 1.0
"""Clipped samples are counted over this time."""
_CLIPPED_SHARE = 0.01
"""Share of clipped samples that is too much; a voice that is merely loud clips a handful."""
_CLIP_MEMORY_S = 30.0
"""How long a clipping device counts as one, so that a loud talk is told once and not at every shout."""
_FULL_SCALE = 32766
"""From here on a sample counts as clipped; some converters never reach the last value."""
_PACE_WINDOW_S = 0.25
"""Samples are counted over this time to see at which rate they come."""
_PACE_WINDOWS = 3
"""So many windows in a row have to be off in the same direction. One alone may be a busy computer, and a stall is
followed by a burst, which is off in the other direction."""
_STALL_S = 0.15
"""After a longer pause between two deliveries the computer, not the device, was late: healthy ones give something every
10 to 100 ms. What comes then was waiting, or is lost, and says nothing about the rate."""
_PACE_OFF = 0.25
"""How far off the rate may be. 48 and 16, 24 or 32 kHz are further apart; 48 and 44.1 are not, but those the systems
convert by themselves."""


class Trouble(Enum):
    """What is wrong with a microphone."""

    GONE = "gone"
    """It cannot be opened, or gives nothing any more."""
    OFF_RATE = "off its rate"
    """Its samples come at another rate than it said."""
    SILENT = "silent"
    """It gives nothing but zeros, as one that is switched off or not permitted."""
    CLIPPED = "clipped"
    """It is too loud."""


class Watch:
    """Watches one microphone through all its openings. Times are seconds of any clock that does not go back."""

    def __init__(self) -> None:
        """Nothing has been heard yet."""
        self._due = 0.0
        self._gone = False
        self._sounded_at: float | None = None
        self._heard_at = 0.0
        self._clips: list[int] = [0, 0]
        self._clips_since = 0.0
        self._clipped_at = -_CLIP_MEMORY_S
        self._rate = 0
        self._off = 0
        self._pace_since: float | None = None
        self._pace_samples = 0

    def opened(self, rate: int, now: float) -> None:
        """The device was opened and promises `rate` samples a second. Trouble lasts until it is disproved by ear."""
        self._rate, self._off, self._pace_since = rate, 0, None
        if not self._gone:
            self._due = now + _START_S

    def failed(self) -> None:
        """The device could not be opened."""
        self._gone = True

    def heard(self, pcm: NDArray[np.int16], now: float) -> None:
        """These samples, of any shape with one row for each time, arrived."""
        stalled = now - self._heard_at > _STALL_S
        self._gone, self._due, self._heard_at = False, now + _GONE_S, now
        if pcm.any():
            self._sounded_at = now
        self._count_clips(pcm, now)
        if stalled:
            self._off, self._pace_since = 0, None
        self._measure_pace(len(pcm), now)

    def trouble(self, now: float) -> Trouble | None:
        """What is wrong, the gravest if it is several things."""
        self._gone = self._gone or now > self._due
        if self._gone:
            return Trouble.GONE
        if abs(self._off) >= _PACE_WINDOWS:
            return Trouble.OFF_RATE
        if self._sounded_at is not None and self._heard_at - self._sounded_at > _SILENT_S:
            return Trouble.SILENT
        if now - self._clipped_at < _CLIP_MEMORY_S:
            return Trouble.CLIPPED
        return None

    def _count_clips(self, pcm: NDArray[np.int16], now: float) -> None:
        if now - self._clips_since > _CLIP_WINDOW_S:
            self._clips, self._clips_since = [0, 0], now
        self._clips[0] += int(np.count_nonzero((pcm >= _FULL_SCALE) | (pcm <= -_FULL_SCALE)))
        self._clips[1] += pcm.size
        enough = self._rate * _CLIP_WINDOW_S / 2  # not the first few samples alone
        if self._clips[1] >= enough and self._clips[0] > _CLIPPED_SHARE * self._clips[1]:
            self._clipped_at = now

    def _measure_pace(self, samples: int, now: float) -> None:
        if self._pace_since is None:  # what was collected before the first call says nothing about the pace
            self._pace_since, self._pace_samples = now, 0
            return
        self._pace_samples += samples
        if now - self._pace_since < _PACE_WINDOW_S:
            return
        pace = self._pace_samples / (now - self._pace_since) / self._rate
        direction = 1 if pace > 1 + _PACE_OFF else -1 if pace < 1 - _PACE_OFF else 0
        self._off = self._off + direction if direction * self._off > 0 else direction
        self._pace_since, self._pace_samples = now, 0

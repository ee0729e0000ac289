"""When somebody speaks.

Three witnesses are heard, because each alone fails somebody: Silero (misses high voices), loudness above the noise of
the room (takes every noise for speech), and whether the recogniser found another word (comes late). Loudness is
necessary; with it, either of the others is enough.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from robot_runtime.ear.blocks import BLOCK_S, Block
from robot_runtime.ear.loudness import Loudness
from robot_runtime.ear.recogniser import RATE
from robot_runtime.ear.settings import ActivitySettings
from robot_runtime.ear.silero import Silero
from robot_runtime.errors import MissingExtraError

_WORD_S = 0.6
"""How long a new word makes loud sound count as speech; recognisers find a word some 0.3 s after it was said."""
_ONSET_S = 0.3
"""After so much quiet, what began as a sound has ended without having been speech."""
_BACK_S = 1.0
"""Speech that only a word gave away began at most this long before the word was found."""


class SpeechDetector(Protocol):
    """Something that tells speech from other sound."""

    def feed(self, pcm: NDArray[np.int16]) -> float:
        """Take more sound, mono at 16 kHz, and return the probability of speech, 0 to 1."""


@dataclass(frozen=True)
class SpeechStarted:
    """Somebody speaks; certain only some time after it began."""

    first: int
    """Number of the first sample of the speech."""


@dataclass(frozen=True)
class SpeechStopped:
    """Nobody has spoken for a moment."""

    end: int
    """Number of the sample after the last of the speech."""


@dataclass(frozen=True)
class SpeechGoesOn:
    """The speech that had stopped goes on."""

    first: int
    """Number of the first sample after the pause."""


Change = SpeechStarted | SpeechStopped | SpeechGoesOn


class State(Enum):
    """Where an utterance stands."""

    QUIET = "quiet"
    """Nothing above the noise."""
    ONSET = "onset"
    """Something is heard; whether it is speech is open."""
    SPEECH = "speech"
    """Somebody speaks."""
    PAUSE = "pause"
    """Somebody has spoken and may go on."""


class Activity:
    """Follows one utterance, from quiet to the pause after it; `reset` when it is over."""

    def __init__(self, settings: ActivitySettings, detector: SpeechDetector | None) -> None:
        """Judge by `detector` too, or, with None, by loudness and words alone."""
        self.state = State.QUIET
        """Where the utterance stands."""
        self.voice = False
        """Whether the last block was speech."""
        self.end = 0
        """Number of the sample after the last block that was speech."""
        self._settings = settings
        self._detector = detector
        self._loudness = Loudness(settings.above_noise_db)
        self._word_until = -1.0
        self._onset_first = 0
        self._heard_end = 0
        self._voiced_first: int | None = None
        self._evidence_s = 0.0

    def feed(self, block: Block, new_word: bool = False) -> Change | None:
        """Take the next block.

        Args:
            block: the sound.
            new_word: whether the recogniser has found another word by now.
        """
        loud = self._loudness.feed(block.pcm)
        speech = self._detector.feed(block.pcm) if self._detector else loud
        if new_word:
            self._word_until = block.end_s + _WORD_S
        if block.end_s <= self._word_until:
            speech = max(speech, loud)
        settings = self._settings
        self.voice = loud > 0 and speech >= (settings.voice_off if self.voice else settings.voice_on)
        if self.voice:
            self.end = block.end
        if loud > 0:
            self._heard_end = block.end
        match self.state:
            case State.QUIET | State.ONSET:
                return self._begin(block, loud > 0, new_word)
            case State.SPEECH:
                return self._stop(block)
            case State.PAUSE:
                return self._go_on(block)

    def reset(self) -> None:
        """The utterance is over; what is known of the noise stays."""
        self.state, self.voice, self._evidence_s, self._voiced_first = State.QUIET, False, 0.0, None
        self._word_until = -1.0

    def _begin(self, block: Block, loud: bool, new_word: bool) -> Change | None:
        if self.state is State.QUIET:
            if not loud:
                return None
            self.state, self._onset_first = State.ONSET, block.first
        if self.voice and self._voiced_first is None:
            self._voiced_first = block.first
        self._evidence_s = max(0.0, self._evidence_s + (BLOCK_S if self.voice else -BLOCK_S / 2))
        if self._evidence_s == 0.0:
            self._voiced_first = None
        if new_word or self._evidence_s >= self._settings.speech_s - 1e-6:
            self.state = State.SPEECH
            self.end = max(self.end, self._heard_end)
            if self._voiced_first is None or self._voiced_first == block.first:
                return SpeechStarted(max(self._onset_first, block.end - round(_BACK_S * RATE)))
            return SpeechStarted(self._voiced_first)
        if block.end - self._heard_end >= _ONSET_S * RATE:
            self.reset()
        return None

    def _stop(self, block: Block) -> Change | None:
        if block.end - self.end < self._settings.pause_s * RATE:
            return None
        self.state = State.PAUSE
        return SpeechStopped(self.end)

    def _go_on(self, block: Block) -> Change | None:
        if not self.voice:
            return None
        self.state = State.SPEECH
        return SpeechGoesOn(block.first)


def open_detector(settings: ActivitySettings, on_notice: Callable[[str], None]) -> SpeechDetector | None:
    """Return Silero, or None when it is switched off or, after a notice, when it is not installed."""
    if not settings.silero:
        return None
    try:
        return Silero()
    except MissingExtraError as error:
        on_notice(f"Whether somebody speaks is judged by loudness and words alone. {error}")
        return None

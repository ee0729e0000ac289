"""From blocks of sound to utterances: voice activity, recogniser and endpoint brought together.

All of it blocks and runs in one thread; `ear.py` is the way there from the event loop.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robot_runtime.ear.activity import Activity, SpeechGoesOn, SpeechStarted, SpeechStopped, State
from robot_runtime.ear.blocks import BLOCK_S, Block
from robot_runtime.ear.endpoint import Endpoint
from robot_runtime.ear.recogniser import RATE, Heard, Recogniser

_PREROLL_S = 0.3
"""Seconds before the first voice that the recogniser and the utterance get too: unvoiced beginnings are soft."""
_DOUBT_S = 3.0
"""Longest beginning that is neither found to be speech nor over; then the recogniser forgets it. Music does that."""
_GAP_S = 1.0
"""When so much sound is missing, what was said before it is no longer answered."""


@dataclass(frozen=True)
class SpeechBegan:
    """Somebody speaks."""

    at_s: float
    """When the voice began; it is certain some tenths of a second later. All times are sample time in seconds."""


@dataclass(frozen=True)
class PartialChanged:
    """The recogniser has another opinion of what is being said."""

    text: str
    """All words of the utterance so far."""
    at_s: float
    """End of the sound that was taken into account."""


@dataclass(frozen=True)
class SpeechPaused:
    """The speaker makes a pause; whether it is the end is open. A good moment for a cue, and for an early thought."""

    speech_end_s: float
    """End of the last voice."""
    at_s: float
    """Now."""


@dataclass(frozen=True)
class SpeechResumed:
    """The pause was none of the end."""

    at_s: float
    """When the voice began again."""


@dataclass(frozen=True)
class UtteranceEnded:
    """A turn is over, and something was understood."""

    heard: Heard
    """The words; their times count from the first sample of `pcm`."""
    pcm: NDArray[np.int16]
    """What the recogniser heard, mono at 16 kHz: from 0.3 s or more before the voice to the end of the hold."""
    speech_end_s: float
    """End of the last voice."""
    endpoint_s: float
    """When the hold was over."""


@dataclass(frozen=True)
class NothingHeard:
    """A turn is over, and no word was understood."""

    speech_end_s: float
    """End of the last voice."""
    endpoint_s: float
    """When the hold was over."""


EarEvent = SpeechBegan | PartialChanged | SpeechPaused | SpeechResumed | UtteranceEnded | NothingHeard


class Listening:
    """Listens to blocks, in their order."""

    def __init__(self, recogniser: Recogniser, activity: Activity, endpoint: Endpoint) -> None:
        """Bring the three together; they belong to this object from now on."""
        self._recogniser = recogniser
        self._activity = activity
        self._endpoint = endpoint
        self._sound: deque[Block] = deque()
        self._partial = ""
        self._end = 0

    def hear(self, block: Block) -> list[EarEvent]:
        """Take the next block, and return what is known since."""
        if block.first - self._end > _GAP_S * RATE:
            self.reset()
        self._end = block.end
        self._sound.append(block)
        if self._activity.state is State.QUIET:
            return self._wait(block)
        self._recogniser.accept(block.pcm)
        partial = self._recogniser.partial()
        longer = len(partial.split()) > len(self._partial.split())
        changed, self._partial = partial != self._partial, partial
        in_turn = self._activity.state is not State.ONSET
        change = self._activity.feed(block, longer)
        events: list[EarEvent] = []
        match change:
            case SpeechStarted(first):
                self._endpoint.begin(first / RATE, self._activity.end / RATE)
                events.append(SpeechBegan(first / RATE))
                in_turn, changed = True, partial != ""
            case SpeechStopped(end):
                events.append(SpeechPaused(end / RATE, block.end_s))
            case SpeechGoesOn(first):
                events.append(SpeechResumed(first / RATE))
            case None:
                if not in_turn:
                    self._doubt(block)
        if in_turn:
            if changed:
                events.append(PartialChanged(partial, block.end_s))
            if self._endpoint.feed(block.end_s, self._activity.end / RATE, partial):
                events.append(self._finish(block))
        return events

    def reset(self) -> None:
        """Forget the utterance so far: the ear was shut, or sound is missing."""
        if self._activity.state is not State.QUIET:
            self._recogniser.reset()
        self._activity.reset()
        self._sound.clear()
        self._partial = ""

    def _wait(self, block: Block) -> list[EarEvent]:
        """Nothing was heard up to this block; when it is louder, the recogniser gets it with what was before."""
        self._activity.feed(block)
        self._trim(block.end_s - _PREROLL_S - BLOCK_S)
        if self._activity.state is State.ONSET:
            self._recogniser.accept(np.concatenate([each.pcm for each in self._sound]))
        return []

    def _doubt(self, block: Block) -> None:
        """Something is heard that is not known to be speech, and may be over by now."""
        over = self._activity.state is State.QUIET
        if over or block.end - self._sound[0].first > _DOUBT_S * RATE:
            self._recogniser.reset()
            self._activity.reset()
            self._partial = ""
            self._trim(block.end_s - _PREROLL_S)

    def _finish(self, block: Block) -> EarEvent:
        """The turn is over."""
        heard = self._recogniser.finish()
        speech_end_s = self._activity.end / RATE
        pcm = np.concatenate([each.pcm for each in self._sound])
        self._activity.reset()
        self._sound.clear()
        self._partial = ""
        if not heard.text:
            return NothingHeard(speech_end_s, block.end_s)
        return UtteranceEnded(heard, pcm, speech_end_s, block.end_s)

    def _trim(self, since_s: float) -> None:
        """Forget the sound that ended before."""
        while self._sound and self._sound[0].end_s <= since_s + 1e-6:
            self._sound.popleft()

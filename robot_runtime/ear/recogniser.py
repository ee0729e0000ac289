"""From sound to words: what a recogniser gives, and what a recogniser is.

A recogniser listens to one utterance after the other and is told where an utterance ends. Its methods block, for the
length of the computation, and are called from one thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

RATE = 16000
"""Hz of the sound that recognisers take."""

UNKNOWN = "[unk]"
"""The text of a `Word` that was spoken but is in no vocabulary. `Heard.text` and partials leave it out."""


@dataclass(frozen=True)
class Word:
    """One word and when it was spoken."""

    text: str
    """In lower case, or `UNKNOWN`."""
    start_s: float
    """Seconds from the first sample of the utterance."""
    end_s: float
    """Likewise."""
    confidence: float
    """How sure the recogniser is, 0 to 1; an unknown word has 0."""


@dataclass(frozen=True)
class Heard:
    """What was understood of one utterance."""

    words: tuple[Word, ...] = ()
    """In the order in which they were spoken; none when nobody spoke."""

    @property
    def text(self) -> str:
        """The known words with spaces between, '' without any."""
        return " ".join(word.text for word in self.words if word.text != UNKNOWN)

    @property
    def confidence(self) -> float:
        """Mean of the words' confidences, 0 without any."""
        return sum(word.confidence for word in self.words) / max(len(self.words), 1)


@dataclass(frozen=True)
class RecogniserOptions:
    """What is known when a recogniser is opened."""

    model: Path | None = None
    """A folder, or a name of `toddler-robot models list`; None for the recogniser's own choice."""
    phrases: tuple[str, ...] = ()
    """All that is expected to be said, in lower case; what else is said becomes `UNKNOWN`, or the nearest
    phrase where a recogniser knows no better. Empty: free speech."""


class Recogniser(Protocol):
    """Something that understands speech. An utterance begins when it is opened, after `finish` and after `reset`."""

    def accept(self, pcm: NDArray[np.int16]) -> None:
        """Listen to more of the utterance: mono samples at `RATE`, any number of them."""

    def partial(self) -> str:
        """What the utterance seems to say so far; later words may change it."""

    def finish(self) -> Heard:
        """The utterance is over: what was said in it."""

    def reset(self) -> None:
        """Forget the utterance so far."""

    def close(self) -> None:
        """Let go of the model. Nothing may be called afterwards."""

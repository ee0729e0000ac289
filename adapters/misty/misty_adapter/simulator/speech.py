"""Misty's own voice: a queue of texts, each with its time, and babble in place of words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np

from misty_adapter.simulator.api.errors import BadArgument
from misty_adapter.simulator.loudspeaker import RATE, Loudspeaker, Sound
from misty_adapter.simulator.wav import Samples
from misty_adapter.simulator.world import World

SYLLABLE_S = 0.18
"""Length of a syllable: adults at ease speak about 5.5 in a second."""

QUEUE = 100
"""Most texts that wait (assumed)."""


@dataclass(frozen=True)
class Utterance:
    """One text to speak."""

    text: str
    """Without markup."""
    id: str | None
    """UtteranceId; without one nobody is told when it ends."""
    rate: float
    """1 is normal speed."""


class Speech:
    """See the module's docstring."""

    def __init__(self, world: World, loudspeaker: Loudspeaker) -> None:
        """Say nothing yet."""
        self._world = world
        self._loudspeaker = loudspeaker
        self._queue: list[Utterance] = []
        self._sound: Sound | None = None
        self._speaking = False
        self.saying = ""
        """The text that is being spoken."""

    def speak(self, utterance: Utterance, flush: bool) -> None:
        """Speak after what waits already or, with `flush`, instead of it.

        Raises:
            BadArgument: too much waits.
        """
        if flush:
            self.stop()
        if len(self._queue) >= QUEUE:
            raise BadArgument("Too many texts wait to be spoken.")
        self._queue.append(utterance)
        if not self._speaking:
            self._speaking = True
            self._world.spawn(self._work())

    def stop(self) -> None:
        """Be silent and forget what waits."""
        waiting, self._queue = self._queue, []
        if self._sound is not None:
            self._loudspeaker.stop(self._sound)
        for utterance in waiting:
            self._complete(utterance, interrupted=True)

    async def _work(self) -> None:
        while self._queue:
            utterance = self._queue.pop(0)
            self.saying = utterance.text
            self._world.recording.event("says", text=utterance.text, utterance=utterance.id)
            sound = self._sound = self._loudspeaker.start("speech", babble(utterance.text, utterance.rate))
            await sound.over.wait()
            self._sound, self.saying = None, ""
            self._complete(utterance, interrupted=not sound.complete)
        self._speaking = False

    def _complete(self, utterance: Utterance, interrupted: bool) -> None:
        if utterance.id is not None:
            message = {"error": None, "interrupted": interrupted, "utteranceId": utterance.id}
            self._world.publish("TextToSpeechComplete", message)


def plain(text: str) -> str:
    """The words of a text that may be SSML.

    Raises:
        BadArgument: it has markup, and it is not well-formed.
    """
    if "<" not in text and "&" not in text:
        return text
    if "<!" in text:
        raise BadArgument("Text must not declare anything.")
    whole = text if text.lstrip().startswith(("<speak", "<?xml")) else f"<speak>{text}</speak>"
    try:
        return "".join(ElementTree.fromstring(whole).itertext())
    except ElementTree.ParseError as error:
        raise BadArgument(f"Text is no well-formed SSML: {error}.") from None


def babble(text: str, rate: float) -> Samples:
    """As many tones as the text has syllables."""
    syllables = max(len(re.findall(r"[aeiouyäöüáéíóú]+", text.lower())), len(text.split()), 1)
    count = int(SYLLABLE_S / rate * RATE)
    time = np.arange(count) / RATE
    shape = np.sin(np.pi * np.arange(count) / count) ** 0.5
    pitches = [220 + 25 * (number % 3) + 20 * (number == 0) for number in range(syllables)]
    tones = [shape * (np.sin(2 * np.pi * pitch * time) + 0.4 * np.sin(4 * np.pi * pitch * time)) for pitch in pitches]
    return (0.25 * np.concatenate(tones)).astype(np.float32)

"""Misty's ears: they hear WAV files that the simulator is given, one after the other."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from misty_adapter.simulator.api.errors import ApiError, NeverAnswers
from misty_adapter.simulator.assets import AssetStore
from misty_adapter.simulator.wav import BadWav, Samples, decode, encode
from misty_adapter.simulator.world import World

RATE = 16_000
"""Rate of what the robot records, in Hz (assumed)."""

AFTER_SPEECH_S = 0.3
"""Silence after which an utterance counts as ended (assumed)."""

CONFIDENCE = 84
"""Of a recognised key phrase, in percent; a plausible number of ours."""

NO_SPEECH = 1
"""VoiceRecord's errorCode when nobody spoke (assumed; 0 is success)."""


@dataclass(frozen=True)
class Heard:
    """What somebody says to the robot."""

    samples: Samples
    text: str
    """What a recogniser on the robot would make of it: a file of the same name that ends in .txt, or nothing."""


class Ears:
    """See the module's docstring."""

    def __init__(self, world: World, assets: AssetStore, hear: Path | None) -> None:
        """Listen to `hear`: a WAV file, or a folder whose WAV files are taken by name, those that come later too."""
        self._world = world
        self._assets = assets
        self._hear = hear
        self._taken: set[Path] = set()
        self._waiting: list[Path] = []
        self._spoken = asyncio.Event()
        self._capture: asyncio.Task[None] | None = None
        self._phrase = asyncio.Event()
        self.armed = False
        """It waits for the key phrase."""
        self.recording: tuple[str, float] | None = None
        """Name of the file that is being recorded, and since when."""
        self._attentive = False
        self.streaming = False
        """Sound and picture go to somebody else, and nothing here hears."""

    @property
    def capturing(self) -> bool:
        """A capture of speech is under way."""
        return self._capture is not None and not self._capture.done()

    @property
    def listening(self) -> bool:
        """It takes in sound at this moment; waiting for the key phrase does not count."""
        return self.recording is not None or (self.capturing and self._attentive)

    def say(self, file: Path) -> None:
        """Let somebody say what is in a WAV file."""
        self._waiting.append(file)
        self._spoken.set()

    def key_phrase(self) -> None:
        """Let somebody say "Hey, Misty!"; without effect when nothing waits for it."""
        if self.armed and self.recording is None and not self.streaming:
            self.armed = False
            self._phrase.set()
            self._world.publish("KeyPhraseRecognized", {"confidence": CONFIDENCE})

    def capture(self, key_phrase: bool, longest_s: float, silence_s: float, recognise: bool) -> None:
        """Take one utterance into a file, after the key phrase or at once.

        Raises:
            ApiError: the ears are busy.
        """
        self._check_free()
        self._phrase.clear()
        self._attentive = not key_phrase
        self.armed = self.armed or key_phrase
        self._capture = self._world.spawn(self._take(key_phrase, longest_s, silence_s, recognise))

    def start_recording(self, name: str) -> None:
        """Record until told to stop; the key phrase is not heard meanwhile.

        Raises:
            ApiError: the ears are busy.
        """
        self._check_free()
        self.recording = name, self._world.clock.now()
        self.armed = False

    def stop_recording(self) -> None:
        """End the recording and keep its file; harmless when there is none."""
        if self.recording is not None:
            (name, since), self.recording = self.recording, None
            seconds = self._world.clock.now() - since
            heard = self.next_utterance()
            samples = np.zeros(int(seconds * RATE), np.float32)
            if heard is not None:
                piece = heard.samples[: len(samples)]
                samples[: len(piece)] = piece
            self._assets.save("audio", name, encode(samples, RATE), overwrite=True)

    def stop(self) -> None:
        """Give up whatever is under way."""
        if self._capture is not None:
            self._capture.cancel()
        self.armed, self.recording, self.streaming = False, None, False

    async def _take(self, key_phrase: bool, longest_s: float, silence_s: float, recognise: bool) -> None:
        clock = self._world.clock
        if key_phrase:
            await self._phrase.wait()
            self._attentive = True
        until = clock.now() + silence_s
        while (heard := self.next_utterance()) is None and clock.now() < until:
            self._spoken.clear()
            try:
                async with asyncio.timeout(min(until - clock.now(), 0.25) / clock.factor):
                    await self._spoken.wait()
            except TimeoutError:
                continue  # a new file may lie in the folder
        name = "capture_HeyMisty.wav" if key_phrase else "capture_Dialogue.wav"
        if heard is None:
            self._tell(False, name, "")
            return
        samples = heard.samples[: int(longest_s * RATE)]
        await clock.sleep(len(samples) / RATE + AFTER_SPEECH_S)
        try:
            self._assets.save("audio", name, encode(samples, RATE), overwrite=True)
        except NeverAnswers:  # the store is full: nobody is told
            return
        self._tell(True, name, heard.text if recognise else "")

    def _check_free(self) -> None:
        if self.capturing or self.recording is not None or self.streaming:
            raise ApiError("The microphones are in use.")

    def _tell(self, success: bool, name: str, text: str) -> None:
        self._capture = None
        self._world.publish(
            "VoiceRecord",
            {
                "success": success,
                "errorCode": 0 if success else NO_SPEECH,
                "errorMessage": "" if success else "No speech was heard.",
                "filename": name if success else "",
                "speechRecognitionResult": text,
            },
        )

    def next_utterance(self) -> Heard | None:
        """Let somebody say the next utterance that can be read, if there is one."""
        files = list(self._waiting)
        if self._hear is not None and self._hear.is_dir():
            files += sorted(self._hear.glob("*.wav"))
        elif self._hear is not None:
            files.append(self._hear)
        for file in files:
            if file in self._waiting:
                self._waiting.remove(file)
            elif file in self._taken:
                continue
            else:
                self._taken.add(file)
            try:
                samples = decode(file.read_bytes(), RATE)
            except (OSError, BadWav) as error:
                self._world.recording.event("unreadable_speech", file=str(file), error=str(error))
                continue
            transcript = file.with_suffix(".txt")
            text = transcript.read_text(encoding="utf-8").strip() if transcript.is_file() else ""
            self._world.recording.event("hears", file=file.name, text=text)
            return Heard(samples, text)
        return None

"""Three ways to make Misty say something: a file that is uploaded, a file that it fetches, and its own voice."""

from __future__ import annotations

import uuid
from typing import Any, Protocol
from xml.sax.saxutils import escape

from misty_adapter.connection import messages
from misty_adapter.connection.assets import Assets
from misty_adapter.connection.client import SPEECH, Client, Sent
from misty_adapter.speech.fetching import Shelf
from misty_adapter.speech.sound import wav
from robot_runtime.voice.speech import Speech, speakable

EARLY_S = 0.25
"""A sound that ends so much before its length is over was cut short."""

FETCH_S = 2.0
"""How long the robot may take to fetch a file before it plays."""

LETTER_S = 0.2
"""Longest time that Misty's own voice takes for a letter; adults take a third of it."""


class Source(Protocol):
    """One of the ways."""

    ending: str
    """Type of the event that tells the end."""
    stop: str
    """The command that ends it at once."""

    async def prepare(self, speech: Speech) -> str:
        """Bring it to the robot; returns the name under which its end will be told. Raises `RobotError`."""

    async def start(self, name: str, speech: Speech, sent: Sent) -> None:
        """Begin; `sent` is called when the robot is told to, each time that it is. Raises `CallError`."""

    def lasts(self, speech: Speech) -> tuple[float, float]:
        """How many seconds it lasts at least and at most."""

    def ended(self, data: Any) -> tuple[str, bool]:
        """The name in an event that tells an end, and whether it was interrupted."""

    def failed(self, name: str) -> None:
        """It was not played."""


class Uploaded:
    """Files that are uploaded, unless they are there already."""

    ending = "AudioPlayComplete"
    stop = "audio/stop"

    def __init__(self, client: Client, assets: Assets, volume: float) -> None:
        """Play at a volume of 0 to 1."""
        self._client = client
        self._assets = assets
        self._volume = round(100 * volume)

    async def prepare(self, speech: Speech) -> str:
        """Upload."""
        return await self._assets.place(wav(speech), speech.duration_s)

    async def start(self, name: str, speech: Speech, sent: Sent) -> None:
        """Play."""
        await self._client.post("audio/play", rank=SPEECH, sent=sent, FileName=name, Volume=self._volume)

    def lasts(self, speech: Speech) -> tuple[float, float]:
        """As long as the sound."""
        return speech.duration_s - EARLY_S, speech.duration_s

    def ended(self, data: Any) -> tuple[str, bool]:
        """AudioPlayComplete knows the name only."""
        return messages.text(messages.field(data, "metaData"), "name"), False

    def failed(self, name: str) -> None:
        """Perhaps the file is damaged or gone."""
        self._assets.doubt(name)


class Fetched(Uploaded):
    """Files that the robot fetches from this computer."""

    def __init__(self, client: Client, assets: Assets, volume: float, shelf: Shelf) -> None:
        """Serve from `shelf`."""
        super().__init__(client, assets, volume)
        self._shelf = shelf

    async def prepare(self, speech: Speech) -> str:
        """Serve it."""
        return self._shelf.offer(wav(speech))

    def lasts(self, speech: Speech) -> tuple[float, float]:
        """As long as the sound, after it has been fetched."""
        least, most = super().lasts(speech)
        return least, most + FETCH_S


class Spoken:
    """Misty's own voice; its words are the same, its sound and its time are not."""

    ending = "TextToSpeechComplete"
    stop = "tts/stop"

    def __init__(self, client: Client) -> None:
        """Use the voice that the robot is set to."""
        self._client = client

    async def prepare(self, speech: Speech) -> str:
        """Nothing to bring: a name is enough."""
        return f"toddler-robot-{uuid.uuid4()}"

    async def start(self, name: str, speech: Speech, sent: Sent) -> None:
        """Speak; without an UtteranceId the end would not be told."""
        await self._client.post(
            "tts/speak", rank=SPEECH, sent=sent, Text=escape(speakable(speech.text)), Flush=True, UtteranceId=name
        )

    def lasts(self, speech: Speech) -> tuple[float, float]:
        """Nobody knows, so any time is well."""
        return 0.0, LETTER_S * len(speech.text)

    def ended(self, data: Any) -> tuple[str, bool]:
        """TextToSpeechComplete knows whether it was interrupted."""
        return messages.text(data, "utteranceId"), messages.field(data, "interrupted") is True

    def failed(self, name: str) -> None:
        """There is nothing that could be wrong with it."""

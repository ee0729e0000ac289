"""One visit to a Misty that has been found: everything that talks to it, from setting it up to leaving it calm."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import time
from collections.abc import Callable
from typing import Any

from misty_adapter.body.body import Body
from misty_adapter.body.faces import faces, png
from misty_adapter.body.gestures import gesture_for
from misty_adapter.body.motion import Motion
from misty_adapter.body.senses import Senses
from misty_adapter.clock import Clock
from misty_adapter.connection import messages
from misty_adapter.connection.assets import FACE_PREFIX, Assets
from misty_adapter.connection.capabilities import Firmware
from misty_adapter.connection.client import CallError, Client
from misty_adapter.connection.pubsub import PubSub
from misty_adapter.hearing.capture import Ears
from misty_adapter.hearing.ears import AnyEars, ears_of
from misty_adapter.hearing.streaming import StreamingEar
from misty_adapter.settings import MistySettings
from misty_adapter.speech.fetching import Shelf
from misty_adapter.speech.playback import Playback, Played
from misty_adapter.speech.sources import Fetched, Source, Spoken, Uploaded
from misty_adapter.visit import coming, going, subscriptions
from robot_runtime.errors import RobotError
from robot_runtime.reach import LinkState
from robot_runtime.robot import Expression, RobotEvent
from robot_runtime.voice.speech import Speech, speakable

_LOG = logging.getLogger(__name__)

SEED = 2
"""Of idle movements: the same at each start."""

AGAIN_S = 0.5
"""Pause after a moment of life, or a setting up, that failed."""

CALM_S = {True: 3.0, False: 1.5}
"""How long leaving the robot calm may take while it can be heard, and while it cannot."""


class Session:
    """See the module's docstring."""

    def __init__(
        self,
        client: Client,
        address: tuple[str, int],
        firmware: Firmware,
        settings: MistySettings,
        clock: Clock,
        *,
        feel: Callable[[list[RobotEvent]], None],
        notice: Callable[[str], None],
        played: Played | None,
    ) -> None:
        """Put the parts together; nothing is sent yet.

        Args:
            client: gives commands; closed by whoever made it.
            address: of the robot, its host as numbers.
            firmware: what it can do.
            settings: what the user wants of it.
            clock: by which it plays and moves.
            feel: takes what happens to the body and to the link.
            notice: tells the user a line.
            played: see `RobotOptions.played`; then a stream from its microphones goes on while it speaks.

        Raises:
            RobotError: the firmware lacks what was asked for, or the robot cannot fetch from here.
        """
        self._client = client
        self._settings = settings
        self._firmware = firmware
        self._clock = clock
        self._feel = feel
        self._notice = notice
        self._duplex = played is not None
        self._faces = faces(FACE_PREFIX)
        self._senses = Senses()
        self._assets = Assets(client)
        self._living: asyncio.Task[None] | None = None
        self._beginning: asyncio.Task[None] | None = None
        self._rearming: asyncio.Task[None] | None = None
        self._over = False
        wanted = subscriptions(settings, firmware)
        self.ears: AnyEars | None = ears_of(settings, firmware, client, address[0], clock, self._listen_for_key_phrase)
        """Listen through the robot."""
        self._link = PubSub(address, self._receive, self._changed, self._refused, wanted)
        self._shelf: Shelf | None = None
        self._playback = Playback(
            client,
            self._link,
            self._source(address),
            clock,
            patience_s=settings.patience_s,
            gate=self._gate,
            played=played,
        )
        moves = settings.moves
        self.motion = Motion(SEED, head=moves and firmware.has("head"), arms=moves and firmware.has("arms/set"))
        """Head and arms."""
        self.body = Body(client, firmware, self._faces, self.motion, clock, self._playback.spoken)
        """Face, light, and what `motion` says."""

    async def open(self) -> None:
        """Set the robot up, and begin to live.

        Raises:
            MissingExtraError: the live stream that was asked for needs PyAV.
            RobotError: it does not take what it needs, tells no events, or does not stream as it was asked to.
        """
        if missing := self._firmware.missing():
            self._notice(missing)
        await self._begin()
        self._link.start()
        if not await self._link.wait_up(self._settings.connect_s):
            raise RobotError("Misty takes commands, but tells no events (/pubsub): restart it")
        if self.ears:
            await self.ears.open()
        self._living = asyncio.create_task(self._live())

    async def close(self) -> None:
        """Leave the robot calm, with its own light signals on. Never raises."""
        self._over = True
        for task in (self._living, self._beginning, self._rearming):
            if task:
                task.cancel()
                await asyncio.wait([task])
        if self.ears:
            await self.ears.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CALM_S[self._link.state is not LinkState.DOWN]):
                await asyncio.gather(self._calm(), self._link.close())
        await self._link.close()
        if self._shelf:
            await asyncio.to_thread(self._shelf.close)

    async def say(self, speech: Speech, expression: Expression, on_start: Callable[[], None]) -> None:
        """Play speech to its end, the mouth moving with it; raises `RobotError`."""

        def started() -> None:
            self.body.express(expression)
            if gesture := gesture_for(speech.text):
                self.motion.gesture(gesture)
            on_start()

        if not (len(speech.pcm) if self._settings.voice == "ours" else speakable(speech.text)):
            started()
            return
        await self._playback.play(speech, started)

    @property
    def hears_itself(self) -> bool:
        """Its ears stay open while it speaks."""
        return self._duplex and isinstance(self.ears, StreamingEar)

    def spoken_s(self) -> float | None:
        """How much of an utterance has been heard; None while none is played."""
        spoken = self._playback.spoken()
        return spoken[1] if spoken else None

    async def stop(self) -> None:
        """Silence and stillness at once; `motion` has been stopped. Never raises."""
        await asyncio.gather(self._halt(), self._playback.hush())

    def _source(self, address: tuple[str, int]) -> Source:
        if self._settings.voice == "robot":
            self._firmware.require("tts/speak", "voice = 'robot'")
            return Spoken(self._client)
        if self._settings.fetch:
            self._shelf = Shelf(address)
            return Fetched(self._client, self._assets, self._settings.volume, self._shelf)
        return Uploaded(self._client, self._assets, self._settings.volume)

    async def _begin(self) -> None:
        """Set up a robot that knows nothing of us yet; raises `CallError` when it does not take what it needs."""
        await self._assets.prepare({name: functools.partial(png, look) for name, look in self._faces.looks.items()})
        for path, fields in coming(self._settings, self._faces):
            if self._firmware.has(path):
                try:
                    await self._client.post(path, **fields)
                except CallError as error:
                    self._notice(f"Misty goes without {path}: {error}")
        self.body.forget()

    async def _begin_again(self) -> None:
        """The robot is back: set it up anew, and go on only then."""
        while True:
            try:
                await self._begin()
                break
            except CallError:
                await asyncio.sleep(AGAIN_S)
            except Exception:  # a face could not be drawn; perhaps it can be later
                _LOG.exception("setting Misty up again failed")
                await asyncio.sleep(AGAIN_S)
        self.body.here = True

    async def _live(self) -> None:
        while True:
            try:
                await self.body.live()
            except Exception:  # a robot that forgets to blink is better than none
                _LOG.exception("a moment of Misty's life failed")
                await asyncio.sleep(AGAIN_S)

    async def _halt(self) -> None:
        """Stop all motors: at once, and once more in its turn, since of two commands at a time one may be lost."""
        if self._firmware.has("halt"):
            with contextlib.suppress(CallError):
                await self._client.at_once("halt")
            with contextlib.suppress(CallError):
                await self._client.post("halt")

    async def _calm(self) -> None:
        """Leave nothing going on; what cannot be done is left."""
        await asyncio.gather(self._halt(), self._playback.hush())
        moves = self._settings.moves and not self.motion.stopped
        for path, fields in going(self._settings, self._faces, moves):
            if self._firmware.has(path):
                with contextlib.suppress(CallError):
                    await self._client.post(path, **fields)

    def _gate(self, closed: bool) -> None:
        if self.ears and not self.hears_itself:
            self.ears.gate(closed)

    def _receive(self, type: str, data: Any) -> None:
        self._playback.happened(type, data)
        if isinstance(self.ears, Ears):
            self.ears.happened(type, data)
        if type == "FaceRecognition":
            bearing, elevation = messages.number(data, "bearing"), messages.number(data, "elevation")
            self.motion.look(bearing or 0.0, elevation or 0.0, self._clock.now())
        if type == "KeyPhraseRecognized":
            self._listen_for_key_phrase()
        self._feel(self._senses.feel(type, data, time.monotonic()))

    def _listen_for_key_phrase(self) -> None:
        """The robot stops listening for it each time it has heard it, and when it has captured something."""
        if self._settings.key_phrase and not self._over and (self._rearming is None or self._rearming.done()):
            self._rearming = asyncio.create_task(self._arm())

    async def _arm(self) -> None:
        with contextlib.suppress(CallError):
            await self._client.post("audio/keyphrase/start")

    def _refused(self, type: str, why: str) -> None:
        self._notice(f"Misty does not tell about {type}: {why[:200]}")

    def _changed(self, state: LinkState) -> None:
        self.body.degraded = state is not LinkState.UP
        if state is LinkState.DEGRADED:
            self._feel([RobotEvent("degraded")])
        elif state is LinkState.DOWN:
            self.body.here = False
            if self._beginning:
                self._beginning.cancel()
            self._feel([RobotEvent("disconnected")])
        elif self._living and not self.body.here:
            self._feel([RobotEvent("reconnected")])
            self._beginning = asyncio.create_task(self._begin_again())

"""A Cozmo as the runtime sees it: link, playback, face, motion, lights and senses brought together."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import math
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import numpy as np

from cozmo_adapter.body.face import Face
from cozmo_adapter.body.gestures import gesture_for
from cozmo_adapter.body.lights import BackpackLights, lights_for, steady, to_fields
from cozmo_adapter.body.motion import CALM_DEG, CALM_S, Motion
from cozmo_adapter.body.motors import LinkMotors
from cozmo_adapter.body.senses import Senses
from cozmo_adapter.connection.link import Link
from cozmo_adapter.connection.session import Session, packets
from cozmo_adapter.settings import CozmoSettings
from cozmo_adapter.speech.playback import Playback, Played, Spoken
from cozmo_adapter.speech.stream import FRAME_S, Picture
from robot_runtime.errors import RobotError
from robot_runtime.reach import LinkState
from robot_runtime.robot import Capabilities, Expression, Robot, RobotEvent
from robot_runtime.voice.mouth import opening_at
from robot_runtime.voice.speech import RMS_TARGET, Speech

_LOG = logging.getLogger(__name__)

EVENTS_WAITING = 64
"""Events that may wait for the runtime; when it does not come for them the oldest go."""

FELT = ("ButtonPressed", "RobotPoked", "FallingStarted", "FallingStopped", "ObjectTapped")
"""Packets that are events by themselves."""

REST_S = CALM_S + 0.3
"""How long closing waits for the calm pose."""

NEARLY_DEG = 3.0
"""So near to it is there."""

CUBES = (1, 2, 3)
"""Types of objects that are light cubes (pycozmo, `ObjectType`)."""

SEED = 2
"""Of blinks, glances and idle movements: the same at each start."""


class CozmoRobot(Robot):
    """See the module's docstring."""

    capabilities = Capabilities(name="Cozmo", moves=True, tells_sound=True)

    def __init__(
        self,
        address: tuple[str, int],
        settings: CozmoSettings,
        notice: Callable[[str], None],
        played: Played | None = None,
    ) -> None:
        """Describe the robot.

        Args:
            address: host and port.
            settings: what the user wants of it.
            notice: tells the user a line.
            played: see `RobotOptions.played`.
        """
        self._address = address
        self._settings = settings
        self._notice = notice
        self.link = Link(address, self._receive, self._changed)
        """The connection."""
        self._playback = Playback(
            self.link,
            volume=settings.volume,
            lead_in_s=settings.lead_in_s,
            patience_s=settings.patience_s,
            picture=self._picture,
            played=played,
        )
        self._motion = Motion(
            LinkMotors(self.link.send),
            SEED,
            enabled=settings.moves,
            wheels=settings.wheels,
            anywhere=settings.moves_anywhere,
        )
        self._face = Face(SEED)
        self._senses = Senses()
        self._events: asyncio.Queue[RobotEvent] = asyncio.Queue(EVENTS_WAITING)
        self._session: Session | None = None
        self._lights: BackpackLights | None = None
        self._cubes: set[int] = set()
        self._living: asyncio.Task[None] | None = None
        self._stopped = False

    async def connect(self) -> None:
        """Find the robot, wake it, and begin to live."""
        where = "{}:{}".format(*self._address)
        self._notice(f"looking for Cozmo at {where}")
        try:
            await self.link.open(self._settings.connect_s)
        except RobotError as error:
            raise RobotError(
                f"cannot reach Cozmo at {where}: {error}. Put it on its charger so that it wakes up, join its Wi-Fi "
                '("Cozmo_" and six characters; raise and lower its lift to see the password), close every other '
                "program that talks to it, and try again"
            ) from error
        self._living = asyncio.create_task(self._live())

    async def close(self) -> None:
        """Calm pose, lights out, goodbye."""
        if self._living:
            self._living.cancel()
            await asyncio.wait([self._living])
            self._living = None
            self._playback.stop()
            self._shine(BackpackLights(*[steady((0, 0, 0))] * 5))
            if self._motion.close():
                await self._come_to_rest()
        await self.link.close()

    async def _come_to_rest(self) -> None:
        """Wait for the calm pose: a robot whose client goes stops where it is."""
        for _ in range(round(REST_S / FRAME_S)):
            await asyncio.sleep(FRAME_S)
            state = self.link.telemetry
            if state is None or abs(math.degrees(state.head_rad) - CALM_DEG) < NEARLY_DEG:
                return

    async def say(self, speech: Speech, expression: Expression, on_start: Callable[[], None] = lambda: None) -> None:
        """Play speech to its end, the mouth moving with it."""
        if self._stopped:
            raise RobotError("Cozmo has been stopped; it says nothing until it is released")
        self._express(expression)
        if gesture := gesture_for(speech.text):
            self._motion.gesture(gesture)
        if not len(speech.pcm):
            on_start()
            return
        await self._playback.play(speech, on_start)

    async def express(self, expression: Expression) -> None:
        """Face, head and lights."""
        self._express(expression)

    def spoken_s(self) -> float | None:
        """By the count of what the robot says that it has played."""
        spoken = self._playback.spoken()
        return spoken[1] if spoken else None

    async def stop(self) -> None:
        """Silent and still at once, until `resume`."""
        self._stopped = True
        self._motion.stop()
        self._playback.stop()

    async def resume(self) -> None:
        """End a `stop`."""
        self._stopped = False
        self._motion.release()

    async def events(self) -> AsyncIterator[RobotEvent]:
        """What happens to the body and to the link."""
        while True:
            yield await self._events.get()

    def _express(self, expression: Expression) -> None:
        now = time.monotonic()
        self._face.express(expression, now)
        self._motion.express(expression, now)

    async def _live(self) -> None:
        """Thirty times a second: stream, motors, lights."""
        while True:
            await asyncio.sleep(FRAME_S)
            try:
                self._playback.tick()
                self._move()
                self._shine(
                    lights_for(
                        self._face.expression,
                        self._playback.speaking,
                        self.link.state is not LinkState.UP,
                        self._senses.battery,
                    )
                )
            except Exception:  # a robot that forgets to blink is better than none
                _LOG.exception("a moment of Cozmo's life failed")

    def _move(self) -> None:
        loudness = None
        if spoken := self._playback.spoken():
            speech, seconds = spoken
            first = max(0, round(seconds * speech.rate))
            window = speech.pcm[first : first + round(FRAME_S * speech.rate)] / 32768
            loudness = float(np.sqrt(np.mean(window**2))) / RMS_TARGET if len(window) else 0.0
        self._motion.speaking(loudness)
        self._motion.tick(time.monotonic(), self.link.telemetry)

    def _shine(self, lights: BackpackLights) -> None:
        if lights == self._lights:
            return
        self._lights = lights
        left, front, center, rear, right = (
            packets.LightState(**to_fields(getattr(lights, field.name))) for field in dataclasses.fields(lights)
        )
        self.link.send(
            packets.LightStateCenter(states=(front, center, rear)), packets.LightStateSide(states=(left, right))
        )

    def _picture(self, now: float, spoken: Spoken | None) -> Picture:
        return self._face.frame(now, opening_at(*spoken) if spoken else None)

    def _receive(self, packet: Any) -> None:
        now = time.monotonic()
        if isinstance(packet, packets.AnimationState):
            self._playback.stream.played(packet, now)
            self._playback.tick()
        elif isinstance(packet, packets.RobotState) and self.link.telemetry:
            self._feel(self._senses.feel(self.link.telemetry, self._motion.moving(now)))
        elif isinstance(packet, packets.ObjectAvailable):
            self._meet(packet)
        elif (name := type(packet).__name__) in FELT and getattr(packet, "pressed", True):  # not the button's release
            self._feel(self._senses.packet(name, now))

    def _meet(self, found: Any) -> None:
        """Connect a cube when it is first heard of: only connected ones tell that they are tapped."""
        if found.object_type.value in CUBES and found.factory_id not in self._cubes:
            self._cubes.add(found.factory_id)
            self.link.send(packets.ObjectConnect(factory_id=found.factory_id, connect=True))

    def _feel(self, events: list[RobotEvent]) -> None:
        for event in events:
            if self._events.full():
                self._events.get_nowait()
            self._events.put_nowait(event)

    def _changed(self, state: LinkState) -> None:
        if state is LinkState.DEGRADED:
            self._feel([RobotEvent("degraded")])
        elif state is LinkState.DOWN:
            self._playback.end()
            self._feel([RobotEvent("disconnected")])
        elif session := self.link.session:
            if self._session:
                self._feel([RobotEvent("reconnected", {"firmware": session.firmware})])
            if session is not self._session:
                self._begin(session)

    def _begin(self, session: Session) -> None:
        """Set up a robot that knows nothing of us yet."""
        self._session = session
        self._senses = Senses()
        if session.telemetry:  # how things were when the session began
            self._senses.feel(session.telemetry, moving=False)
        self._lights = None
        self._cubes.clear()
        self.link.send(packets.EnableStopOnCliff(enable=True))
        self._playback.begin()

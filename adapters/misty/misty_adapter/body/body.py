"""What can be seen of Misty: face, light, head and arms, each brought to what it should be, one command at a time.

Nothing here waits for the robot but `live`, which compares what should be seen with what the robot has taken, and sends
the most urgent difference. A face or light that fails is a difference that stays, but the least urgent one: a picture
that somebody has deleted must not keep the head from moving. A movement that fails is left out; there will be another.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from misty_adapter.body.faces import Faces
from misty_adapter.body.lights import command as light_command
from misty_adapter.body.lights import light_for
from misty_adapter.body.motion import Command, Motion
from misty_adapter.clock import Clock
from misty_adapter.connection.capabilities import Firmware
from misty_adapter.connection.client import CallError, Client
from robot_runtime.robot import Expression
from robot_runtime.voice.mouth import opening_at
from robot_runtime.voice.speech import Speech

TICK_S = 0.1
"""How often differences are looked for."""

MOUTH_S = 0.25
"""Least time between two pictures of a mouth that speaks: four in a second."""

SHORT_S = 0.12
"""Round trip up to which the mouth follows the words; over a slower network it just stays open."""

FAILED_S = 0.5
"""Pause after a command that failed."""

BLINK_EVERY_S, BLINK_S = 4.0, 0.2
"""From blink to blink, and how long one is, where the firmware cannot blink in our way. People blink every 3 to 5 s."""


class Body:
    """See the module's docstring."""

    def __init__(
        self,
        client: Client,
        firmware: Firmware,
        faces: Faces,
        motion: Motion,
        clock: Clock,
        spoken: Callable[[], tuple[Speech, float] | None],
    ) -> None:
        """Show a neutral face, as soon as `live` runs.

        Args:
            client: gives commands.
            firmware: what can be commanded.
            faces: pictures, which the robot has.
            motion: head and arms.
            clock: the time.
            spoken: what is being spoken, and how many seconds of it have been heard.
        """
        self._client = client
        self._firmware = firmware
        self._faces = faces
        self._motion = motion
        self._clock = clock
        self._spoken = spoken
        self._wake = asyncio.Event()
        self._face: Command | None = None
        self._light: Command | None = None
        self._due: list[Callable[[float], Command | None]] = [self._face_due, self._light_due, self._motion.due]
        self._mouth_at = 0.0
        self.expression = Expression.NEUTRAL
        """What the face shows."""
        self.degraded = False
        """The link is bad, as the light tells."""
        self.here = True
        """The robot can be reached; while it cannot, nothing is sent."""

    def express(self, expression: Expression) -> None:
        """Show it soon."""
        self.expression = expression
        self._motion.express(expression)
        self._wake.set()

    def forget(self) -> None:
        """The robot restarted: nobody knows what it shows."""
        self._face = self._light = None
        self._motion.forget()
        self._wake.set()

    async def live(self) -> None:
        """Send differences until cancelled."""
        while True:
            command = self._difference() if self.here else None
            if command is None:
                self._wake.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(TICK_S):
                        await self._wake.wait()
                continue
            path, fields = command
            try:
                await self._client.post(path, **fields)
            except CallError:
                self._failed(command)
                await asyncio.sleep(FAILED_S)

    def _difference(self) -> Command | None:
        now = self._clock.now()
        return next((command for due in self._due if (command := due(now))), None)

    def _failed(self, command: Command) -> None:
        if command == self._face:
            self._face, last = None, self._face_due
        elif command == self._light:
            self._light, last = None, self._light_due
        else:
            return
        self._due.remove(last)
        self._due.append(last)

    def _face_due(self, now: float) -> Command | None:
        face = ("images/display", {"FileName": self._picture(now), "Alpha": 1.0})
        if face == self._face:
            return None
        self._face = face
        return face

    def _light_due(self, now: float) -> Command | None:
        transitions = self._firmware.has("led/transition")
        light = light_command(light_for(self.expression, self._spoken() is not None, self.degraded), transitions)
        if light == self._light:
            return None
        self._light = light
        return light

    def _picture(self, now: float) -> str:
        faces, expression = self._faces, self.expression
        if spoken := self._spoken():
            if self._client.round_trip_s > SHORT_S:
                return faces.face(expression, 1.0)
            if now - self._mouth_at < MOUTH_S and self._face:
                return str(self._face[1]["FileName"])
            self._mouth_at = now
            return faces.face(expression, opening_at(*spoken))
        blinks = not self._firmware.has("blink/settings") and now % BLINK_EVERY_S < BLINK_S
        if blinks and expression in faces.shut:
            return faces.shut[expression]
        return faces.rest[expression]

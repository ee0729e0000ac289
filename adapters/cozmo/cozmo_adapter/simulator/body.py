"""The robot behind the link: takes commands, lives through time, and says how it is."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

from cozmo_adapter.simulator import packets
from cozmo_adapter.simulator.camera import Camera
from cozmo_adapter.simulator.commands import COMMANDS
from cozmo_adapter.simulator.cubes import Cubes
from cozmo_adapter.simulator.lamps import Backpack
from cozmo_adapter.simulator.motors import Motors
from cozmo_adapter.simulator.packets import Message, PacketError
from cozmo_adapter.simulator.screen import Screen
from cozmo_adapter.simulator.senses import Senses
from cozmo_adapter.simulator.speaker import FULL_VOLUME, STREAMED, Speaker
from cozmo_adapter.simulator.state import robot_state
from robot_runtime.simulation.recording import Recording

BODY_SERIAL = 0x45A1B2C3
"""Serial number of the body; a client takes 0 for a robot that is not there."""

_CALIBRATION_S = 0.4
"""How long the motors take to find their ends. An estimate."""

_BUTTON_S = 0.2
"""How long a press of the button lasts."""

_LIFT, _HEAD = 2, 3
"""Motor numbers."""

_UNRECORDED = ("OutputAudio", "OutputSilence", "DisplayImage")
"""Streams; what they do is recorded where it happens."""


class Body:
    """Everything that a reboot forgets, in the situation that it does not."""

    def __init__(
        self,
        senses: Senses,
        recording: Recording,
        counters: Counter[str],
        *,
        frame_rate: float,
        send: Callable[[bytes], None],
        on_command: Callable[[Message], None] = lambda message: None,
    ) -> None:
        """Boot.

        Args:
            senses: the situation of the robot.
            recording: where to note what happens.
            counters: gets packets that were `unknown` or `malformed`, or had `nonsense` for a number, and `bad_images`.
            frame_rate: animation frames per second that the loudspeaker plays.
            send: sends a command to the client, reliably.
            on_command: is shown every command that is understood.
        """
        self.senses = senses
        self.speaker: Speaker = Speaker(recording, counters, frame_rate)
        self.screen: Screen = Screen(recording)
        self.motors: Motors = Motors()
        self.backpack: Backpack = Backpack()
        self.cubes: Cubes = Cubes()
        self.camera: Camera = Camera()
        self.now: float = 0.0
        """Seconds since boot."""
        self.stops_at_cliff = True
        """The wheels stop where an edge comes."""
        self._recording = recording
        self._counters = counters
        self._send = send
        self._on_command = on_command
        self._spoke = False
        self._button_s = 0.0
        self.forget()

    @property
    def timestamp(self) -> int:
        """Milliseconds, as the client has set them."""
        return round((self.now - self._time_zero) * 1e3) & 0xFFFFFFFF

    def forget(self) -> None:
        """A client comes or goes: still, and nothing enabled."""
        self.motors.halt()
        self.speaker.clear()
        self.camera.switch(False)
        self._enabled = self._streams = False
        self._calibrating: list[int] = []
        self._calibrated_at = 0.0
        self._time_zero = self.now
        self._frame = self._origin = 0

    def send(self, name: str, **fields: Any) -> None:
        """Send a command to the client."""
        self._send(packets.build(name, **fields))

    def obey(self, body: bytes) -> None:
        """Take a command as it came; nothing in it can do harm."""
        try:
            message = packets.parse(body)
        except PacketError as error:
            kind = "unknown" if isinstance(error, packets.UnknownPacket) else "malformed"
            self._counters[kind] += 1
            self._recording.event(kind, body=body.hex(), why=str(error))
            return
        if not all(math.isfinite(value) for value in message.fields.values() if isinstance(value, float)):
            self._counters["nonsense"] += 1
            return
        self._on_command(message)
        if message.name not in _UNRECORDED:
            self._recording.event("command", name=message.name, **_plain(message))
        if message.name in STREAMED:
            self.speaker.take(message, len(body))
        else:
            self._do(message)

    def advance(self, dt: float) -> list[bytes]:
        """Let time pass.

        Args:
            dt: seconds.

        Returns:
            Bodies of the unreliable packets of this moment: how the robot is, cubes, camera.
        """
        self.now += dt
        self.senses.advance(dt)
        self.motors.advance(dt)
        self.screen.advance(dt)
        for message in self.speaker.advance(dt):
            self._do(message)
        self._note_speech()
        self._finish(dt)
        events = []
        if self._streams:
            state = robot_state(self.timestamp, self._frame, self._origin, self.motors, self.senses, self.speaker)
            self.senses.tapped = False
            events.append(state)
        if self.speaker.enabled:
            events.append(self.speaker.state(self.timestamp))
        if self._streams:
            events += self.cubes.advance(dt)
            events += self.camera.advance(dt, self.timestamp)
        return events

    def enable(self) -> None:
        """Calibrate the motors and introduce the body, the first time that a client asks."""
        if not self._enabled:
            self._enabled = True
            self.calibrate(head=True, lift=True)
            self.send("BodyInfo", serial_number=BODY_SERIAL, body_hw_version=5, body_color=2)

    def enable_animations(self) -> None:
        """Play what is streamed, and report on it."""
        self.speaker.enabled = self._enabled

    def calibrate(self, *, head: bool, lift: bool) -> None:
        """Drive motors to their lower ends."""
        self._calibrating = [motor for motor, wanted in ((_LIFT, lift), (_HEAD, head)) if wanted]
        self._calibrated_at = self.now + _CALIBRATION_S
        for motor in self._calibrating:
            self.send("MotorCalibration", motor_id=motor, calib_started=True, auto_started=False)
            (self.motors.head if motor == _HEAD else self.motors.lift).go(-math.inf)

    def set_time(self, timestamp: int) -> None:
        """Count milliseconds from here, and stream the state."""
        self._time_zero = self.now - timestamp / 1e3
        self._streams = self._enabled

    def set_origin(self, frame: int, origin: int, x: float, y: float) -> None:
        """Count positions (mm) from here."""
        self._frame, self._origin = frame, origin
        self.motors.wheels.place(x, y)

    def show(self, image: bytes) -> None:
        """Show a picture."""
        if not self.screen.show(image):
            self._counters["bad_images"] += 1

    def connect_cube(self, message: Message) -> None:
        """ObjectConnect."""
        state = self.cubes.connect(message)
        if state:
            self._send(state)

    def tap_cube(self) -> None:
        """Somebody taps the first connected cube; nothing comes of it when none is connected."""
        tapped = self.cubes.tap(self.timestamp)
        if tapped:
            self._send(tapped)

    def reach_cliff(self) -> None:
        """Come to an edge."""
        self.senses.cliff = True
        if self.stops_at_cliff:
            self.motors.wheels.halt()

    def press_button(self) -> None:
        """Somebody presses the button on the back, for a moment."""
        self.send("ButtonPressed", pressed=True)
        self._button_s = _BUTTON_S

    def _do(self, message: Message) -> None:
        act = COMMANDS.get(message.name)
        if act is not None:
            act(self, message)

    def _finish(self, dt: float) -> None:
        """End what lasts a while."""
        if self._button_s > 0:
            self._button_s -= dt
            if self._button_s <= 0:
                self.send("ButtonPressed", pressed=False)
        if self._calibrating and self.now >= self._calibrated_at:
            for motor in self._calibrating:
                self.send("MotorCalibration", motor_id=motor, calib_started=False, auto_started=False)
            self._calibrating = []

    def _note_speech(self) -> None:
        if self.speaker.speaking != self._spoke:
            self._spoke = self.speaker.speaking
            volume = round(self.speaker.volume / FULL_VOLUME, 3)
            self._recording.event("speech_began" if self._spoke else "speech_ended", volume=volume)


def _plain(message: Message) -> dict[str, Any]:
    fields = ((name, value.hex() if isinstance(value, bytes) else value) for name, value in message.fields.items())
    return dict(fields)

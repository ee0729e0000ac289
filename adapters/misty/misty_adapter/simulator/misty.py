"""The simulated robot without its network: all parts, and what it tells about itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from misty_adapter.simulator.assets import AssetStore
from misty_adapter.simulator.body import Body
from misty_adapter.simulator.ears import Ears
from misty_adapter.simulator.firmware import Firmware
from misty_adapter.simulator.lights import Colour, Lights
from misty_adapter.simulator.loudspeaker import Loudspeaker
from misty_adapter.simulator.player import Player
from misty_adapter.simulator.power import Power
from misty_adapter.simulator.screen import Screen
from misty_adapter.simulator.speech import Speech
from misty_adapter.simulator.streaming import Streaming
from misty_adapter.simulator.world import World

TOUCH_POSITIONS = ("Chin", "HeadLeft", "HeadRight", "HeadBack", "HeadFront", "Scruff")
"""Where Misty can be touched, as events call it."""

BUMPERS = ("bfr", "bfl", "brr", "brl")
"""Front right, front left, rear right, rear left."""


class Misty:
    """A Misty II that has booted."""

    def __init__(
        self, world: World, firmware: Firmware, assets: AssetStore, hear: Path | None, seed: int, host: str
    ) -> None:
        """Put the parts together; the assets outlive a reboot, and live streams are served at `host`."""
        self.world = world
        self.firmware = firmware
        self.assets = assets
        self.loudspeaker = Loudspeaker(world)
        self.player = Player(world, self.loudspeaker)
        self.speech = Speech(world, self.loudspeaker)
        self.ears = Ears(world, assets, hear)
        self.streaming = Streaming(world, self.ears, host, lambda: self.speaking)
        self.body = Body(world)
        self.lights = Lights()
        self.screen = Screen(world, assets, seed)
        self.power = Power()
        self.updating = False
        """It is being updated, and takes no command but halt and stop."""
        self.touched: set[str] = set()
        """Of TOUCH_POSITIONS, where somebody touches it."""
        self.bumped: set[str] = set()
        """Of BUMPERS, which are pressed."""
        self.face: dict[str, Any] | None = None
        """The face it sees: personName, bearing, elevation, distance."""
        self.seeing: set[str] = set()
        """`detection` and `recognition`, when they run."""
        self.services = {"audio": True, "camera": True, "avstreaming": False}
        self.serial: list[str] = []
        """What came through the serial port."""
        self.reboot_asked = False
        """Somebody has asked for a reboot."""

    @property
    def speaking(self) -> bool:
        """It plays a sound, or speaks."""
        return self.player.sound is not None or bool(self.speech.saying)

    @property
    def led(self) -> Colour:
        """What the LED shows at this moment."""
        return self.lights.shining(self.world.clock.now(), self.ears.listening, self.power.charging)

    def touch(self, position: str, contact: bool) -> None:
        """Touch a place, or let go of it."""
        (self.touched.add if contact else self.touched.discard)(position)
        message = {"isContacted": contact, "sensorId": "cap", "sensorPosition": position}
        self.world.publish("TouchSensor", message)

    def bump(self, sensor: str, contact: bool) -> None:
        """Press a bumper, or let go of it."""
        (self.bumped.add if contact else self.bumped.discard)(sensor)
        self.world.publish("BumpSensor", {"isContacted": contact, "sensorId": sensor})

    def halt(self, motor_mask: int) -> None:
        """Stop all motors."""
        self.body.halt()
        self.world.publish("HaltCommand", {"motorMask": motor_mask})

    def sample(self, type: str) -> list[dict[str, Any]]:
        """The messages of a streamed event type at this moment, one for each sensor that has something to say."""
        match type:
            case "ActuatorPosition":
                return [{"sensorId": sensor, "value": value} for sensor, value in self.body.positions().items()]
            case "BatteryCharge":
                return [self.power.message()]
            case "DriveEncoders":
                return [{**self.body.encoders(), "sensorId": "enc"}]
            case "FaceRecognition":
                return [self._face()] if self.face is not None and self.seeing else []
            case "IMU":
                still = dict.fromkeys(("pitch", "roll", "yaw", "pitchVelocity", "rollVelocity", "yawVelocity"), 0.0)
                return [
                    {**still, "xAcceleration": 0.0, "yAcceleration": 0.0, "zAcceleration": -9.81, "sensorId": "imu"}
                ]
            case "SelfState":
                return [self._self_state()]
            case "SourceTrackDataMessage":
                return [_SOURCE] if self.ears.recording is not None else []
            case _:
                return [
                    {"distanceInMeters": 2.0, "sensorId": sensor, "status": 0, "type": "Range"}
                    for sensor in ("toffr", "toffl", "toffc", "tofr")
                ]

    def _face(self) -> dict[str, Any]:
        assert self.face is not None
        known = "recognition" in self.seeing
        return {**self.face, "personName": self.face["personName"] if known else None, "sensorId": "cv", "trackId": 0}

    def _self_state(self) -> dict[str, Any]:
        power = self.power.message()
        return {
            "battery": power,
            "batteryChargePercent": power["chargePercent"],
            "batteryVoltage": power["voltage"],
            "bumpedState": sorted(self.bumped),
            "cameraStatus": "Enabled" if self.services["camera"] else "Disabled",
            "isConnected": True,
            "localIPAddress": "127.0.0.1",
            "robotRunState": "Updating" if self.updating else "Running",
            "sensorId": None,
            "touchedState": sorted(self.touched),
        }


_SOURCE = {
    "degreeOfArrivalNoise": [0, 0, 0],
    "degreeOfArrivalSpeech": 90,
    "sensorId": "mic",
    "voiceActivityPolar": [0] * 360,
    "voiceActivitySectors": [True, False, False, False],
}
"""Somebody speaks in front of it."""

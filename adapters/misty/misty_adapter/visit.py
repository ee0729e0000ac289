"""What a Misty is told when we come and when we go, and which of its events we want to know."""

from __future__ import annotations

from misty_adapter.body.faces import Faces
from misty_adapter.body.lights import DIM
from misty_adapter.body.lights import command as light_command
from misty_adapter.body.motion import Command, calm
from misty_adapter.connection.capabilities import Firmware
from misty_adapter.hearing.capture import CAPTURE
from misty_adapter.hearing.capture import EVENT as CAPTURED
from misty_adapter.settings import MistySettings
from robot_runtime.robot import Expression

FACE_MS = 500
"""DebounceMs of FaceRecognition: the head turns no more often than that."""


def subscriptions(settings: MistySettings, firmware: Firmware) -> dict[str, int]:
    """DebounceMs of the types of events that these settings need, beside those that are always wanted.

    Raises:
        RobotError: the firmware lacks what was asked for.
    """
    wanted = {}
    if settings.ears == "capture" and firmware.has(CAPTURE):
        wanted[CAPTURED] = 0
    if settings.gaze and firmware.has("faces/recognition/start"):
        wanted["FaceRecognition"] = FACE_MS
    if settings.key_phrase:
        firmware.require("audio/keyphrase/start", "key_phrase = true")
        wanted["KeyPhraseRecognized"] = 0
    return wanted


def coming(settings: MistySettings, faces: Faces) -> list[Command]:
    """Commands to a robot that knows nothing of us yet; the robot has the faces."""
    commands: list[Command] = [
        ("skills/cancel", {}),
        ("notification/settings", {"LedEnabled": False}),
        ("blink/settings", {"BlinkImages": faces.blink_images()}),
        ("blink", {"Blink": True}),
    ]
    if settings.voice == "robot":
        commands.append(("audio/volume", {"Volume": round(100 * settings.volume)}))
    if settings.gaze:
        commands.append(("faces/recognition/start", {}))
    if settings.key_phrase:
        commands.append(("audio/keyphrase/start", {}))
    return commands


def going(settings: MistySettings, faces: Faces, moves: bool) -> list[Command]:
    """Commands that leave it calm, with its own light signals on; `moves` takes the calm pose too."""
    commands: list[Command] = [
        ("images/display", {"FileName": faces.rest[Expression.NEUTRAL], "Alpha": 1.0}),
        light_command(DIM, transitions=False),
        *(calm() if moves else ()),
    ]
    if settings.gaze:
        commands.append(("faces/recognition/stop", {}))
    if settings.key_phrase:
        commands.append(("audio/keyphrase/stop", {}))
    return [*commands, ("notification/settings", {"RevertToDefault": True})]

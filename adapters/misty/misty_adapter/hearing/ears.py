"""Which ears a Misty listens with: as its settings say, as far as its firmware goes."""

from __future__ import annotations

from collections.abc import Callable

from misty_adapter.clock import Clock
from misty_adapter.connection.capabilities import Firmware
from misty_adapter.connection.client import Client
from misty_adapter.hearing.capture import CAPTURE, Ears
from misty_adapter.hearing.streaming import PORT, StreamingEar
from misty_adapter.settings import MistySettings

AnyEars = Ears | StreamingEar
"""Both are opened and closed, and have a gate that is closed while the robot speaks; what is heard differs."""


def ears_of(
    settings: MistySettings, firmware: Firmware, client: Client, host: str, clock: Clock, captured: Callable[[], None]
) -> AnyEars | None:
    """The ears, None when there are to be none, or when the firmware cannot capture.

    Args:
        settings: what is wanted.
        firmware: what can be.
        client: gives commands.
        host: of the robot.
        clock: the robot's time.
        captured: called after each capture.

    Raises:
        RobotError: the firmware cannot stream, as was asked for.
    """
    if settings.ears == "stream":
        firmware.require("avstreaming/start", "ears = 'stream'")
        return StreamingEar(client, host, PORT)
    if settings.ears == "capture" and firmware.has(CAPTURE):
        return Ears(client, clock, captured)
    return None

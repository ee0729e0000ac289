"""Which commands a Misty has: they differ by firmware, and nobody has written down how, so the profiles are sources."""

from __future__ import annotations

from dataclasses import dataclass

from robot_runtime.errors import SettingsError


@dataclass(frozen=True)
class Firmware:
    """One state of the firmware."""

    name: str
    source: str
    """Where the difference is known from."""
    version: str
    """What `GET device` tells (of the year; the exact number is ours)."""
    lacks: frozenset[str] = frozenset()
    """Names of commands that it does not have."""


_VOSK = {"CaptureSpeechVosk", "StartKeyPhraseRecognitionVosk"}

FIRMWARES = {
    firmware.name: firmware
    for firmware in (
        Firmware(
            "sdk-2022",
            "the robot from which the vendor's Python SDK 0.2.0 of April 2022 was generated",
            "2.0.3",
            frozenset(_VOSK),
        ),
        Firmware(
            "docs-2021",
            "the documentation of December 2021",
            "2.0.1",
            frozenset({"GetVolume", "CaptureSpeechGoogle"}),
        ),
        Firmware(
            "early-2019",
            "what a client of 2019 calls: no voice of its own, no capture of speech, no layers",
            "1.0.0",
            frozenset(
                {
                    *_VOSK, "GetVolume", "CaptureSpeechGoogle", "CaptureSpeech", "CaptureSpeechAzure",
                    "Speak", "StopSpeaking", "SetImageDisplaySettings", "SetTextDisplaySettings", "DisplayText",
                    "SetDisplaySettings", "DisplayVideo", "DisplayWebView", "MoveArms", "SetNotificationSettings",
                }
            ),
        ),
    )
}  # fmt: skip
"""By name; the first is the default."""

DEFAULT = "sdk-2022"
"""The default's name."""


def find_firmware(name: str) -> Firmware:
    """The firmware of that name.

    Raises:
        SettingsError: there is none.
    """
    try:
        return FIRMWARES[name]
    except KeyError:
        raise SettingsError(f"there is no Misty firmware {name!r}: choose one of {', '.join(FIRMWARES)}") from None

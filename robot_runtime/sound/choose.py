"""Which loudspeaker this machine plays on."""

from __future__ import annotations

import logging
from collections.abc import Callable

from robot_runtime.errors import MissingExtraError, SettingsError
from robot_runtime.sound.outputs import MiniaudioOutput, Output, OutputFailed, SounddeviceOutput, list_outputs
from robot_runtime.sound.speaker import DeviceSpeaker, NullSpeaker, Speaker

_LOG = logging.getLogger(__name__)
_PROBE_RATE_HZ = 22050
"""Speech has this rate with both engines on Linux; outputs are checked with it."""
OTHERS: dict[str, Callable[[], Output]] = {}
"""Loudspeakers that are no device of this computer, by name: that of the acoustic stand, while a talk goes on there."""


def open_speaker(
    device: str | None = None,
    *,
    paced: bool = False,
    on_notice: Callable[[str], None] = _LOG.warning,
) -> tuple[Speaker, str | None]:
    """Return a speaker, and one line for the user when it will not be heard although they may expect it.

    Args:
        device: None for the default device, a name out of `list_outputs`, `none` for no sound, or `null` for
            miniaudio's device that takes sound in real time and drops it.
        paced: whether a missing device takes the time that the sound would take.
        on_notice: told in one line when a device fails later, or comes back.

    Raises:
        SettingsError: no device has that name.
        MissingExtraError: a device was asked for by name and the extra `sound` is not installed.
    """
    if device == "none":
        return NullSpeaker(paced=paced), None
    if device in OTHERS:
        return DeviceSpeaker(OTHERS[device](), on_notice), None
    attempts: list[Callable[[], Output]] = [
        lambda: SounddeviceOutput(device, _PROBE_RATE_HZ),
        lambda: MiniaudioOutput(device, _PROBE_RATE_HZ),
    ]
    if device == "null":
        attempts = [lambda: MiniaudioOutput(None, _PROBE_RATE_HZ, null=True)]
    installed = False
    for attempt in attempts:
        try:
            return DeviceSpeaker(attempt(), on_notice), None
        except ImportError:
            continue
        except OutputFailed:
            installed = True
    if not installed:
        missing = MissingExtraError("Sound", "sound")
        if device is not None:
            raise missing
        return NullSpeaker(paced=paced), f"No sound, only text. {missing}"
    if device is not None:
        names = ", ".join(map(repr, list_outputs())) or "none was found"
        raise SettingsError(f"There is no sound output {device!r}: choose 'none' or one of these: {names}.")
    return NullSpeaker(paced=paced), "No sound, only text: this machine has no sound output."

"""The two libraries for sound, imported when they are needed and without their noise."""

from __future__ import annotations

import ctypes
import sys
from typing import Any


class PortAudioMissing(Exception):
    """sounddevice is installed, but the system has no PortAudio for it."""


def load_sounddevice() -> Any:
    """Import sounddevice; raises `ImportError` or `PortAudioMissing`."""
    _silence_alsa()
    try:
        import sounddevice
    except OSError as error:
        raise PortAudioMissing(str(error)) from error
    return sounddevice


def load_miniaudio() -> Any:
    """Import miniaudio; raises `ImportError`."""
    _silence_alsa()
    import miniaudio

    return miniaudio


_say_nothing = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p)(
    lambda file, line, function, error, form: None
)
"""An error handler for ALSA: what matters reaches us as a return code. It must live as long as the process."""


def _silence_alsa() -> None:
    """Keep ALSA from writing dozens of lines to standard error while a machine without a sound card is probed."""
    if sys.platform != "linux":
        return
    try:
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(_say_nothing)
    except OSError:
        return  # no ALSA, nothing to silence

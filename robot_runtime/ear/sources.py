"""Where the ear gets its sound from."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Protocol

from robot_runtime.ear.blocks import Block
from robot_runtime.ear.file_source import FileSource
from robot_runtime.ear.inputs import Input, InputFailed, MiniaudioInput, SounddeviceInput, list_inputs
from robot_runtime.ear.microphone import Microphone
from robot_runtime.errors import MissingExtraError, SettingsError

_LOG = logging.getLogger(__name__)


class Source(Protocol):
    """Something that can be listened to, once."""

    @property
    def name(self) -> str:
        """Device or file, for the user and the session record."""

    @property
    def waiting(self) -> int:
        """Samples that have arrived and were not yielded yet."""

    def blocks(self) -> AsyncGenerator[Block, None]:
        """Yield the sound, numbered from 0 on; ends with the source. Never raises for a device's sake."""

    def hold(self, held: bool) -> None:
        """The robot speaks, or has ended to: who speaks from a script waits for that."""

    async def close(self) -> None:
        """End `blocks` and let go of the device; harmless when repeated."""


def open_source(
    hear: Path | None = None,
    microphone: str | None = None,
    *,
    realtime: bool = True,
    on_notice: Callable[[str], None] = _LOG.warning,
) -> Source:
    """Return what is listened to.

    Args:
        hear: a WAV file or a folder with WAV files; None for a microphone.
        microphone: None for the default device, a name out of `list_inputs`, or `null` for miniaudio's device that
            gives silence in real time.
        realtime: whether files take the time that the sound takes.
        on_notice: told in one line when a microphone fails later, or comes back.

    Raises:
        SettingsError: no such file or device, or no device at all.
        MissingExtraError: the extra `listen` is not installed.
    """
    if hear is not None:
        return FileSource(hear, realtime=realtime)
    attempts: list[Callable[[], Input]] = [lambda: SounddeviceInput(microphone), lambda: MiniaudioInput(microphone)]
    if microphone == "null":
        attempts = [lambda: MiniaudioInput(None, null=True)]
    installed = False
    for attempt in attempts:
        try:
            return Microphone(attempt(), on_notice)
        except ImportError:
            continue
        except InputFailed:
            installed = True
    if not installed:
        raise MissingExtraError("Listening", "listen")
    names = ", ".join(map(repr, list_inputs()))
    if not names:
        raise SettingsError("This machine has no microphone: plug one in, or hear a WAV file.")
    raise SettingsError(f"There is no microphone {microphone!r}: choose one of these: {names}.")

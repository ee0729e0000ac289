"""The two ways to a microphone: PortAudio through `sounddevice`, and `miniaudio`, which needs no system library.

Every method here blocks for milliseconds and runs in the microphone's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from robot_runtime.sound import portaudio
from robot_runtime.sound.libraries import PortAudioMissing, load_miniaudio, load_sounddevice

Take = Callable[[NDArray[np.int16]], None]
"""Called in the device's own thread with samples of shape (n, channels)."""

_PERIOD_MS = 20
"""How much a device gives at a time."""
_LATENCY_S = 0.05
"""What PortAudio may hold: two periods, and some for a thread that comes late beside a language model."""
_MINIAUDIO_RATE_HZ = 48000
"""What nearly all devices run at; miniaudio converts for the others."""


class InputFailed(Exception):
    """A device cannot be opened; the microphone turns it into a notice."""


class Input(Protocol):
    """One microphone."""

    @property
    def name(self) -> str:
        """Library and device, for the user."""

    def start(self, take: Take) -> int:
        """Open the device, let it give to `take`, and return its rate in Hz; raises `InputFailed`."""

    def stop(self) -> None:
        """Stop at once and close the device; harmless when it is not open."""


class SounddeviceInput:
    """A microphone through PortAudio."""

    def __init__(self, device: str | None) -> None:
        """Find the device; None is the default one.

        Raises:
            ImportError: sounddevice is not installed.
            InputFailed: PortAudio is missing, or there is no such device.
        """
        try:
            self._sd = load_sounddevice()
            found = self._sd.query_devices(device, "input")
        except PortAudioMissing as error:
            raise InputFailed(str(error)) from error
        except (ValueError, self._sd.PortAudioError) as error:
            raise InputFailed(str(error)) from error
        self._device = device
        self._stream: Any = None
        self._failed = False
        self.name = f"{found['name']} (sounddevice)"

    def start(self, take: Take) -> int:
        """See `Input.start`."""

        def callback(data: Any, frames: int, time: Any, status: Any) -> None:
            take(np.frombuffer(bytes(data), np.int16).reshape(frames, -1))

        try:
            if self._failed and not portaudio.look_again(self._sd, take_away=False):
                raise InputFailed("the loudspeaker is playing")
            found = self._sd.query_devices(self._device, "input")
            rate = int(found["default_samplerate"])
            self._stream = portaudio.open_stream(
                lambda: self._sd.RawInputStream(
                    rate,
                    device=self._device,
                    channels=min(found["max_input_channels"], 2),
                    dtype="int16",
                    blocksize=rate * _PERIOD_MS // 1000,
                    latency=_LATENCY_S,
                    callback=callback,
                )
            )
        except (ValueError, self._sd.PortAudioError) as error:
            raise InputFailed(str(error)) from error
        return rate

    def stop(self) -> None:
        """See `Input.stop`."""
        stream, self._stream = self._stream, None
        if stream is not None:
            portaudio.close_stream(stream)


class MiniaudioInput:
    """A microphone through miniaudio, or its null device, which gives silence in real time."""

    def __init__(self, device: str | None, *, null: bool = False) -> None:
        """Open and close the device (None: the default) to make sure that it is there.

        Raises:
            ImportError: miniaudio is not installed.
            InputFailed: there is no such device, or none at all.
        """
        self._miniaudio = load_miniaudio()
        backend = self._miniaudio.Backend
        self._backends = [backend.NULL] if null else [b for b in backend if b not in (backend.NULL, backend.CUSTOM)]
        self._device = device
        self._capturing: Any = None
        self.name = f"{'null' if null else device or 'default'} (miniaudio)"
        self._open().close()

    def start(self, take: Take) -> int:
        """See `Input.start`."""

        def samples() -> Generator[None, bytes, None]:
            while True:
                take(np.frombuffer((yield), np.int16).reshape(-1, 1))

        generator = samples()
        next(generator)
        self._capturing = self._open()
        try:
            self._capturing.start(generator)
        except self._miniaudio.MiniaudioError as error:
            raise InputFailed(str(error)) from error
        return _MINIAUDIO_RATE_HZ

    def stop(self) -> None:
        """See `Input.stop`."""
        capturing, self._capturing = self._capturing, None
        if capturing is not None:
            capturing.close()

    def _open(self) -> Any:
        """Return the opened device, not yet started."""
        m = self._miniaudio
        try:
            return m.CaptureDevice(
                input_format=m.SampleFormat.SIGNED16,
                nchannels=1,
                sample_rate=_MINIAUDIO_RATE_HZ,
                buffersize_msec=_PERIOD_MS,
                device_id=self._device_id(),
                backends=self._backends,
            )
        except m.MiniaudioError as error:
            raise InputFailed(str(error)) from error

    def _device_id(self) -> Any:
        """Miniaudio's handle for the device of that name, None for the default one."""
        if self._device is None:
            return None
        for found in self._miniaudio.Devices(self._backends).get_captures():
            if found["name"] == self._device:
                return found["id"]
        raise InputFailed(f"no microphone is called {self._device!r}")


def list_inputs() -> list[str]:
    """Return the names of all microphones, PortAudio's first; empty when there is none or no library."""
    names: list[str] = []
    try:
        sd = load_sounddevice()
        apis = [api["name"] for api in sd.query_hostapis()]
        names += [f"{d['name']}, {apis[d['hostapi']]}" for d in sd.query_devices() if d["max_input_channels"]]
    except (ImportError, PortAudioMissing):
        pass
    try:
        MiniaudioInput(None)
        names += [found["name"] for found in load_miniaudio().Devices().get_captures()]
    except (ImportError, InputFailed):
        pass
    return list(dict.fromkeys(names))

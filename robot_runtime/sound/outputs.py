"""The two ways to a loudspeaker: PortAudio through `sounddevice`, and `miniaudio`, which needs no system library.

Every method here blocks for milliseconds and runs in the sound thread.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Protocol

from robot_runtime.sound import portaudio
from robot_runtime.sound.feed import Feed
from robot_runtime.sound.libraries import PortAudioMissing, load_miniaudio, load_sounddevice

_PERIOD_MS = 20
"""How much miniaudio asks for at a time; with three of them in flight it is 60 ms behind."""
_PERIODS = 3
_LATENCY_S = 0.04
"""What PortAudio is asked to hold. Its own `low` is 9 ms, too little beside a language model on two cores."""


class OutputFailed(Exception):
    """A device that was there cannot be opened, or no longer plays; the speaker turns it into a notice."""


class Output(Protocol):
    """One loudspeaker."""

    @property
    def name(self) -> str:
        """Library and device, for the user."""

    def start(self, feed: Feed, rate: int) -> None:
        """Open the device at `rate` Hz, mono, and let it take from `feed`; raises `OutputFailed`."""

    def stop(self) -> None:
        """Stop at once and close the device; harmless when it is not open."""


class SounddeviceOutput:
    """A loudspeaker through PortAudio."""

    def __init__(self, device: str | None, rate: int) -> None:
        """Find the device (None: the default) and make sure that it takes mono 16-bit sound at `rate` Hz.

        Raises:
            ImportError: sounddevice is not installed.
            OutputFailed: PortAudio is missing, there is no such device, or it does not take the format.
        """
        try:
            self._sd = load_sounddevice()
        except PortAudioMissing as error:
            raise OutputFailed(str(error)) from error
        self._device = device
        self._stream: Any = None
        self._failed = False
        try:
            found = self._sd.query_devices(device, "output")
            self._sd.check_output_settings(device, channels=1, dtype="int16", samplerate=rate)
        except (ValueError, self._sd.PortAudioError) as error:
            raise OutputFailed(str(error)) from error
        self.name = f"{found['name']} (sounddevice)"

    def start(self, feed: Feed, rate: int) -> None:
        """See `Output.start`."""

        def callback(data: Any, frames: int, time: Any, status: Any) -> None:
            data[:] = feed.take(frames)

        def prepare() -> Any:
            stream = self._sd.RawOutputStream(
                rate, device=self._device, channels=1, dtype="int16", latency=_LATENCY_S, callback=callback
            )
            feed.tail = int(stream.latency * rate)
            return stream

        try:
            if self._failed:  # a microphone that loses its stream to this opens it again by itself
                portaudio.look_again(self._sd, take_away=True)
            self._stream = portaudio.open_stream(prepare)
            self._failed = False
        except (ValueError, self._sd.PortAudioError) as error:
            self._failed = True
            raise OutputFailed(str(error)) from error

    def stop(self) -> None:
        """See `Output.stop`."""
        stream, self._stream = self._stream, None
        if stream is not None:
            portaudio.close_stream(stream)


class MiniaudioOutput:
    """A loudspeaker through miniaudio, or its null device, which takes samples in real time and drops them."""

    def __init__(self, device: str | None, rate: int, *, null: bool = False) -> None:
        """Open and close the device (None: the default) to make sure that it is there.

        Raises:
            ImportError: miniaudio is not installed.
            OutputFailed: there is no such device, or none at all.
        """
        self._miniaudio = load_miniaudio()
        backend = self._miniaudio.Backend
        self._backends = [backend.NULL] if null else [b for b in backend if b not in (backend.NULL, backend.CUSTOM)]
        self._device = device
        self._playing: Any = None
        self.name = f"{'null' if null else device or 'default'} (miniaudio)"
        self._open(rate).close()

    def start(self, feed: Feed, rate: int) -> None:
        """See `Output.start`."""

        def samples() -> Generator[bytes, int, None]:
            count = yield b""
            while True:
                count = yield feed.take(count)

        feed.tail = _PERIODS * _PERIOD_MS * rate // 1000
        self._playing = self._open(rate)
        generator = samples()
        next(generator)
        try:
            self._playing.start(generator)
        except self._miniaudio.MiniaudioError as error:
            raise OutputFailed(str(error)) from error

    def stop(self) -> None:
        """See `Output.stop`."""
        playing, self._playing = self._playing, None
        if playing is not None:
            playing.close()

    def _open(self, rate: int) -> Any:
        """Return the opened device, not yet started."""
        m = self._miniaudio
        try:
            return m.PlaybackDevice(
                output_format=m.SampleFormat.SIGNED16,
                nchannels=1,
                sample_rate=rate,
                buffersize_msec=_PERIOD_MS,
                callback_periods=_PERIODS,
                device_id=self._device_id(),
                backends=self._backends,
            )
        except m.MiniaudioError as error:
            raise OutputFailed(str(error)) from error

    def _device_id(self) -> Any:
        """Miniaudio's handle for the device of that name, None for the default one."""
        if self._device is None:
            return None
        for found in self._miniaudio.Devices(self._backends).get_playbacks():
            if found["name"] == self._device:
                return found["id"]
        raise OutputFailed(f"no output is called {self._device!r}")


def list_outputs() -> list[str]:
    """Return the names of all loudspeakers, PortAudio's first; empty when there is none or no library."""
    names: list[str] = []
    try:
        sd = load_sounddevice()
        apis = [api["name"] for api in sd.query_hostapis()]
        names += [f"{d['name']}, {apis[d['hostapi']]}" for d in sd.query_devices() if d["max_output_channels"]]
    except (ImportError, PortAudioMissing):
        pass
    try:
        MiniaudioOutput(None, 22050)
        names += [found["name"] for found in load_miniaudio().Devices().get_playbacks()]
    except (ImportError, OutputFailed):
        pass
    return list(dict.fromkeys(names))

"""Reading WAV files of any size piece by piece, and WAVE_FORMAT_EXTENSIBLE, which `wave` of Python 3.11 refuses."""

from __future__ import annotations

import struct
from pathlib import Path
from types import TracebackType

_PCM = 1
"""Format tag of uncompressed integers."""
_EXTENSIBLE = 0xFFFE
"""Format tag that stands for the first two bytes of the GUID 24 bytes into the format chunk."""


class NoWav(Exception):
    """It is no WAV file with uncompressed integer samples; the message is the reason."""


class WavFile:
    """An open WAV file; for a `with` block."""

    def __init__(self, path: Path) -> None:
        """Open it and go to its samples; raises `NoWav` and OSError."""
        self._file = open(path, "rb")
        try:
            self.rate, self.channels, self.width = self._header()
            """Hz, number of channels, and bytes of a sample."""
        except struct.error:
            self._file.close()
            raise NoWav("it is cut short") from None
        except NoWav:
            self._file.close()
            raise

    def __enter__(self) -> WavFile:
        """See the class."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self._file.close()

    def read(self, frames: int) -> bytes:
        """The next frames, fewer at the end; of a file that is cut short, what there is."""
        data = self._file.read(min(frames * self.channels * self.width, self._left))
        self._left -= len(data)
        return data

    def _header(self) -> tuple[int, int, int]:
        """Read the chunks before the samples: each has a name, a size, and so many bytes, padded to an even number."""
        riff, _, kind = struct.unpack("<4sL4s", self._file.read(12))
        if (riff, kind) != (b"RIFF", b"WAVE"):
            raise NoWav("it does not begin as one")
        found: tuple[int, int, int] | None = None
        while True:
            name, size = struct.unpack("<4sL", self._file.read(8))
            if name == b"data":
                break
            if name == b"fmt ":
                found = _format(self._file.read(size + size % 2))
            else:
                self._file.seek(size + size % 2, 1)
        if found is None:
            raise NoWav("it does not say which kind of samples it has")
        self._left = size
        return found


def _format(chunk: bytes) -> tuple[int, int, int]:
    """Rate, channels and width of a format chunk."""
    tag, channels, rate, _, _, bits = struct.unpack_from("<HHLLHH", chunk)
    if tag == _EXTENSIBLE:
        (tag,) = struct.unpack_from("<H", chunk, 24)
    if tag != _PCM:
        raise NoWav(f"its samples are of kind {tag}, not plain integers")
    if not (channels and rate and 1 <= bits <= 32):
        raise NoWav(f"it says that it has {channels} channels of {bits} bits at {rate} Hz")
    return rate, channels, (bits + 7) // 8

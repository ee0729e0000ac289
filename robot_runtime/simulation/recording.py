"""What a person beside a simulated robot perceives: sound as WAV, pictures as PNG, the rest as JSON lines."""

from __future__ import annotations

import contextlib
import json
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from robot_runtime.errors import RecordError

EVENTS = "events.jsonl"
"""File name of the event log."""

SPEAKER = "speaker.wav"
"""File name of what the loudspeaker played."""

_HEADER_BYTES = 44
"""A canonical WAV header: RIFF, fmt of 16 bytes, data."""

_LARGEST = 0xFFFFFFFF - 36
"""Bytes of sound that such a header can tell of: 27 hours at 22,050 Hz."""


class Recording:
    """An open recording; one without a folder keeps nothing."""

    def __init__(
        self,
        folder: Path | None,
        rate: int,
        clock: Callable[[], float] = time.monotonic,
        failed: Callable[[str], None] = lambda text: None,
    ) -> None:
        """Make the folder, or take an existing one that holds no recording.

        Args:
            folder: where to record; None records nothing.
            rate: sampling rate of the loudspeaker in Hz.
            clock: seconds; zero of the recording is now.
            failed: told in a line when the disk takes no more; what is simulated goes on without a recording.

        Raises:
            RecordError: the folder cannot be made or written, or holds a recording already.
        """
        self.folder = folder
        self._rate = rate
        self._clock = clock
        self._failed = failed
        self._started = clock()
        self._samples = 0
        self._pictures: dict[str, int] = {}
        self._keeps = False
        if folder is None:
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._events = open(folder / EVENTS, "x", encoding="utf-8", errors="backslashreplace")
            self._sound = open(folder / SPEAKER, "wb", buffering=0)
            self._write_header()
        except FileExistsError as error:
            raise RecordError(f"{folder} holds a recording already: choose another folder") from error
        except OSError as error:
            raise RecordError(f"cannot record to {folder}: {error.strerror or error}") from error
        self._keeps = True

    def now(self) -> float:
        """Seconds since the recording began."""
        return self._clock() - self._started

    def event(self, type: str, **fields: Any) -> None:
        """Append one event, with `t` in seconds since the recording began."""
        line = {"t": round(self.now(), 4), "type": type, **fields}
        with self._writing() as keeps:
            if keeps:
                print(json.dumps(line, ensure_ascii=False, default=str), file=self._events, flush=True)

    def sound(self, pcm: npt.NDArray[np.int16], at: float | None = None) -> None:
        """Append samples to the loudspeaker's WAV, which is valid after every call.

        Args:
            pcm: mono samples, shape (n,).
            at: when they are heard, in seconds since the recording began: the file is first padded with silence up to
                that time. None, or a time that the file has passed already, goes on where it ends.
        """
        if at is not None:
            self._samples = max(self._samples, round(at * self._rate))
        with self._writing() as keeps:
            if keeps:
                self._sound.seek(_HEADER_BYTES + 2 * self._samples)  # a gap becomes zeros, which take no room on disk
                self._sound.write(pcm.astype("<i2").tobytes())
                self._samples += len(pcm)
                self._write_header()

    def picture(self, name: str, pixels: npt.NDArray[np.uint8]) -> str:
        """Keep a picture as `name`-0001.png, -0002, ...

        Args:
            name: what it shows.
            pixels: shape (h, w) for grey or (h, w, 3) for RGB.

        Returns:
            The file's name, also when nothing is recorded.
        """
        number = self._pictures[name] = self._pictures.get(name, 0) + 1
        file = f"{name}-{number:04}.png"
        with self._writing() as keeps:
            if keeps and self.folder:
                (self.folder / file).write_bytes(png(pixels))
        return file

    def close(self) -> None:
        """Close the files; harmless when repeated."""
        if self._keeps:
            self._end()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[bool]:
        """Whether to write; an error of the disk ends the recording, and nothing else."""
        try:
            yield self._keeps
        except OSError as error:
            self._end()
            self._failed(f"recording to {self.folder} has ended: {error.strerror or error}")

    def _end(self) -> None:
        self._keeps = False
        with contextlib.suppress(OSError):
            self._events.close()
        with contextlib.suppress(OSError):
            self._sound.close()

    def _write_header(self) -> None:
        size = min(2 * self._samples, _LARGEST)  # players read on to the end of a longer file
        self._sound.seek(0)
        self._sound.write(
            struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 1, self._rate,
                        2 * self._rate, 2, 16, b"data", size)
        )  # fmt: skip


def png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """A picture of shape (h, w) or (h, w, 3) as a PNG file."""
    height, width = pixels.shape[:2]
    colour_type = 2 if pixels.ndim == 3 else 0
    rows = b"".join(b"\0" + row.tobytes() for row in np.ascontiguousarray(pixels))

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")

"""WAV files as something to listen to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robot_runtime.ear.blocks import Block, BlockCutter
from robot_runtime.ear.conversion import Conversion
from robot_runtime.ear.recogniser import RATE
from robot_runtime.ear.wav import NoWav, WavFile
from robot_runtime.errors import SettingsError

_CHUNK_S = 0.1
"""How much of a file is read at a time, in seconds."""
_HELD_S = 0.005
"""How long a block of silence takes at least while the next file waits, in seconds; no file is read in that time."""
_CONVERT = "ffmpeg -i FILE -c:a pcm_s16le OUT.wav"


class FileSource:
    """One WAV file, or all of a folder in the order of their names, each followed by silence."""

    waiting = 0

    def __init__(self, path: Path, *, realtime: bool = True, silence_s: float = 2.0) -> None:
        """Look at every file, so that a wrong one is told before the talk begins.

        Args:
            path: a WAV file, of any rate and number of channels, or a folder with such files.
            realtime: give each block when it would have been recorded; otherwise as fast as it is taken.
            silence_s: seconds of silence after each file. More than the ear waits before it takes a turn as ended, so
                that two files are two turns.

        Raises:
            SettingsError: nothing is there, or it is no WAV file with uncompressed integer samples.
            MissingExtraError: a file is not at 16 kHz, and the extra `listen` is not installed.
        """
        self.name = str(path)
        self._files = _wav_files(path)
        for file in self._files:
            with _opened(file) as wav:
                Conversion(wav.rate)
        self._realtime = realtime
        self._held = False
        self._silence = np.zeros(round(silence_s * RATE), np.int16)

    async def blocks(self) -> AsyncGenerator[Block, None]:
        """See `Source.blocks`; ends after the silence of the last file."""
        loop, cutter = asyncio.get_running_loop(), BlockCutter()
        begin = loop.time()
        for pcm in self._sound():
            for block in cutter.cut(pcm):
                wait = begin + block.end_s - loop.time() if self._realtime else _HELD_S * self._held
                await asyncio.sleep(wait)
                yield block

    async def close(self) -> None:
        """See `Source.close`: files are open only while they are read."""

    def hold(self, held: bool) -> None:
        """See `Source.hold`: the next file waits, in silence."""
        self._held = held

    def _sound(self) -> Iterator[NDArray[np.int16]]:
        """The files and the silences, mono at `RATE`."""
        for file in self._files:
            while self._held:
                yield np.zeros(round(_CHUNK_S * RATE), np.int16)
            with _opened(file) as wav:
                conversion = Conversion(wav.rate)
                chunk = round(_CHUNK_S * wav.rate)
                while data := wav.read(chunk):
                    yield conversion.convert(_samples(data, wav.width, wav.channels))
            yield conversion.convert(np.zeros(0, np.int16), last=True)
            yield self._silence


def _wav_files(path: Path) -> list[Path]:
    """The file, or the folder's files whose names end in .wav, sorted."""
    if not path.exists():
        raise SettingsError(f"There is nothing to hear at {path}: name a WAV file or a folder with WAV files.")
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.iterdir() if file.suffix.lower() == ".wav")
    if not files:
        raise SettingsError(f"The folder {path} has no file whose name ends in .wav: there is nothing to hear.")
    return files


def _opened(file: Path) -> WavFile:
    """The file, ready to be read."""
    try:
        return WavFile(file)
    except (OSError, NoWav) as error:
        raise SettingsError(f"{file} is no WAV file that can be heard ({error}). Convert it: {_CONVERT}") from error


def _samples(data: bytes, width: int, channels: int) -> NDArray[np.int16]:
    """The 16 highest bits of samples of `width` bytes, shape (n, channels); an incomplete last frame is left out.

    WAV counts from the lowest byte on; 8-bit samples, alone, are unsigned.
    """
    raw = np.frombuffer(data, np.uint8)
    frames = raw[: len(raw) // (width * channels) * width * channels].reshape(-1, channels, width)
    if width == 1:
        return (frames[:, :, 0].astype(np.int16) - 128) * 256
    return np.ascontiguousarray(frames[:, :, -2:]).view("<i2")[:, :, 0].astype(np.int16)

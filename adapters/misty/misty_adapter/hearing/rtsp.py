"""Reading the sound of an RTSP stream with PyAV, in a thread."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

RATE_HZ = 16_000
"""Rate of the blocks, whatever the stream has."""

BLOCK = 640
"""Samples of a block: 40 ms."""

OPEN_S = 2.0
"""How long connecting may take, and then understanding what comes."""

READ_S = 1.5
"""Silence of the network after which the connection is given up."""

OPTIONS = {
    "rtsp_flags": "prefer_tcp",  # others' clients of a Misty use TCP; Wi-Fi would lose packets by UDP
    "allowed_media_types": "audio",
    "fflags": "nobuffer",
}
"""Of FFmpeg's RTSP client."""


class Connection:
    """One connection to a stream. Its thread is one that a stuck network cannot make anybody wait for."""

    def __init__(self, url: str, take: Callable[[npt.NDArray[np.int16]], None]) -> None:
        """Connect.

        Args:
            url: of the stream.
            take: called in the event loop with each block, of shape (BLOCK,).
        """
        self._url = url
        self._take = take
        self._wanted = True
        self._loop = asyncio.get_running_loop()
        self.over = asyncio.Event()
        """Set when the thread has ended."""
        self.why = ""
        """What ended it."""
        threading.Thread(target=self._run, name="misty-stream", daemon=True).start()

    def give_up(self) -> None:
        """End after the next block, or when none comes in time."""
        self._wanted = False

    def _run(self) -> None:
        import av

        try:
            with av.open(self._url, format="rtsp", options=OPTIONS, timeout=(OPEN_S, READ_S)) as stream:
                resampler = av.AudioResampler("s16", "mono", RATE_HZ, BLOCK)
                for frame in stream.decode(audio=0):
                    for block in resampler.resample(frame):
                        if not self._wanted:
                            return
                        self._tell(self._take, block.to_ndarray()[0].copy())
            self.why = "it has ended"
        except IndexError:
            self.why = "it has no sound"
        except Exception as error:  # FFmpeg's own, and whatever PyAV makes of a stream that changes in the middle
            self.why = getattr(error, "strerror", None) or str(error)
        finally:
            self._tell(self.over.set)

    def _tell(self, call: Callable[..., None], *arguments: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has closed
            self._loop.call_soon_threadsafe(call, *arguments)

"""PortAudio, shared by everything in this process that opens a stream.

PortAudio lists the devices once. Only ending and beginning it anew shows those that were plugged in since, and ending
it frees every open stream, whose owner is not told and would go on to use freed memory. So streams are opened, closed
and, before PortAudio ends, taken away here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

_LOCK = threading.RLock()
"""PortAudio's own calls are not safe in several threads at once."""
_streams: list[Any] = []


def open_stream(make: Callable[[], Any]) -> Any:
    """Return the stream that `make` opens, started; lets through what it raises."""
    with _LOCK:
        stream = make()
        _streams.append(stream)
        try:
            stream.start()
        except Exception:
            close_stream(stream)
            raise
        return stream


def close_stream(stream: Any) -> None:
    """Stop `stream` at once and close it; harmless when it was taken away."""
    with _LOCK:
        if stream in _streams:
            _streams.remove(stream)
            stream.abort(ignore_errors=True)
            stream.close(ignore_errors=True)


def look_again(sounddevice: Any, *, take_away: bool) -> bool:
    """List the devices anew.

    Args:
        sounddevice: the module.
        take_away: close all streams, whose owners will notice that nothing comes; otherwise do nothing when any is
            open.

    Returns:
        Whether the list is new.
    """
    with _LOCK:
        if _streams and not take_away:
            return False
        for stream in list(_streams):
            close_stream(stream)
        sounddevice._terminate()
        sounddevice._initialize()
        return True

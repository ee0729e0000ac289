"""The camera: a test picture with a moving bar, as whole JPEG files cut into ImageChunk packets."""

from __future__ import annotations

import io
import math
from collections import deque
from importlib.util import find_spec

from cozmo_adapter.simulator import packets

FRAMES_PER_S = 15.0
"""Pictures per second at most (reported: cozmo-stack); each chunk waits for a frame of the link."""

WIDTH, HEIGHT = 320, 240
"""QVGA."""

_JPEG_GRAY, _QVGA = 5, 4

_CHUNK_BYTES = 780
"""So much of a picture fits a frame of the link beside the telemetry."""

_QUALITY = 10
"""JPEG quality: two chunks a picture."""


class Camera:
    """On or off."""

    def __init__(self) -> None:
        """Off."""
        self.on = False
        """Pictures are taken and sent."""
        self.pictures = 0
        """How many have been taken."""
        self._since = 0.0
        self._chunks: deque[bytes] = deque()

    def switch(self, on: bool) -> None:
        """Begin or end to take pictures; without Pillow, which makes them, there are none."""
        self.on = on and find_spec("PIL") is not None
        self._chunks.clear()

    def advance(self, dt: float, timestamp: int) -> list[bytes]:
        """Let `dt` seconds pass; returns the ImageChunk to send now, if there is one."""
        if not self.on:
            return []
        self._since += dt
        if not self._chunks and self._since >= 1 / FRAMES_PER_S - dt / 2:
            self._since = 0.0
            self._take(timestamp)
        return [self._chunks.popleft()] if self._chunks else []

    def _take(self, timestamp: int) -> None:
        self.pictures += 1
        data = test_picture(self.pictures)
        count = math.ceil(len(data) / _CHUNK_BYTES)
        for number in range(count):
            self._chunks.append(
                packets.build(
                    "ImageChunk",
                    frame_timestamp=timestamp,
                    image_id=self.pictures,
                    chunk_debug=0,
                    image_encoding=_JPEG_GRAY,
                    image_resolution=_QVGA,
                    image_chunk_count=count,
                    chunk_id=number,
                    status=0,
                    data=data[number * _CHUNK_BYTES : (number + 1) * _CHUNK_BYTES],
                )
            )


def test_picture(number: int) -> bytes:
    """A grey slope, brighter to the right, with a white bar that moves by 8 pixels a picture; a JPEG file."""
    from PIL import Image, ImageDraw

    picture = Image.linear_gradient("L").rotate(90).resize((WIDTH, HEIGHT))
    left = number * 8 % WIDTH
    ImageDraw.Draw(picture).rectangle((left, 80, left + 15, 159), fill=255)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_QUALITY, optimize=True)
    return file.getvalue()

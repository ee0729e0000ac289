"""Pictures for Cozmo's display: 128 by 32 pixels, on or off, as the byte codes that the robot draws.

A code moves a pen down the columns, from the left to the right:

| code | does |
|---|---|
| `00nnnnnn` | leaves the column, if one was begun, and n + 1 dark columns |
| `01nnnnnn` | leaves the column, if one was begun, and repeats it n + 1 times |
| `1nnnnnpp` | n + 1 pixels down, dark for pp = 0, else lit; after row 31 the pen is on top of the next column |

The display has 64 lines, each pixel stands for two of them, and pp says which of the two shine: the robot's own app
lights one of a pair and swaps them now and then to spare the OLED (reported: jimbuschman/cozmo-stack,
PROCEDURAL_FACE.md; the app's streams among the tests of pycozmo 0.8.0 agree). Here it is always 01.

pycozmo's decoder reads two things otherwise than the app's streams need. A skip of columns after a run of up to 16
that ends in row 31 skips one more, and after a longer run that ends above row 31 one less. `encode` writes neither,
so that both readings give the same picture, and no run of 32 dark pixels, which the app has never been seen to send.
"""

from __future__ import annotations

from itertools import groupby

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 128, 32
"""Of the display, in pixels."""

LONGEST_CODE = 1000
"""Bytes; a picture has to fit into a frame, which carries 1037 bytes of packets (pycozmo, docs/protocol.md)."""

MOST_COLUMNS = 64
"""That one code skips or repeats."""

SHORT_RUN = 16
"""The longest run after which pycozmo's decoder takes the column for unfinished, even if it ended in row 31."""

SKIP, REPEAT, RUN = 0x00, 0x40, 0x80

Run = tuple[int, bool]
"""So many pixels down a column, lit or dark."""


def encode(pixels: NDArray[np.bool_]) -> bytes:
    """The codes that draw a picture, in fewer than 300 bytes for a face.

    Args:
        pixels: shape (32, 128), True is lit.

    Raises:
        ValueError: another shape, or so much detail that it takes more than `LONGEST_CODE` bytes.
    """
    if pixels.shape != (HEIGHT, WIDTH):
        raise ValueError(f"the display has {HEIGHT} rows of {WIDTH} pixels; this picture has the shape {pixels.shape}")
    code = bytearray()
    may_skip = True
    for column, same in groupby(map(bytes, pixels.T.astype(np.uint8))):
        count = len(list(same))
        if may_skip and not any(column):
            code += _columns(SKIP, count)
            continue
        runs = _runs(column)
        may_skip = count > 1 or runs[-1][0] > SHORT_RUN
        if count > 1 and not runs[-1][1]:
            del runs[-1]  # leaving the column makes the rest of it dark
        code += bytes(RUN | (pixels_down - 1) << 2 | lit for pixels_down, lit in runs)
        code += _columns(REPEAT, count - 1)
    if len(code) > LONGEST_CODE:
        raise ValueError(f"too much detail for Cozmo's display: {len(code)} bytes, at most {LONGEST_CODE} fit")
    return bytes(code)


def _runs(column: bytes) -> list[Run]:
    """What a column is made of, down to row 31."""
    if not any(column):
        return [(HEIGHT - 1, False), (1, False)]
    return [(len(list(same)), bool(lit)) for lit, same in groupby(column)]


def _columns(command: int, count: int) -> bytes:
    """Skip or repeat so many columns."""
    full, rest = divmod(count, MOST_COLUMNS)
    return bytes([command | MOST_COLUMNS - 1] * full + [command | rest - 1] * (rest > 0))

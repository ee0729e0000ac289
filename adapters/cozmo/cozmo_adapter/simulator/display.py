"""Cozmo's display controller: from the byte codes of a DisplayImage packet to pixels.

Written from the app's streams (test pictures of pycozmo 0.8.0), apart from our encoder and from pycozmo's decoder;
`cozmo_adapter.body.display` has the table of codes. Where pycozmo's decoder differs, the app's streams decide: the
chessboard in the lower left corner is three columns that end in a run of one pixel, then 64 + 61 columns are skipped.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ROWS, COLUMNS = 32, 128


class DisplayError(ValueError):
    """Codes that leave the screen."""


def decode(rle: bytes) -> NDArray[np.bool_]:
    """What the codes draw on a dark screen, of shape (32, 128), True is lit.

    Raises:
        DisplayError: a run passes the last row, something lies beyond the last column, or nothing is there to repeat.
    """
    screen = np.zeros((COLUMNS, ROWS), np.bool_)
    column = row = 0
    for position, code in enumerate(rle):
        number = (code & 0x3F) + 1
        if code & 0x80:
            number = (code >> 2 & 0x1F) + 1
            if column >= COLUMNS or row + number > ROWS:
                raise DisplayError(f"code {position} draws to row {row + number} of column {column}")
            screen[column, row : row + number] = code & 0x03 != 0
            column, row = (column + 1, 0) if row + number == ROWS else (column, row + number)
            continue
        if row:
            column, row = column + 1, 0
        if column + number > COLUMNS:
            raise DisplayError(f"code {position} goes to column {column + number}")
        if code & 0x40:
            if column == 0:
                raise DisplayError(f"code {position} repeats a column, and there is none yet")
            screen[column : column + number] = screen[column - 1]
        column += number
    return screen.T

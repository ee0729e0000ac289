"""Reading safetensors files: 8 bytes of length, a JSON table of tensors, then their bytes.

Read here and not by the library, because that gives BF16 to torch only; one tensor at a time is in memory.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robot_runtime.errors import ConversionError

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

NUMBER_TYPES = {"F16": "<f2", "F32": "<f4", "BF16": "<u2"}
"""Kinds of numbers that are read, and how numpy sees their bytes."""

LONGEST_TABLE = 100_000_000
"""Bytes; the format's own limit on its table (huggingface/safetensors, README)."""


@dataclass(frozen=True)
class StoredTensor:
    """Where a tensor lies."""

    name: str
    """As in the file."""
    kind: str
    """A key of `NUMBER_TYPES`."""
    shape: tuple[int, ...]
    """Outermost dimension first."""
    file: Path
    """The safetensors file."""
    offset: int
    """First byte in the file."""

    def read(self) -> NDArray[numpy.float32]:
        """The numbers. A BF16 number is the upper half of a 32-bit float, which numpy does know."""
        import numpy

        numbers = numpy.fromfile(
            self.file, NUMBER_TYPES[self.kind], count=math.prod(self.shape), offset=self.offset
        ).reshape(self.shape)
        if self.kind == "BF16":
            return (numbers.astype(numpy.uint32) << 16).view(numpy.float32)
        return numbers.astype(numpy.float32)


def stored_tensors(file: Path) -> Iterator[StoredTensor]:
    """The tensors of a file.

    Raises:
        ConversionError: the file is cut off or damaged, or holds a kind of number that is not read.
    """
    damaged = ConversionError(f"{file} is damaged or cut off; fetch it again")
    size = file.stat().st_size
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if not 0 < length <= min(LONGEST_TABLE, size - 8):
            raise damaged
        try:
            table: dict[str, dict[str, Any]] = json.loads(stream.read(length))
        except ValueError:
            raise damaged from None
    table.pop("__metadata__", None)
    for name, entry in table.items():
        try:
            kind, shape, (start, end) = str(entry["dtype"]), tuple(map(int, entry["shape"])), entry["data_offsets"]
        except (KeyError, TypeError, ValueError):
            raise damaged from None
        if kind not in NUMBER_TYPES:
            raise ConversionError(f"{file}: the tensor {name} is of kind {kind}; F16, BF16 and F32 can be read")
        number_bytes = 4 if kind == "F32" else 2
        if not 0 <= start <= end <= size - 8 - length or end - start != number_bytes * math.prod(shape):
            raise damaged
        yield StoredTensor(name, kind, shape, file, 8 + length + start)

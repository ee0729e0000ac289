"""The text entries at the head of a GGUF file, read without loading the model and without the package `gguf`."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from robot_runtime.errors import ModelError

SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of each kind of number by its code (ggml/docs/gguf.md)."""

STRING, ARRAY = 8, 9
"""Codes of the two other kinds."""

LONGEST_TEXT = 1 << 24
"""Bytes; a longer text means that the file is damaged."""


def read_texts(path: Path) -> dict[str, str]:
    """Every metadata entry that is a text.

    Raises:
        ModelError: the file cannot be read or is no GGUF file of version 2 or 3.
    """
    try:
        with path.open("rb") as stream:
            magic, version = stream.read(4), _number(stream, "<I")
            if magic != b"GGUF" or version not in (2, 3):
                raise ModelError(
                    f"{path} is no GGUF file of a known version; convert models with: toddler-robot models convert"
                )
            _tensors, entries = _number(stream, "<Q"), _number(stream, "<Q")
            texts = {}
            for _ in range(entries):
                key, kind = _text(stream), _number(stream, "<I")
                if kind == STRING:
                    texts[key] = _text(stream)
                else:
                    _skip(stream, kind)
            return texts
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror}") from error
    except (struct.error, KeyError, ValueError) as error:
        raise ModelError(f"{path} is damaged or cut off; fetch or make it again") from error


def _number(stream: BinaryIO, code: str) -> int:
    return int(struct.unpack(code, stream.read(struct.calcsize(code)))[0])


def _text(stream: BinaryIO) -> str:
    length = _number(stream, "<Q")
    if length > LONGEST_TEXT:
        raise ValueError(length)
    return stream.read(length).decode("utf-8", "replace")


def _skip(stream: BinaryIO, kind: int) -> None:
    if kind == STRING:
        stream.seek(_number(stream, "<Q"), 1)
    elif kind == ARRAY:
        inner, count = _number(stream, "<I"), _number(stream, "<Q")
        if inner in SIZES:
            stream.seek(SIZES[inner] * count, 1)
        else:
            for _ in range(count):
                _skip(stream, inner)
    else:
        stream.seek(SIZES[kind], 1)

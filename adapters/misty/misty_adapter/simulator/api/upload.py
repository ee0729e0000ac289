"""Files on their way to Misty: multipart forms, base64, and the limit of size."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from misty_adapter.simulator.api.errors import BadArgument

FILE_BYTES = 3 * 1024 * 1024
"""Largest file: 3 MB by the documentation, taken as 2^20 each."""


def form_fields(content_type: str, body: bytes) -> dict[str, Any]:
    """The fields of a multipart form: text, and for a file its bytes under `File` and its name under `FileName`.

    Raises:
        BadArgument: it is no such form.
    """
    match = re.search(r'boundary="?([^";\s]{1,70})"?', content_type, re.IGNORECASE)
    if match is None:
        raise BadArgument("The form has no boundary.")
    mark = b"--" + match[1].encode()
    parts = (b"\r\n" + body).split(b"\r\n" + mark)
    if len(parts) < 3 or not parts[-1].startswith(b"--"):
        raise BadArgument("The form is not complete.")
    fields: dict[str, Any] = {}
    file_name = None
    for part in parts[1:-1]:
        head, blank, data = part.partition(b"\r\n\r\n")
        name = re.search(rb'\bname="([^"]*)"', head)
        if not blank or name is None:
            raise BadArgument("A part of the form is malformed.")
        given = re.search(rb'filename="([^"]*)"', head)
        if given is not None:
            fields["File"] = data
            file_name = given[1].decode("utf-8", errors="replace")
        else:
            fields[name[1].decode("utf-8", errors="replace")] = data.decode("utf-8", errors="replace")
    if file_name and not any(name.lower() == "filename" for name in fields):
        fields["FileName"] = file_name
    return fields


def uploaded(data: str | None, file: Any) -> bytes:
    """The bytes of a file that came as base64 or in a form.

    Raises:
        BadArgument: there is none, it is no base64, it is empty, or it is too large.
    """
    if data is not None:
        try:
            content = base64.b64decode(data.partition("base64,")[2] or data, validate=True)
        except (binascii.Error, ValueError):
            raise BadArgument("Data is no base64.") from None
    elif isinstance(file, bytes):
        content = file
    else:
        raise BadArgument("Either Data or File is required.")
    if not content:
        raise BadArgument("The file is empty.")
    if len(content) > FILE_BYTES:
        raise BadArgument("The file is larger than 3 MB.")
    return content

"""Fetching one file from the web: resumable, with its size and SHA-256 known beforehand."""

from __future__ import annotations

import re
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, urlopen

from robot_runtime.errors import DownloadError
from robot_runtime.model_store.checksums import require_sha256

ANSWER_S = 20.0
"""Seconds that the server may be silent."""
BLOCK = 1 << 16
"""Bytes read at a time."""


def download(url: str, target: Path, *, size: int, sha256: str) -> None:
    """Fetch a file, going on where an earlier call stopped; a dropped connection is taken up again while it helps.

    Args:
        url: where it is.
        target: where it goes; what is not complete yet lies beside it as `*.part`.
        size: bytes of the whole file.
        sha256: of the whole file, in hexadecimal.

    Raises:
        DownloadError: the network or the server failed, or this is another file.
    """
    part = target.with_name(f"{target.name}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    have = -1
    while (held := part.stat().st_size if part.is_file() else 0) != size:
        try:
            if held <= have:
                raise ConnectionError("the connection ends too early, again and again")
            have = held
            _append(url, part, held, size)
        except (OSError, HTTPException) as error:
            if part.is_file() and part.stat().st_size > have:
                continue
            raise DownloadError(
                f"cannot fetch {url}: {str(error) or type(error).__name__}. "
                "Check the network and run the command again: it goes on where it stopped"
            ) from error
    require_sha256(part, [sha256])
    part.replace(target)


def _append(url: str, part: Path, held: int, size: int) -> None:
    """Add what the server sends to `part`, which holds `held` of `size` bytes.

    Raises:
        DownloadError: the server has more bytes than there should be.
        OSError: the network or the server failed.
        HTTPException: the server speaks no HTTP.
    """
    request = Request(url, headers={"User-Agent": "toddler-robot"} | ({"Range": f"bytes={held}-"} if held else {}))
    with urlopen(request, timeout=ANSWER_S) as answer:
        goes_on = answer.status == 206 and re.match(rf"bytes {held}-", answer.headers.get("Content-Range", ""))
        with part.open("ab" if goes_on else "wb") as stream:
            while block := answer.read(BLOCK):
                stream.write(block)
                if stream.tell() > size:
                    break
    if part.stat().st_size > size:
        part.unlink()
        raise DownloadError(f"{url} is not the file it should be: it has more than {size} bytes")

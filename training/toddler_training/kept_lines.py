"""Files that grow by a line of JSON at a time, so that what cost time or money outlives an interruption."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def kept_lines(path: Path) -> list[dict[str, Any]]:
    """What the lines of a file say, nothing if there is none; a last line that was cut short is dropped from it."""
    if not path.is_file():
        return []
    lines = path.read_text("utf-8").splitlines(keepends=True)
    whole = [line for line in lines if line.endswith("\n")]
    if len(whole) < len(lines):
        path.write_text("".join(whole), encoding="utf-8")
    return [json.loads(line) for line in whole]

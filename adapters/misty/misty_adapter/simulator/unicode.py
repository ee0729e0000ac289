"""Values from clients: JSON can spell half a character (a lone surrogate), which no file and no XML can hold."""

from __future__ import annotations

import json
from typing import Any


def is_writable(value: Any) -> bool:
    """Whether a value can be written as JSON in UTF-8."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError):
        return False
    return True

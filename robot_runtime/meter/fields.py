"""Fields of recorded events, whoever wrote them: one that is missing, or of another kind, is absent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Event = Mapping[str, Any]
"""One line of a record."""

LARGEST = 1e9
"""No time of a session, in seconds or milliseconds, is as large."""


def number(event: Event, key: str) -> float | None:
    """A number, neither infinite nor beyond `LARGEST`."""
    value = event.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -LARGEST < value < LARGEST:
        return None
    return float(value)


def text(event: Event, key: str) -> str:
    """Text; empty if there is none."""
    value = event.get(key)
    return value if isinstance(value, str) else ""


def mapping(event: Event, key: str) -> Event:
    """A JSON object; empty if there is none."""
    value = event.get(key)
    return value if isinstance(value, dict) else {}


def objects(event: Event, key: str) -> list[Event]:
    """The JSON objects in a list; empty if there is none."""
    value = event.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []

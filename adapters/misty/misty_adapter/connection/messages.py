"""The messages of Misty's WebSocket, read with care: of anything else than a message there is nothing to read."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

REGISTERED = "Registration Status: API event registered"
"""How the answer to a good subscription begins (read in a client of 2019)."""


@dataclass(frozen=True)
class Message:
    """One message of one subscription."""

    name: str
    """EventName of the subscription."""
    data: Any
    """What happened; text is about the subscription itself."""

    @property
    def failure(self) -> str:
        """Why the subscription was refused; empty if this says nothing like it."""
        return self.data if isinstance(self.data, str) and not self.data.startswith(REGISTERED) else ""


def read(text: str | bytes) -> Message | None:
    """The message in what came through the socket, None if there is none."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(whole, dict):
        return None
    name = field(whole, "eventName")
    return Message(name, field(whole, "message")) if isinstance(name, str) else None


def field(data: Any, name: str) -> Any:
    """What `data` has under a name in any case, None if it has nothing or is nothing that could: versions differ."""
    if not isinstance(data, dict):
        return None
    if name in data:
        return data[name]
    return next((value for key, value in data.items() if isinstance(key, str) and key.lower() == name.lower()), None)


def number(data: Any, name: str) -> float | None:
    """A finite number under a name, None if there is none."""
    value = field(data, name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def text(data: Any, name: str) -> str:
    """Text under a name, empty if there is none."""
    value = field(data, name)
    return value if isinstance(value, str) else ""


def subscribe(name: str, type: str, debounce_ms: int) -> str:
    """The message that subscribes to a type of event under a name of our own."""
    fields = {"Operation": "subscribe", "Type": type, "DebounceMs": debounce_ms, "EventName": name}
    return json.dumps({**fields, "ReturnProperty": None, "EventConditions": []})


def unsubscribe(name: str) -> str:
    """The message that ends a subscription."""
    return json.dumps({"Operation": "unsubscribe", "EventName": name, "Message": ""})

"""One subscription: which events a client wants, under which conditions, and what of them."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from misty_adapter.simulator.event_types import EVENT_TYPES
from misty_adapter.simulator.unicode import is_writable

DEBOUNCE_MS = 250
"""Default of DebounceMs (documented)."""

LEAST_DEBOUNCE_S = 0.02
"""No stream is faster than this (assumed)."""

INEQUALITIES = ("=>", ">=", "<=", "==", "=", "!=", ">", "<", "exists", "empty", "delta")
"""What a condition may ask."""

_MISSING = object()


class BadSubscription(Exception):
    """A message to the WebSocket that cannot be understood; the text goes back to the client."""


@dataclass(frozen=True)
class Condition:
    """One condition on a property of a message."""

    property: str
    inequality: str
    value: Any

    def holds(self, message: Mapping[str, Any], before: Mapping[str, Any] | None) -> bool:
        """Whether a message meets it, `before` being the last one that was sent."""
        found = look_up(message, self.property)
        match self.inequality:
            case "exists":
                return found is not _MISSING and found is not None
            case "empty":
                return found is _MISSING or found in (None, "", [], {})
            case "=" | "==":
                return _same(found, self.value)
            case "!=":
                return not _same(found, self.value)
        if found is _MISSING:
            return False
        left, right = _number(found), _number(self.value)
        if self.inequality == "delta":
            previous = None if before is None else _number(look_up(before, self.property))
            return previous is None or left is None or right is None or abs(left - previous) >= right
        if left is None or right is None:
            return False
        match self.inequality:
            case ">":
                return left > right
            case "<":
                return left < right
            case "<=":
                return left <= right
            case _:
                return left >= right


@dataclass
class Subscription:
    """See the module's docstring."""

    name: str
    """EventName."""
    type: str
    """A key of EVENT_TYPES."""
    debounce_s: float
    return_property: str | None
    conditions: tuple[Condition, ...]
    before: Mapping[str, Any] | None = field(default=None, init=False)
    """The last message that was let through."""

    def wants(self, message: Mapping[str, Any]) -> bool:
        """Whether all conditions hold."""
        return all(condition.holds(message, self.before) for condition in self.conditions)

    def text(self, message: Mapping[str, Any]) -> str:
        """What the client gets for a message, which becomes the last one."""
        self.before = message
        content: Any = message
        if self.return_property:
            content = look_up(message, self.return_property)
            content = None if content is _MISSING else content
        return json.dumps({"eventName": self.name, "message": content})


def read_message(text: str) -> dict[str, Any]:
    """A client's message with its keys in lower case: JSON, or the Python dictionary that the vendor's SDK sends.

    Raises:
        BadSubscription: it is neither.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            raise BadSubscription("The message is no JSON.") from None
    if not isinstance(value, dict) or not is_writable(value):
        raise BadSubscription("The message is no JSON object.")
    return {str(key).lower(): item for key, item in value.items()}


def parse_subscription(message: Mapping[str, Any]) -> Subscription:
    """The subscription that a message asks for.

    Raises:
        BadSubscription: it lacks something, or something in it is wrong.
    """
    asked = message.get("type")
    type = next((name for name in EVENT_TYPES if name.lower() == str(asked).lower()), None)
    if type is None:
        raise BadSubscription(f"There is no event type {asked}.")
    name = message.get("eventname") or type
    debounce = message.get("debouncems")
    debounce_ms = DEBOUNCE_MS if debounce is None else _number(debounce)
    if not isinstance(name, str) or debounce_ms is None or not 0 <= debounce_ms < 1e9:
        raise BadSubscription("EventName must be text and DebounceMs a number of milliseconds.")
    return_property = message.get("returnproperty") or None
    if return_property is not None and not isinstance(return_property, str):
        raise BadSubscription("ReturnProperty must be text.")
    conditions = message.get("eventconditions") or []
    if isinstance(conditions, dict):
        conditions = [conditions]
    if not isinstance(conditions, list):
        raise BadSubscription("EventConditions must be a list.")
    return Subscription(
        name,
        type,
        max(debounce_ms / 1e3, LEAST_DEBOUNCE_S),
        return_property,
        tuple(_condition(condition) for condition in conditions),
    )


def look_up(message: Any, path: str) -> Any:
    """The property at a path with dots, its names in any case; `_MISSING` if there is none."""
    for name in path.split("."):
        if not isinstance(message, Mapping):
            return _MISSING
        message = next((value for key, value in message.items() if str(key).lower() == name.lower()), _MISSING)
    return message


def _condition(given: Any) -> Condition:
    if not isinstance(given, dict):
        raise BadSubscription("A condition must be an object.")
    by_name = {str(key).lower(): value for key, value in given.items()}
    property, inequality = by_name.get("property"), by_name.get("inequality")
    if not isinstance(property, str) or inequality not in INEQUALITIES:
        raise BadSubscription(f"A condition needs a Property, and an Inequality of {' '.join(INEQUALITIES)}.")
    return Condition(property, inequality, by_name.get("value"))


def _same(found: Any, value: Any) -> bool:
    if isinstance(found, bool) or isinstance(value, bool):
        return str(found).lower() == str(value).lower()
    return bool(found == value or (_number(found) is not None and _number(found) == _number(value)))


def _number(value: Any) -> float | None:
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None

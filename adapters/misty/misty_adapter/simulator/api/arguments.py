"""Arguments of commands: names, types, limits and defaults, and making a command's values out of a request."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from misty_adapter.simulator.api.errors import BadArgument

_CORE = "System.Private.CoreLib, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b03f5f7f11d50a3a"
"""How .NET names the assembly of its basic types; seen in the vendor's generator of clients."""


class Kind(Enum):
    """Types of arguments, by the names that .NET has for them."""

    STRING = "String"
    BOOLEAN = "Boolean"
    INTEGER = "Int32"
    NUMBER = "Double"
    BYTE = "Byte"
    FILE = "Byte[]"


@dataclass(frozen=True)
class Argument:
    """One argument of a command."""

    name: str
    kind: Kind
    default: Any = None
    """Taken when the argument is missing or null."""
    required: bool = False
    low: float | None = None
    """Least value."""
    high: float | None = None
    """Greatest value."""
    choices: tuple[str, ...] = ()
    """All allowed values, as Misty spells them."""

    def value_type(self) -> str:
        """The type as `/api/help` shows it."""
        plain = f"System.{self.kind.value}, {_CORE}"
        if self.required or self.kind in (Kind.STRING, Kind.FILE):
            return plain
        return f"System.Nullable`1[[{plain}]], {_CORE}"

    def convert(self, value: Any) -> Any:
        """A value of the argument's type; numbers and truth values may come as text, as in a query.

        Raises:
            BadArgument: it is none, or is out of range.
        """
        match self.kind:
            case Kind.STRING:
                if not isinstance(value, str):
                    raise self._wrong("text")
                if self.choices and value not in self.choices:
                    raise BadArgument(f"{self.name} must be one of {', '.join(self.choices)}.")
                return value
            case Kind.BOOLEAN:
                truth = {"true": True, "false": False}.get(str(value).strip().lower())
                if truth is None:
                    raise self._wrong("true or false")
                return truth
            case Kind.FILE:
                return value
            case _:
                return self._number(value)

    def _number(self, value: Any) -> float | int:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise self._wrong("a number")
        try:
            number = float(value)
        except (ValueError, OverflowError):
            raise self._wrong("a number") from None
        if not math.isfinite(number):
            raise self._wrong("a number")
        low, high = (0, 255) if self.kind is Kind.BYTE else (self.low, self.high)
        if (low is not None and number < low) or (high is not None and number > high):
            raise BadArgument(f"{self.name} must be from {low} to {high}, not {value}.")
        if self.kind is Kind.NUMBER:
            return number
        if number != int(number) or abs(number) >= 2**31:
            raise self._wrong("a whole number")
        return int(number)

    def _wrong(self, expected: str) -> BadArgument:
        return BadArgument(f"{self.name} must be {expected}.")


def bind(arguments: Sequence[Argument], given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a command by the arguments' own names.

    Args:
        arguments: what the command takes.
        given: what came, under names in any case; what the command does not know is passed over.

    Raises:
        BadArgument: a required one is missing, or one has no good value.
    """
    by_name = {name.lower(): value for name, value in given.items()}
    values: dict[str, Any] = {}
    for argument in arguments:
        value = by_name.get(argument.name.lower())
        if value is None and argument.required:
            raise BadArgument(f"{argument.name} is required.")
        values[argument.name] = argument.default if value is None else argument.convert(value)
    return values

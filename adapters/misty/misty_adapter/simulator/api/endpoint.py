"""One command of Misty, and the whole table: what a request calls, and what `/api/help` tells."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from misty_adapter.simulator.api.arguments import Argument, Kind, bind
from misty_adapter.simulator.api.errors import ApiError, BadArgument, NotFound, Unavailable
from misty_adapter.simulator.api.upload import form_fields
from misty_adapter.simulator.http import Request, Response
from misty_adapter.simulator.unicode import is_writable

if TYPE_CHECKING:
    from misty_adapter.simulator.misty import Misty

Values = dict[str, Any]
"""A command's arguments by name."""

Handler = Callable[["Misty", Values], Awaitable[Any]]
"""Does what a command says; returns its result, or a whole `Response`."""


@dataclass(frozen=True)
class Endpoint:
    """One command."""

    verb: str
    """`get`, `post` or `delete`."""
    path: str
    """Below `/api/`."""
    name: str
    """The command's name in Misty's documentation."""
    handler: Handler
    arguments: tuple[Argument, ...] = ()
    group: str = "System"
    """Of the documentation's groups."""
    version: str = "Current"
    """`Current`, `Beta` or `Alpha`."""
    while_updating: bool = False
    """Works while Misty is updating."""


class Table:
    """The commands that one Misty has."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        """Index them."""
        self._by_address = {(endpoint.verb, endpoint.path): endpoint for endpoint in endpoints}

    def find(self, method: str, path: str) -> Endpoint:
        """The command at an address in any case.

        Raises:
            NotFound: there is none.
        """
        verb, place = method.lower(), path.lower().removeprefix("/api/").rstrip("/")
        endpoint = self._by_address.get((verb, place))
        if endpoint is None:
            raise NotFound(f"There is no command {verb.upper()} {place}.")
        return endpoint

    def help(self, command: str | None) -> dict[str, list[dict[str, Any]]]:
        """What `/api/help` answers: all commands by verb, or the one with that name or path."""
        table: dict[str, list[dict[str, Any]]] = {}
        for endpoint in self._by_address.values():
            if command is None or command.lower() in (endpoint.name.lower(), endpoint.path):
                table.setdefault(endpoint.verb, []).append(_describe(endpoint))
        if command is not None and not table:
            raise NotFound(f"There is no command {command}.")
        return table

    async def call(self, misty: Misty, request: Request) -> Response:
        """Carry out a request, whatever is in it.

        Raises:
            NeverAnswers: the robot would not answer this one.
        """
        headers = {}
        try:
            endpoint = self.find(request.method, request.path)
            headers["Misty-Command-Version"] = endpoint.version
            if misty.updating and not endpoint.while_updating:
                raise Unavailable("The robot is updating.")
            result = await endpoint.handler(misty, bind(endpoint.arguments, _given(request)))
        except ApiError as error:
            return Response.of_json({"status": "Failed", "error": str(error)}, error.status, headers)
        if isinstance(result, Response):
            return Response(result.body, result.status, result.content_type, {**headers, **result.headers})
        return Response.of_json({"result": result, "status": "Success"}, 200, headers)


def _describe(endpoint: Endpoint) -> dict[str, Any]:
    listed = [argument for argument in endpoint.arguments if argument.kind is not Kind.FILE]
    arguments = {
        _camel(argument.name): {"getValueType": argument.value_type(), "ordinalNumber": number}
        for number, argument in enumerate(listed)
    }
    return {
        "endpoint": endpoint.path,
        "apiCommand": {"name": endpoint.name, "apiCommandGroup": endpoint.group, "arguments": arguments},
    }


def _camel(name: str) -> str:
    return name.lower() if name.isupper() else name[0].lower() + name[1:]


def _given(request: Request) -> dict[str, Any]:
    """The arguments of a request: its query, then its body, which may be JSON, a form, or nothing."""
    given: dict[str, Any] = dict(request.query)
    content_type = request.headers.get("content-type", "")
    if not request.body.strip():
        return given
    if content_type.lower().startswith("multipart/form-data"):
        return given | form_fields(content_type, request.body)
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        raise BadArgument("The body is no JSON.") from None
    if body is not None and not isinstance(body, dict):
        raise BadArgument("The body is no JSON object.")
    if b"\\ud" in request.body.lower() and not is_writable(body):  # not worth the time for every upload
        raise BadArgument("The body holds half a character.")
    return given | (body or {})


def text(name: str, default: str | None = None, *, required: bool = False, choices: tuple[str, ...] = ()) -> Argument:
    """An argument that is text."""
    return Argument(name, Kind.STRING, default, required, choices=choices)


def truth(name: str, default: bool | None = None, *, required: bool = False) -> Argument:
    """An argument that is true or false."""
    return Argument(name, Kind.BOOLEAN, default, required)


def whole(
    name: str,
    low: float | None = None,
    high: float | None = None,
    default: int | None = None,
    *,
    required: bool = False,
) -> Argument:
    """An argument that is a whole number."""
    return Argument(name, Kind.INTEGER, default, required, low, high)


def number(
    name: str,
    low: float | None = None,
    high: float | None = None,
    default: float | None = None,
    *,
    required: bool = False,
) -> Argument:
    """An argument that is a number."""
    return Argument(name, Kind.NUMBER, default, required, low, high)


def byte(name: str, *, default: int | None = None, required: bool = False) -> Argument:
    """An argument from 0 to 255."""
    return Argument(name, Kind.BYTE, default, required)


FILE = Argument("File", Kind.FILE)
"""A file in a form; help does not list it (seen in the vendor's Python SDK, which was generated from help)."""

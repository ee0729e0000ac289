"""HTTP/1.1 on asyncio streams: requests with a length or in chunks, within limits of size and time."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

HEAD_BYTES = 16 * 1024
"""Longest request line and headers."""

BODY_BYTES = 8 * 1024 * 1024
"""Longest body: room for a file that is too large for Misty (3 MB, in base64 4 MB), so that she can say so."""

HEAD_S = 75.0
"""Real seconds that an open connection may be silent, or take to send its head."""

BODY_S = 30.0
"""Real seconds that a body may take, either way."""


class BadRequest(Exception):
    """Something that is no HTTP request; the connection cannot go on."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        """Answer with `status` and say why."""
        super().__init__(why)
        self.status = status


@dataclass(frozen=True)
class Request:
    """One request, its body read."""

    method: str
    """In upper case."""
    path: str
    """Decoded, without the query."""
    query: dict[str, str]
    """Decoded; of a repeated name the last value."""
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    head: bytes
    """The request line and headers as they came, for the WebSocket's own handshake."""
    keep_alive: bool
    """The connection may be used again."""

    @property
    def upgrades(self) -> bool:
        """It wants to become a WebSocket."""
        return "websocket" in self.headers.get("upgrade", "").lower()


@dataclass(frozen=True)
class Response:
    """One answer."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_json(cls, value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        """An answer in JSON."""
        return cls(json.dumps(value).encode(), status, "application/json; charset=utf-8", headers or {})

    def encode(self, keep_alive: bool) -> bytes:
        """What goes over the wire."""
        lines = [
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}",
            f"Content-Type: {self.content_type}",
            f"Content-Length: {len(self.body)}",
            f"Connection: {'keep-alive' if keep_alive else 'close'}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body


async def read_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request | None:
    """The next request of a connection, or None when the other side has gone or is silent for too long.

    Raises:
        BadRequest: what came is no request, or is too large.
    """
    try:
        async with asyncio.timeout(HEAD_S):
            head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as error:
        raise BadRequest(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the head is too long") from error
    except (asyncio.IncompleteReadError, TimeoutError):
        return None
    method, target, version, headers = _parse_head(head)
    try:
        async with asyncio.timeout(BODY_S):
            body = await _read_body(reader, writer, headers)
    except asyncio.IncompleteReadError:
        return None
    except TimeoutError as error:
        raise BadRequest(HTTPStatus.REQUEST_TIMEOUT, "the body did not come") from error
    connection = headers.get("connection", "").lower()
    keep_alive = "close" not in connection and (version == "HTTP/1.1" or "keep-alive" in connection)
    try:
        url = urlsplit(target)
        query = dict(parse_qsl(url.query, keep_blank_values=True, max_num_fields=100))
    except ValueError as error:
        raise BadRequest(HTTPStatus.BAD_REQUEST, "the address is malformed") from error
    return Request(method, unquote(url.path), query, headers, body, head, keep_alive)


def _parse_head(head: bytes) -> tuple[str, str, str, dict[str, str]]:
    first, *lines = head[:-4].decode("latin-1").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[0].isalpha() or parts[2] not in ("HTTP/1.1", "HTTP/1.0"):
        raise BadRequest(HTTPStatus.BAD_REQUEST, "the request line is malformed")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise BadRequest(HTTPStatus.BAD_REQUEST, "a header is malformed")
        headers[name.lower()] = value.strip()
    return parts[0].upper(), parts[1], parts[2], headers


async def _read_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]) -> bytes:
    chunked = headers.get("transfer-encoding", "").lower() == "chunked"
    length = headers.get("content-length", "0")
    if "transfer-encoding" in headers and (not chunked or "content-length" in headers):
        raise BadRequest(HTTPStatus.BAD_REQUEST, "the length of the body is not clear")
    if not (length.isascii() and length.isdigit()):
        raise BadRequest(HTTPStatus.BAD_REQUEST, "Content-Length is no number")
    if int(length[:20]) > BODY_BYTES:
        raise BadRequest(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too large")
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    return await _read_chunks(reader) if chunked else await reader.readexactly(int(length))


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while True:
        try:
            size = int((await reader.readuntil(b"\r\n")).partition(b";")[0].strip() or b"x", 16)
        except (ValueError, asyncio.LimitOverrunError) as error:
            raise BadRequest(HTTPStatus.BAD_REQUEST, "a chunk is malformed") from error
        if size < 0 or len(body) + size > BODY_BYTES:
            raise BadRequest(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too large")
        if size == 0:
            break
        body += await reader.readexactly(size)
        if await reader.readexactly(2) != b"\r\n":
            raise BadRequest(HTTPStatus.BAD_REQUEST, "a chunk is malformed")
    trailers = 0
    while (line := await reader.readline()) not in (b"\r\n", b""):
        trailers += len(line)
        if trailers > HEAD_BYTES:
            raise BadRequest(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the trailers are too long")
    return bytes(body)

"""One client of Misty's live stream: RTSP (RFC 2326), and the stream's packets on the same connection.

Packets by UDP are refused, as RFC 2326 lets a server do; clients then ask for them on the connection. Nobody has to
give a name and a password.
"""

from __future__ import annotations

import asyncio
import secrets
import struct
from dataclasses import dataclass

HEAD_BYTES = 8 * 1024
"""Longest request line and headers."""

BODY_BYTES = 8 * 1024
"""Longest body of a request; none that is known here has one that matters."""

IDLE_S = 60.0
"""Real seconds that a client to which nothing is played may be silent."""

BACKLOG_BYTES = 256 * 1024
"""What a client that does not read may leave unread before it is cut off: 8 s of sound at 16 kHz."""

METHODS = ("OPTIONS", "DESCRIBE", "SETUP", "PLAY", "GET_PARAMETER", "TEARDOWN")
"""What a client may ask for."""

REASONS = {
    200: "OK",
    400: "Bad Request",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    461: "Unsupported Transport",
    501: "Not Implemented",
}
"""The statuses of answers."""


class BadRequest(Exception):
    """Something that is no RTSP request; the connection cannot go on."""


@dataclass(frozen=True)
class Request:
    """One request."""

    method: str
    url: str
    headers: dict[str, str]
    """Names in lower case."""


class Client:
    """A connection that has just been made; `playing` once the client wants the packets."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, description: str) -> None:
        """Take over a connection; `description` is the stream's SDP."""
        self._reader = reader
        self._writer = writer
        self._description = description
        self._session = ""
        self._channel = 0
        self.playing = False
        """It gets packets."""

    async def serve(self) -> None:
        """Answer what it asks for until it has gone, or is silent for too long."""
        try:
            while (request := await self._next()) is not None:
                self._answer(request)
                async with asyncio.timeout(IDLE_S):
                    await self._writer.drain()
                if request.method == "TEARDOWN":
                    break
        except BadRequest:
            self._reply(400, {})
        except (OSError, asyncio.IncompleteReadError):  # it has gone; time that has run out is an OSError too
            pass
        finally:
            self.playing = False
            self._writer.close()

    def send(self, packet: bytes) -> None:
        """Send a packet; a client that does not read is cut off."""
        if self._writer.is_closing():
            return
        self._writer.write(struct.pack(">cBH", b"$", self._channel, len(packet)) + packet)
        if self._writer.transport.get_write_buffer_size() > BACKLOG_BYTES:
            self.drop()

    def drop(self) -> None:
        """End the connection without a word."""
        self.playing = False
        self._writer.transport.abort()

    async def _next(self) -> Request | None:
        """The next request; None at the end of the connection."""
        async with asyncio.timeout(None if self.playing else IDLE_S):
            while (first := await self._reader.read(1)) == b"$":  # a report on what it gets
                await self._reader.readexactly(struct.unpack(">xH", await self._reader.readexactly(3))[0])
            if not first:
                return None
            try:
                request = _parse(first + await self._reader.readuntil(b"\r\n\r\n"))
            except asyncio.LimitOverrunError as error:
                raise BadRequest from error
            length = request.headers.get("content-length", "0")
            if not (length.isascii() and length.isdigit()) or int(length[:20]) > BODY_BYTES:
                raise BadRequest
            await self._reader.readexactly(int(length))
            return request

    def _answer(self, request: Request) -> None:
        sequence = {"CSeq": request.headers["cseq"]}
        session = request.headers.get("session", "").partition(";")[0]
        if request.method not in METHODS:
            self._reply(501, {**sequence, "Public": ", ".join(METHODS)})
        elif session and session != self._session:
            self._reply(454, sequence)
        elif request.method == "OPTIONS":
            self._reply(200, {**sequence, "Public": ", ".join(METHODS)})
        elif request.method == "DESCRIBE":
            about = {"Content-Base": request.url.rstrip("/") + "/", "Content-Type": "application/sdp"}
            self._reply(200, {**sequence, **about}, self._description.encode())
        elif request.method == "SETUP":
            self._set_up(request.headers.get("transport", ""), sequence)
        elif not self._session:
            self._reply(455, sequence)
        else:
            self.playing = self.playing or request.method == "PLAY"
            self._reply(200, {**sequence, "Session": self._session})

    def _set_up(self, transports: str, sequence: dict[str, str]) -> None:
        for transport in transports.split(","):
            protocol, *parameters = transport.strip().split(";")
            given = dict(parameter.partition("=")[::2] for parameter in parameters)
            channel = given.get("interleaved", "0").partition("-")[0]
            if protocol.upper() == "RTP/AVP/TCP" and channel in map(str, range(255)):
                break
        else:
            self._reply(461, sequence)
            return
        self._channel = int(channel)
        self._session = self._session or secrets.token_hex(4)
        answer = f"RTP/AVP/TCP;unicast;interleaved={channel}-{self._channel + 1}"
        self._reply(200, {**sequence, "Transport": answer, "Session": f"{self._session};timeout={IDLE_S:.0f}"})

    def _reply(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        lines = [f"RTSP/1.0 {status} {REASONS[status]}", *(f"{name}: {value}" for name, value in headers.items())]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        self._writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)


def _parse(head: bytes) -> Request:
    first, *lines = head[:-4].decode("latin-1").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or parts[2] != "RTSP/1.0":
        raise BadRequest
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise BadRequest
        headers[name.strip().lower()] = value.strip()
    if "cseq" not in headers:
        raise BadRequest
    return Request(parts[0], parts[1], headers)

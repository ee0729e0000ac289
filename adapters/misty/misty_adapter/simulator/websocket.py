"""One WebSocket on asyncio streams; the protocol itself is that of the library `websockets`, without its sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from websockets.exceptions import InvalidState
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

MESSAGE_BYTES = 64 * 1024
"""Longest message taken from a client."""

BACKLOG_BYTES = 1024 * 1024
"""What a client that does not read may leave unread before it is cut off."""


class WebSocket:
    """A connection that has been, or is just being, upgraded."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_s: float = 0.0) -> None:
        """Take over a connection whose request has been read; `delay_s` is what each message takes to the client."""
        self._reader = reader
        self._writer = writer
        self._delay_s = delay_s
        self._protocol = ServerProtocol(max_size=MESSAGE_BYTES)
        self.half_open = False
        """The connection stands, but nothing comes through it any more."""

    def handshake(self, head: bytes) -> bool:
        """Answer the request `head`; False when it was refused."""
        self._protocol.receive_data(head)
        for event in self._protocol.events_received():
            assert isinstance(event, Request)
            self._protocol.send_response(self._protocol.accept(event))
        self._flush()
        return self._protocol.state is OPEN

    async def messages(self) -> AsyncIterator[str]:
        """Text that comes in, until the connection ends."""
        fragments: list[bytes] = []
        while data := await self._reader.read(64 * 1024):
            self._protocol.receive_data(data)
            if not self.half_open:
                self._flush()
            for event in self._protocol.events_received():
                if not isinstance(event, Frame) or event.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                    continue
                fragments.append(bytes(event.data))
                if event.fin and not self.half_open:
                    yield b"".join(fragments).decode("utf-8", errors="replace")
                if event.fin:
                    fragments.clear()
            if self._protocol.close_expected():
                return

    def send(self, text: str) -> None:
        """Send text, unless the connection is closing."""
        if self._delay_s:
            asyncio.get_running_loop().call_later(self._delay_s, self._send, text)
        else:
            self._send(text)

    def drop(self) -> None:
        """End the connection without a word."""
        self._writer.transport.abort()

    def _send(self, text: str) -> None:
        if self.half_open or self._writer.is_closing():
            return
        try:
            self._protocol.send_text(text.encode())
        except InvalidState:
            return
        self._flush()
        if self._writer.transport.get_write_buffer_size() > BACKLOG_BYTES:
            self.drop()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._writer.write(data)
            elif self._writer.can_write_eof():
                self._writer.write_eof()

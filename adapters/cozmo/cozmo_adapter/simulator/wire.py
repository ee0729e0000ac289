"""A UDP socket behind a bad network: what arrives at it and what leaves it may be lost, late, doubled or overtaken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from cozmo_adapter.simulator.faults import Channel, Faults
from robot_runtime.errors import RobotError


class Wire(asyncio.DatagramProtocol):
    """The socket and the network before it."""

    def __init__(self, faults: Faults, on_datagram: Callable[[bytes, Any], None]) -> None:
        """Not open yet.

        Args:
            faults: of the network.
            on_datagram: gets what arrives, with the address of its sender.
        """
        self.faults = faults
        self._on_datagram = on_datagram
        self._transport: asyncio.DatagramTransport | None = None

    @property
    def faults(self) -> Faults:
        """What the network does; replacing it begins with its seed again."""
        return self._faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._faults = faults
        self._up, self._down = Channel(faults, up=True), Channel(faults, up=False)

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens, once open."""
        assert self._transport is not None, "start first"
        host, port = self._transport.get_extra_info("sockname")[:2]
        return host, port

    async def open(self, host: str, port: int) -> None:
        """Listen at an address; port 0 takes a free one.

        Raises:
            RobotError: that is not possible.
        """
        loop = asyncio.get_running_loop()
        try:
            self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(host, port))
        except OSError as error:
            raise RobotError(
                f"cannot listen at UDP {host}:{port}: {error.strerror or error}; choose another port"
            ) from error

    def close(self) -> None:
        """Listen no more; what is on its way is lost."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def send(self, data: bytes, address: Any) -> None:
        """Send a datagram into the network."""
        self._pass(self._down, self._leave, data, address)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """Called by asyncio."""
        self._pass(self._up, self._arrive, data, addr)

    def _pass(self, channel: Channel, then: Callable[[bytes, Any], None], data: bytes, address: Any) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for arrival in channel.fate(now):
            if arrival > now:
                loop.call_at(arrival, then, data, address)
            else:
                then(data, address)

    def _leave(self, data: bytes, address: Any) -> None:
        if self._transport is not None:
            self._transport.sendto(data, address)

    def _arrive(self, data: bytes, address: Any) -> None:
        if self._transport is not None:
            self._on_datagram(data, address)

"""Malformed and truncated datagrams from the right address, into the adapter and into the simulator, while it talks."""

from __future__ import annotations

import asyncio
import random
import time
from typing import Any

from cozmo_adapter.bench.ear import Ear
from cozmo_adapter.bench.speaking import SETTINGS, babble
from cozmo_adapter.robot import CozmoRobot
from cozmo_adapter.simulator.frames import MARK, MAX_FRAME
from cozmo_adapter.simulator.robot import SimulatedCozmo
from robot_runtime.robot import Expression

BURST = 20
"""Datagrams sent before the event loop has a turn."""

PAUSE_S = 0.002
"""Pause between bursts: ten thousand datagrams a second at most."""

PREFIX_BYTES = 14
"""A frame's head: a datagram cut within it, or with nonsense behind it, is no frame."""


class _Side(asyncio.DatagramProtocol):
    """One socket of the proxy."""

    def __init__(self) -> None:
        self.forward: Any = lambda data, address: None
        self.transport: Any = None
        self.seen: list[bytes] = []

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.seen = [*self.seen[-15:], data]
        self.forward(data, addr)


class Proxy:
    """Stands between client and robot, so that what it adds comes from the right address on both sides."""

    async def start(self, robot: tuple[str, int]) -> None:
        """Listen; `address` is where the client goes."""
        loop = asyncio.get_running_loop()
        _, self._client = await loop.create_datagram_endpoint(_Side, local_addr=("127.0.0.1", 0))
        _, self._robot = await loop.create_datagram_endpoint(_Side, remote_addr=robot)
        self._client_address: Any = None
        self._client.forward = self._up
        self._robot.forward = self._down
        self.address: tuple[str, int] = self._client.transport.get_extra_info("sockname")

    def stop(self) -> None:
        """Close both sockets."""
        self._client.transport.close()
        self._robot.transport.close()

    def spoil(self, chance: random.Random) -> None:
        """Send one malformed datagram each way, half of them made from frames that really passed."""
        if self._client_address:
            self._client.transport.sendto(malformed(chance, self._robot.seen), self._client_address)
        self._robot.transport.sendto(malformed(chance, self._client.seen))

    def _up(self, data: bytes, address: Any) -> None:
        self._client_address = address
        self._robot.transport.sendto(data)

    def _down(self, data: bytes, address: Any) -> None:
        if self._client_address:
            self._client.transport.sendto(data, self._client_address)


def malformed(chance: random.Random, seen: list[bytes]) -> bytes:
    """A datagram that is no frame of the protocol."""
    real = chance.choice(seen) if seen else MARK
    kind = chance.randrange(5)
    if kind == 0:  # noise
        return chance.randbytes(chance.randrange(1, 1400))
    if kind == 1:  # cut within the head
        return real[: chance.randrange(1, PREFIX_BYTES)]
    if kind == 2:  # cut within a packet
        return real[: chance.randrange(1, len(real))] if len(real) > PREFIX_BYTES + 4 else real[:3]
    if kind == 3:  # a head of a type that there is not, before noise
        head = bytes([*MARK, chance.choice((0, 5, 6, 8, 10, 12, 200, 255))])
        return head + chance.randbytes(chance.randrange(0, MAX_FRAME - len(head)))
    # A head that acknowledges nothing, before noise that claims to be packets
    return MARK + bytes([chance.choice((7, 9)), 0, 0, 0, 0, 0, 0]) + chance.randbytes(chance.randrange(1, 1000))


async def bench_fuzz(datagrams: int, seed: int) -> dict[str, Any]:
    """So many malformed datagrams each way; then an utterance has to be heard whole, on the same session."""
    chance = random.Random(seed)
    ear, proxy = Ear(), Proxy()
    simulated = SimulatedCozmo("127.0.0.1", 0, ear)
    await simulated.start()
    await proxy.start(simulated.address)
    robot = CozmoRobot(proxy.address, SETTINGS, lambda text: None)
    try:
        await robot.connect()
        session = robot.link.session
        began = time.monotonic()
        for number in range(datagrams):
            proxy.spoil(chance)
            if number % BURST == BURST - 1:
                await asyncio.sleep(PAUSE_S)
        seconds = time.monotonic() - began
        await asyncio.sleep(1.0)
        ear.played.clear()
        speech = babble(1.0, seed)
        await robot.say(speech, Expression.HAPPY)
        heard = sum(len(pcm) for _, pcm in ear.played if pcm.any())
        return {
            "datagrams_each_way": datagrams,
            "seconds": round(seconds, 1),
            "same_session": robot.link.session is session,
            "heard_afterwards": round(min(1.0, heard / len(speech.pcm)), 3),
            "counters": {name: int(count) for name, count in simulated.counters.items()},
        }
    finally:
        await robot.close()
        await simulated.stop()
        proxy.stop()

"""Misty's live stream: what her microphones hear, over RTSP, while nothing else of hers hears or sees.

Only the form `rtspd:PORT` is simulated, in which Misty is the server. There is no picture. The sound goes as plain
samples (L16); which codec a real Misty takes is not established. People speak only while somebody listens and the robot
itself is silent, so that nothing they say is lost.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import numpy as np

from misty_adapter.simulator.api.errors import ApiError, BadArgument
from misty_adapter.simulator.ears import RATE, Ears
from misty_adapter.simulator.rtp import Packets
from misty_adapter.simulator.rtsp import HEAD_BYTES, Client
from misty_adapter.simulator.wav import Samples, resample
from misty_adapter.simulator.world import World

PACKETS_S = 50
"""Packets in a second: 20 ms of sound each."""

FIRST_S = 0.5
"""Silence before the first utterance: clients miss some of the beginning while they find out what comes."""

PAUSE_S = 2.0
"""Silence after each utterance: time for an answer. Our choice."""

LOOK_S = 0.1
"""How often people see whether they may speak; each time is so much silence."""

SERVED = re.compile(r"rtspd:(\d{1,5})", re.ASCII)
"""The URL by which Misty is the server, at that port (documented)."""


class Streaming:
    """See the module's docstring."""

    def __init__(self, world: World, ears: Ears, host: str, speaking: Callable[[], bool]) -> None:
        """Stream nothing yet.

        Args:
            world: what all parts share.
            ears: what is heard.
            host: address to listen at.
            speaking: whether the robot makes a sound at this moment.
        """
        self._world = world
        self._ears = ears
        self._host = host
        self._speaking = speaking
        self._server: asyncio.Server | None = None
        self._pace: asyncio.Task[None] | None = None
        self.clients: set[Client] = set()
        """Whoever is connected, listening or not."""
        self._sound = _silence(0, RATE)

    async def start(self, url: str, rate: int) -> None:
        """Stream at `rate` Hz to whoever connects, instead of an earlier stream.

        Raises:
            BadArgument: `url` is not `rtspd:PORT`.
            ApiError: the port is taken.
        """
        given = SERVED.fullmatch(url)
        if given is None or not 0 < (port := int(given[1])) < 65536:
            raise BadArgument("URL must be rtspd: and a port; other streams are not simulated.")
        self.stop()
        packets = Packets(rate)
        description = packets.description(self._host)

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if self._server is not server:  # it was accepted when the stream had not ended yet
                writer.transport.abort()
                return
            client = Client(reader, writer, description)
            self.clients.add(client)
            self._world.spawn(self._serve(client))

        try:
            server = await asyncio.start_server(accept, self._host, port, limit=HEAD_BYTES, start_serving=False)
            await server.start_serving()
        except OSError as error:
            raise ApiError(f"The stream cannot be served at port {port}: {error.strerror or error}.") from None
        self.stop()  # somebody else may have started one meanwhile
        self._ears.stop()
        self._ears.streaming = True
        self._server = server
        self._sound = _silence(FIRST_S, rate)
        self._pace = self._world.spawn(self._send(packets))
        self._world.recording.event("streams", port=port, rate=rate)

    def stop(self) -> None:
        """End the stream and hear for oneself again; harmless when there is none."""
        if self._server is None or self._pace is None:
            return
        self._server.close()
        self._pace.cancel()
        self.drop_all()
        self._server, self._pace = None, None
        self._ears.streaming = False
        self._world.recording.event("stream_ended")

    def drop_all(self) -> None:
        """End all connections without a word; clients may come again."""
        for client in self.clients:
            client.drop()

    async def _serve(self, client: Client) -> None:
        try:
            await client.serve()
        finally:
            self.clients.discard(client)

    async def _send(self, packets: Packets) -> None:
        clock, due = self._world.clock, self._world.clock.now()
        count = packets.rate // PACKETS_S
        while True:
            due += count / packets.rate
            await clock.sleep(due - clock.now())
            if listeners := [client for client in self.clients if client.playing]:
                packet = packets.next(self._next(count, packets.rate))
                for client in listeners:
                    client.send(packet)

    def _next(self, count: int, rate: int) -> Samples:
        while len(self._sound) < count:
            heard = None if self._speaking() else self._ears.next_utterance()
            if heard is None:
                more = [_silence(LOOK_S, rate)]
            else:
                more = [resample(heard.samples, RATE, rate), _silence(PAUSE_S, rate)]
            self._sound = np.concatenate([self._sound, *more])
        samples, self._sound = self._sound[:count], self._sound[count:]
        return samples


def _silence(seconds: float, rate: int) -> Samples:
    return np.zeros(int(seconds * rate), np.float32)

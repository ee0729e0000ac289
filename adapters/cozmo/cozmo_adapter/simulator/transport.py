"""The robot's end of the link: reliable, in order, one client at a time. No sockets and no clock of its own.

How a real robot does it was reported from captures of firmware 2457 (jimbuschman/cozmo-stack, TRANSPORT_SPEC.md): it
accepts only the packet that is next in sequence, acknowledges cumulatively, and repeats every packet of its own that is
not acknowledged in every frame that it sends. The connection request takes the client's sequence number 1.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Hashable, Iterable

from cozmo_adapter.simulator import frames
from cozmo_adapter.simulator.frames import Frame, FrameError, FrameType, Packet, PacketType

SILENCE_S = 5.0
"""A client that is not heard for so long is dropped (reported, as above)."""

_SAME_REQUEST_S = 0.5
"""A connection request from the same client within this time is the network's copy of the first one."""

_MOST_UNACKNOWLEDGED = 1000
"""A client that lets more pile up gets no more."""

_MOST_PINGS = 16
"""Pings that are echoed in one frame."""


class Link:
    """Frames in, packets out, and the other way round."""

    def __init__(self, counters: Counter[str]) -> None:
        """A robot without a client; counts `datagrams`, `frames_in`, `frames_out`, `malformed`, `duplicates`, ..."""
        self.client: Hashable | None = None
        """Address of the connected client."""
        self.counters = counters
        """What passed and what went wrong."""
        self.accepted = 0
        """The last sequence number that was taken from the client."""
        self._reset()

    def receive(self, data: bytes, address: Hashable, now: float) -> list[Packet]:
        """Take a datagram.

        Args:
            data: as it came.
            address: of its sender.
            now: seconds of any steady clock.

        Returns:
            The packets that are news, in order: CONNECT for a new connection, DISCONNECT for its end, commands.
        """
        self.counters["datagrams"] += 1
        try:
            frame = frames.parse(data)
        except FrameError:
            self.counters["malformed"] += 1
            return []
        if self.client is not None and address != self.client:
            self.counters["refused"] += 1
            return []
        if frame.type is FrameType.RESET:
            return self._connect(address, now)
        if self.client is None:
            self.counters["strays"] += 1
            return []
        self.counters["frames_in"] += 1
        self._heard = now
        self._acknowledged(frame.ack)
        news = [Packet(PacketType.DISCONNECT)] if frame.type is FrameType.FIN else self._news(frame)
        for number, packet in enumerate(news):
            if packet.type is PacketType.DISCONNECT:
                self.close()
                return news[: number + 1]
        return news

    def send(self, body: bytes) -> None:
        """Send a command reliably: with the next frame, and with all that follow until it is acknowledged."""
        if self.client is not None:
            self._enqueue(Packet(PacketType.COMMAND, body))

    def frame(self, events: Iterable[bytes] = ()) -> bytes:
        """The frame to send now.

        Args:
            events: bodies of unreliable packets; those that do not fit are left out.
        """
        packets: list[Packet] = []
        room = frames.MAX_PAYLOAD
        for packet in self._unacknowledged:
            if packet.size > room:
                break
            packets.append(packet)
            room -= packet.size
        reliable = len(packets)
        for packet in (*self._pings, *(Packet(PacketType.EVENT, body) for body in events)):
            if packet.size <= room:
                packets.append(packet)
                room -= packet.size
        self._pings.clear()
        self.counters["frames_out"] += 1
        first = self._first if reliable else 0
        last = frames.following(self._first, reliable - 1) if reliable else 0
        return frames.build(Frame(FrameType.ROBOT, first, last, self.accepted, tuple(packets)))

    def expired(self, now: float) -> bool:
        """Drop a client that has been silent for too long, and say whether that happened."""
        if self.client is None or now - self._heard < SILENCE_S:
            return False
        self.close()
        return True

    def close(self) -> None:
        """Forget the client."""
        self.client = None
        self._reset()

    def _reset(self) -> None:
        self._heard = self._connected = 0.0
        self.accepted = 0
        self._first = 1
        self._unacknowledged: deque[Packet] = deque()
        self._pings: deque[Packet] = deque(maxlen=_MOST_PINGS)

    def _connect(self, address: Hashable, now: float) -> list[Packet]:
        if address == self.client and now - self._connected < _SAME_REQUEST_S:
            self.counters["duplicates"] += 1
            return []
        self.counters["frames_in"] += 1
        self._reset()
        self.client = address
        self._heard = self._connected = now
        self.accepted = 1
        self._enqueue(Packet(PacketType.CONNECT))
        return [Packet(PacketType.CONNECT)]

    def _news(self, frame: Frame) -> list[Packet]:
        news = []
        last = 0
        for sequence, packet in frame.numbered():
            last = sequence or last
            if packet.type is PacketType.PING:
                self._pings.append(packet)
            elif not sequence:
                self.counters["ignored"] += 1
            elif sequence == frames.following(self.accepted):
                self.accepted = sequence
                news.append(packet)
            elif frames.distance(sequence, self.accepted) < frames.LAST_SEQUENCE // 2:
                self.counters["duplicates"] += 1
            else:
                self.counters["gaps"] += 1
        if last and last != frame.last:
            self.counters["misnumbered"] += 1
        return news

    def _enqueue(self, packet: Packet) -> None:
        if len(self._unacknowledged) < _MOST_UNACKNOWLEDGED:
            self._unacknowledged.append(packet)

    def _acknowledged(self, sequence: int) -> None:
        if sequence and frames.distance(self._first, sequence) < len(self._unacknowledged):
            for _ in range(frames.distance(self._first, sequence) + 1):
                self._unacknowledged.popleft()
                self._first = frames.following(self._first)

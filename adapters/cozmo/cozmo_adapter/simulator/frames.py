"""Frames of the Cozmo protocol: the datagrams, and the packets that they carry.

A frame is little-endian: a mark of 7 bytes, type u8, the sequence numbers of its first and last reliable packet u16
each, and the sequence number that it acknowledges u16; then packets of type u8, length u16 and body. Sequence numbers
run from 1 to 65534 and round again; 0 means none. (Layout: pycozmo's `docs/protocol.md`; sizes: its
`protocol_declaration.py`.)
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

MARK = b"COZ\x03RE\x01"
"""How every frame begins."""

MAX_FRAME = 1051
"""Bytes of a whole frame; the robot drops longer ones (reported)."""

LAST_SEQUENCE = 65534
"""The highest wire sequence number; 1 follows it."""

_HEAD = struct.Struct("<7sBHHH")
_PACKET = struct.Struct("<BH")

MAX_PAYLOAD = MAX_FRAME - _HEAD.size
"""Bytes of all packets of a frame with their headings: 1037."""

PACKET_HEAD = _PACKET.size
"""Bytes of a packet's heading."""


class FrameError(ValueError):
    """A datagram that is no frame, or a frame that cannot be built."""


class FrameType(IntEnum):
    """What a frame is for."""

    RESET = 1
    """The client asks for a connection."""
    RESET_ACK = 2
    FIN = 3
    """The client goes."""
    SINGLE = 4
    """One command without a packet heading."""
    ENGINE = 7
    """Packets of a client."""
    ROBOT = 9
    """Packets of a robot."""
    PING = 0x0B
    """One ping without a packet heading."""


class PacketType(IntEnum):
    """How a packet travels."""

    CONNECT = 2
    DISCONNECT = 3
    COMMAND = 4
    """Reliable: numbered, and repeated until it is acknowledged."""
    EVENT = 5
    """Unreliable: sent once, without a number."""
    KEYFRAME = 0x0A
    PING = 0x0B


@dataclass(frozen=True)
class Packet:
    """One packet."""

    type: PacketType
    """How it travels."""
    body: bytes = b""
    """What it says; of a COMMAND or EVENT the first byte is the id."""

    @property
    def reliable(self) -> bool:
        """Whether it has a sequence number."""
        return self.type < PacketType.EVENT

    @property
    def size(self) -> int:
        """Bytes that it takes in a frame."""
        return PACKET_HEAD + len(self.body)


@dataclass(frozen=True)
class Frame:
    """One datagram."""

    type: FrameType
    """What it is for."""
    first: int = 0
    """Sequence number of its first reliable packet, 0 if it has none."""
    last: int = 0
    """Sequence number of its last reliable packet, 0 if it has none."""
    ack: int = 0
    """The last sequence number that the sender has accepted, 0 for none."""
    packets: tuple[Packet, ...] = ()
    """What it carries."""

    def numbered(self) -> Iterator[tuple[int, Packet]]:
        """The packets in order, each with its sequence number, 0 for those without."""
        sequence = self.first
        for packet in self.packets:
            yield (sequence if packet.reliable else 0), packet
            if packet.reliable:
                sequence = following(sequence)


def following(sequence: int, steps: int = 1) -> int:
    """The sequence number some steps after this one."""
    return (sequence - 1 + steps) % LAST_SEQUENCE + 1


def distance(earlier: int, later: int) -> int:
    """Steps from one sequence number on to another, 0..65533."""
    return (later - earlier) % LAST_SEQUENCE


def parse(data: bytes) -> Frame:
    """Read a datagram.

    Raises:
        FrameError: it is no well-formed frame.
    """
    if not _HEAD.size <= len(data) <= MAX_FRAME:
        raise FrameError(f"a frame has {_HEAD.size} to {MAX_FRAME} bytes, this one {len(data)}")
    mark, kind, first, last, ack = _HEAD.unpack_from(data)
    if mark != MARK:
        raise FrameError("the mark of a frame is missing")
    if max(first, last, ack) > LAST_SEQUENCE:
        raise FrameError(f"{max(first, last, ack)} is no sequence number")
    try:
        type = FrameType(kind)
    except ValueError as error:
        raise FrameError(f"unknown frame type {kind}") from error
    packets = tuple(_packets(type, data[_HEAD.size :]))
    if not first and any(packet.reliable for packet in packets):
        raise FrameError("a reliable packet without a sequence number")
    return Frame(type, first, last, ack, packets)


def build(frame: Frame) -> bytes:
    """Write a datagram.

    Raises:
        FrameError: it would be longer than a robot or a client takes, or cannot be told in this type.
    """
    if frame.type in (FrameType.SINGLE, FrameType.PING):
        if len(frame.packets) != 1:
            raise FrameError(f"a frame of type {frame.type.name} has one packet, not {len(frame.packets)}")
        payload = frame.packets[0].body
    else:
        payload = b"".join(_PACKET.pack(p.type, len(p.body)) + p.body for p in frame.packets)
    if len(payload) > MAX_PAYLOAD:
        raise FrameError(f"{len(payload)} bytes of packets do not fit the {MAX_PAYLOAD} of a frame")
    return _HEAD.pack(MARK, frame.type, frame.first, frame.last, frame.ack) + payload


def _packets(type: FrameType, payload: bytes) -> Iterator[Packet]:
    if type is FrameType.PING:
        yield Packet(PacketType.PING, payload)
    elif type is FrameType.SINGLE:
        yield Packet(PacketType.COMMAND, payload)
    elif type in (FrameType.ENGINE, FrameType.ROBOT):
        yield from _split(payload)
    elif payload:
        raise FrameError(f"a frame of type {type.name} has no packets")


def _split(payload: bytes) -> Iterator[Packet]:
    at = 0
    while at < len(payload):
        if at + _PACKET.size > len(payload):
            raise FrameError("a packet's heading is cut off")
        kind, length = _PACKET.unpack_from(payload, at)
        at += _PACKET.size
        if at + length > len(payload):
            raise FrameError("a packet is cut off")
        try:
            type = PacketType(kind)
        except ValueError as error:
            raise FrameError(f"unknown packet type {kind}") from error
        yield Packet(type, payload[at : at + length])
        at += length

"""The simulator's packets, against pycozmo's own classes."""

from __future__ import annotations

import random
from typing import Any

import pytest

from cozmo_adapter.connection.library import pycozmo
from cozmo_adapter.simulator import packets
from cozmo_adapter.simulator.packets import BY_ID, FIRST_OF_ROBOT, Light, PacketError, UnknownPacket

encoder = pycozmo.protocol_encoder


def value(code: str, size: int, source: random.Random) -> Any:
    """A value for a field, not the same twice."""
    if code == "v":
        return source.randbytes(source.randrange(20))
    if code == "L":
        lamps = size // 10
        return tuple(Light(*(source.randrange(256) for _ in Light._fields)) for _ in range(lamps))
    if code == "tuple":
        return tuple(source.randrange(65536) for _ in range(size // 2))
    return {1: source.randrange(2), 2: source.randrange(14), 4: source.randrange(6), 744: source.randbytes(744)}[size]


@pytest.mark.parametrize("id", BY_ID)
def test_both_ways_agree_with_pycozmo(id: int) -> None:
    layout = BY_ID[id]
    source = random.Random(id)
    values = {field.name: value(field.code, field.layout.size, source) for field in layout.fields}
    if "signature" in values:
        values["signature"] = b'{"version": 2381}'
    body = packets.build(layout.name, **values)
    theirs = encoder.PACKETS_BY_ID[id].from_bytes(body[1:])
    assert type(theirs).__name__ == layout.name
    assert bytes([theirs.id]) + theirs.to_bytes() == body
    assert theirs.is_from_robot() == (id >= FIRST_OF_ROBOT)
    assert packets.parse(body).fields == values
    for name, expected in values.items():
        assert plain(getattr(theirs, name)) == plain(expected), name


def plain(found: Any) -> Any:
    """pycozmo's and our values in one form."""
    if isinstance(found, str):
        return found.encode()
    if hasattr(found, "value"):
        return found.value
    if isinstance(found, encoder.LightState):
        return tuple(getattr(found, name) for name in Light._fields)
    if isinstance(found, (tuple, list, bytearray)) and not isinstance(found, Light):
        return [plain(part) for part in found] if not isinstance(found, bytearray) else bytes(found)
    return tuple(found) if isinstance(found, Light) else found


def test_unknown_ids_and_wrong_lengths_are_told_apart() -> None:
    with pytest.raises(UnknownPacket, match="0x01"):
        packets.parse(b"\x01")
    with pytest.raises(UnknownPacket, match="empty"):
        packets.parse(b"")
    with pytest.raises(PacketError, match="SetRobotVolume is cut off"):
        packets.parse(b"\x64\x01")
    with pytest.raises(PacketError, match="SetRobotVolume has 3 bytes, not 4"):
        packets.parse(b"\x64\x01\x02\x03")
    with pytest.raises(PacketError, match="DisplayImage has 13 bytes, not 4"):
        packets.parse(b"\x97\x0a\x00\x3f")


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(UnknownPacket, match="Jump"):
        packets.build("Jump")
    with pytest.raises(PacketError, match="level"):
        packets.build("SetRobotVolume", volume=1)
    with pytest.raises(PacketError, match="cannot be written"):
        packets.build("SetRobotVolume", level=65536)


def test_damage_raises_nothing_but_packet_errors() -> None:
    source = random.Random(2)
    for _ in range(20_000):
        try:
            packets.parse(source.randbytes(source.randrange(60)))
        except PacketError:
            pass

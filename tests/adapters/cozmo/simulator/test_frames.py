"""The simulator's frames, against pycozmo's own classes and captured bytes."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cozmo_adapter.connection.library import pycozmo
from cozmo_adapter.simulator import frames, packets
from cozmo_adapter.simulator.frames import Frame, FrameError, FrameType, Packet, PacketType, distance, following

ENGINE = (
    b"COZ\x03RE\x01\x07\x9d\n\xa0\n\x8f\x00\x04\x01\x00\x8f\x04\x1d\x00\x97\x1a\x00\x15\xb0\xaa\x9c"
    b"\xac\xb2@\xa8\xba^\xac\xb2@\x02\xb4\xa2\xa0\xb0\xaa@\xac\xb2`\xb0\xaa\x1b\x04 \x00\x03\x1f\x80"
    b"\x1f\x80\t\x00\x00\x00\x00\x00\x1f\x80\x1f\x80\t\x00\x00\x00\x00\x00\x1f\x80\x1f\x80\t\x00\x00"
    b"\x00\x00\x00\x00\x04\x16\x00\x11\x1f\x80\x1f\x80\t\x00\x00\x00\x00\x00\x1f\x80\x1f\x80\t\x00"
    b"\x00\x00\x00\x00\x00"
)
"""A client's frame, captured (pycozmo, `tests/test_frame.py`)."""

ROBOT = (
    b"COZ\x03RE\x01\t\x00\x00\x00\x00\x13\x00\x0b\x11\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00"
    b"\x00\x00\x00\x00\x00\x00\x00\x05\x0f\x00\xf1y\x8bJO$\x00\x00\x00\x06\x00\x00\x00\xff\x00"
)
"""A robot's frame, captured (the same source): a ping and an AnimationState of an older firmware."""

sequences = st.integers(1, frames.LAST_SEQUENCE)
reliable = st.builds(Packet, st.sampled_from([PacketType.COMMAND, PacketType.CONNECT]), st.binary(max_size=40))
unreliable = st.builds(Packet, st.sampled_from([PacketType.EVENT, PacketType.PING]), st.binary(max_size=40))


def test_a_captured_frame_of_a_client_is_read_and_written() -> None:
    frame = frames.parse(ENGINE)
    assert (frame.type, frame.first, frame.last, frame.ack) == (FrameType.ENGINE, 2717, 2720, 143)
    assert [sequence for sequence, _ in frame.numbered()] == [2717, 2718, 2719, 2720]
    names = [packets.parse(packet.body).name for packet in frame.packets]
    assert names == ["OutputSilence", "DisplayImage", "LightStateCenter", "LightStateSide"]
    assert frames.build(frame) == ENGINE


def test_a_captured_frame_of_a_robot_is_read_and_written() -> None:
    frame = frames.parse(ROBOT)
    assert (frame.type, frame.first, frame.last, frame.ack) == (FrameType.ROBOT, 0, 0, 19)
    assert [packet.type for packet in frame.packets] == [PacketType.PING, PacketType.EVENT]
    assert list(frame.numbered()) == [(0, packet) for packet in frame.packets]
    assert frames.build(frame) == ROBOT


def test_pycozmo_reads_what_we_write() -> None:
    first = 300
    body = packets.build("AcknowledgeAction", action_id=7)
    event = packets.build("ObjectAvailable", factory_id=9, object_type=2, rssi=-50)
    ours = Frame(FrameType.ROBOT, first, first, 12, (Packet(PacketType.COMMAND, body), Packet(PacketType.EVENT, event)))
    theirs = pycozmo.frame.Frame.from_bytes(frames.build(ours))
    assert (theirs.first_seq, theirs.seq, theirs.ack) == (first - 1, first - 1, 11)
    acknowledge, available = theirs.pkts
    assert acknowledge.action_id == 7 and acknowledge.seq == first - 1
    assert available.factory_id == 9 and available.rssi == -50


@pytest.mark.parametrize("type", [FrameType.RESET, FrameType.FIN, FrameType.ENGINE, FrameType.PING, FrameType.SINGLE])
def test_we_read_what_pycozmo_writes(type: FrameType) -> None:
    encoder = pycozmo.protocol_encoder
    sent = {
        FrameType.ENGINE: [encoder.SetHeadAngle(angle_rad=0.25), encoder.DisplayImage(image=b"\x3f\x3f")],
        FrameType.PING: [encoder.Ping(1.0, 2, 3)],
        FrameType.SINGLE: [encoder.SetRobotVolume(level=500)],
    }.get(type, [])
    kind = pycozmo.protocol_declaration.FrameType(int(type))
    last = 5 + max(len(sent) - 1, 0)
    data = pycozmo.frame.Frame(kind, 5, last, 8, sent).to_bytes()
    frame = frames.parse(data)
    assert (frame.type, frame.first, frame.last, frame.ack) == (type, 6, last + 1, 9)
    assert len(frame.packets) == len(sent)
    assert frames.build(frame) == data
    if type is FrameType.SINGLE:
        assert packets.parse(frame.packets[0].body)["level"] == 500


@given(sequences, sequences, st.lists(reliable | unreliable, max_size=10), st.integers(0, frames.LAST_SEQUENCE))
def test_what_is_written_is_read_again(first: int, last: int, content: list[Packet], ack: int) -> None:
    frame = Frame(FrameType.ROBOT, first, last, ack, tuple(content))
    assert frames.parse(frames.build(frame)) == frame


def test_sequence_numbers_go_round_without_zero() -> None:
    assert following(1) == 2
    assert following(65534) == 1
    assert following(65533, 3) == 2
    assert distance(65534, 1) == 1
    assert distance(1, 65534) == 65533


def test_a_frame_has_room_for_1037_bytes() -> None:
    packet = Packet(PacketType.EVENT, bytes(1037 - frames.PACKET_HEAD))
    data = frames.build(Frame(FrameType.ROBOT, packets=(packet,)))
    assert len(data) == 1051
    assert frames.parse(data).packets == (packet,)
    with pytest.raises(FrameError, match="do not fit"):
        frames.build(Frame(FrameType.ROBOT, packets=(packet, Packet(PacketType.EVENT))))
    with pytest.raises(FrameError, match="1052"):
        frames.parse(data + b"\0")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "bytes"),
        (ENGINE[:13], "bytes"),
        (b"COX" + ENGINE[3:], "mark"),
        (ENGINE[:7] + b"\x33" + ENGINE[8:], "type 51"),
        (ENGINE[:8] + b"\xff\xff" + ENGINE[10:], "65535"),
        (ENGINE[:8] + b"\0\0" + ENGINE[10:], "without a sequence number"),
        (ENGINE[:-1], "cut off"),
        (ENGINE + b"\x04\x01", "heading"),
        (ENGINE[:14] + b"\x77" + ENGINE[15:], "packet type 119"),
        (ENGINE[:7] + b"\x01" + ENGINE[8:], "no packets"),
    ],
)
def test_what_is_no_frame_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(FrameError, match=why):
        frames.parse(data)


def test_damage_raises_nothing_but_frame_errors() -> None:
    source = random.Random(1)
    for _ in range(20_000):
        data = bytearray(source.choice([ENGINE, ROBOT]))
        for _ in range(source.randrange(4)):
            data[source.randrange(len(data))] = source.randrange(256)
        try:
            frames.parse(bytes(data[: source.randrange(len(data) + 1)]))
        except FrameError:
            pass

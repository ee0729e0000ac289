"""The robot's end of the link, frame by frame."""

from __future__ import annotations

import random
from collections import Counter

from cozmo_adapter.simulator import frames, packets
from cozmo_adapter.simulator.frames import Frame, FrameType, Packet, PacketType
from cozmo_adapter.simulator.transport import SILENCE_S, Link

ME, OTHER = ("127.0.0.1", 4000), ("127.0.0.1", 4001)
RESET = frames.build(Frame(FrameType.RESET, 1, 1))


def volume(level: int) -> Packet:
    return Packet(PacketType.COMMAND, packets.build("SetRobotVolume", level=level))


def engine(first: int, *content: Packet, ack: int = 0) -> bytes:
    last = frames.following(first, max(sum(packet.reliable for packet in content) - 1, 0)) if first else 0
    return frames.build(Frame(FrameType.ENGINE, first, last, ack, content))


def levels(news: list[Packet]) -> list[int]:
    return [packets.parse(packet.body)["level"] for packet in news]


def connected() -> Link:
    link = Link(Counter())
    assert [packet.type for packet in link.receive(RESET, ME, 0.0)] == [PacketType.CONNECT]
    return link


def sent(link: Link, *events: bytes) -> Frame:
    return frames.parse(link.frame(events))


def test_connecting_takes_the_first_sequence_number_of_either_side() -> None:
    link = connected()
    answer = sent(link)
    assert (answer.type, answer.first, answer.last, answer.ack) == (FrameType.ROBOT, 1, 1, 1)
    assert [packet.type for packet in answer.packets] == [PacketType.CONNECT]
    # pycozmo's first packet takes number 1 again, and is a duplicate for the robot.
    assert levels(link.receive(engine(1, volume(10), volume(20)), ME, 0.0)) == [20]
    assert link.counters["duplicates"] == 1
    assert sent(link).ack == 2


def test_only_the_next_in_sequence_is_taken() -> None:
    link = connected()
    assert levels(link.receive(engine(3, volume(3)), ME, 0.0)) == []
    assert link.counters["gaps"] == 1
    assert sent(link).ack == 1
    assert levels(link.receive(engine(2, volume(2)), ME, 0.0)) == [2]
    assert levels(link.receive(engine(2, volume(2), volume(3), volume(4)), ME, 0.0)) == [3, 4]
    assert sent(link).ack == 4


def test_numbers_go_round() -> None:
    link = connected()
    taken = []
    number = 2
    for level in range(65534 + 10):
        taken += levels(link.receive(engine(number, volume(level % 1000)), ME, 0.0))
        number = frames.following(number)
    assert taken == [level % 1000 for level in range(65534 + 10)]


def test_everything_is_repeated_until_it_is_acknowledged() -> None:
    link = connected()
    link.send(b"\xc3")
    assert [(frame.first, frame.last) for frame in (sent(link), sent(link))] == [(1, 2), (1, 2)]
    link.receive(engine(0, ack=1), ME, 0.0)
    link.send(b"\xc4\x01")
    frame = sent(link)
    assert (frame.first, frame.last) == (2, 3)
    assert [packet.body for packet in frame.packets] == [b"\xc3", b"\xc4\x01"]
    for beyond in (0, 1, 4, 65534):  # nothing, old, and not sent yet
        link.receive(engine(0, ack=beyond), ME, 0.0)
    assert sent(link).first == 2
    link.receive(engine(0, ack=3), ME, 0.0)
    frame = sent(link)
    assert (frame.first, frame.last, frame.packets) == (0, 0, ())


def test_a_frame_holds_what_fits_and_the_oldest_first() -> None:
    link = connected()
    for number in range(10):
        link.send(bytes([0xEE, number]) + bytes(300))
    frame = sent(link, bytes(500), b"\xf0")
    assert (frame.first, frame.last) == (1, 4)
    assert [packet.type for packet in frame.packets] == [PacketType.CONNECT] + [PacketType.COMMAND] * 3 + [
        PacketType.EVENT
    ]
    assert frame.packets[-1].body == b"\xf0"


def test_pings_come_back_as_they_were_and_once() -> None:
    link = connected()
    for content in (b"0123456789abcdefg", b"other length"):
        link.receive(frames.build(Frame(FrameType.PING, packets=(Packet(PacketType.PING, content),))), ME, 0.0)
    pings = [packet.body for packet in sent(link).packets if packet.type is PacketType.PING]
    assert pings == [b"0123456789abcdefg", b"other length"]
    assert all(packet.type is not PacketType.PING for packet in sent(link).packets)


def test_a_second_client_is_refused_until_the_first_has_gone() -> None:
    link = connected()
    assert link.receive(RESET, OTHER, 1.0) == []
    assert link.receive(engine(2, volume(1)), OTHER, 1.0) == []
    assert link.counters["refused"] == 2
    assert levels(link.receive(engine(2, volume(1)), ME, 1.0)) == [1]
    gone = link.receive(engine(3, Packet(PacketType.DISCONNECT), volume(9)), ME, 1.0)
    assert [packet.type for packet in gone] == [PacketType.DISCONNECT]
    assert link.client is None
    assert [packet.type for packet in link.receive(RESET, OTHER, 1.0)] == [PacketType.CONNECT]


def test_fin_ends_a_connection_too() -> None:
    link = connected()
    gone = link.receive(frames.build(Frame(FrameType.FIN)), ME, 1.0)
    assert [packet.type for packet in gone] == [PacketType.DISCONNECT]
    assert link.receive(engine(2, volume(1)), ME, 1.0) == []
    assert link.counters["strays"] == 1


def test_a_silent_client_is_dropped() -> None:
    link = connected()
    link.receive(engine(0), ME, 3.0)
    assert not link.expired(3.0 + SILENCE_S - 0.01)
    assert link.client == ME
    assert link.expired(3.0 + SILENCE_S)
    assert link.client is None
    assert not link.expired(100.0)


def test_a_client_may_connect_again() -> None:
    link = connected()
    link.receive(engine(2, volume(1)), ME, 0.1)
    assert link.receive(RESET, ME, 0.2) == []  # the network's copy of the request
    assert sent(link).ack == 2
    assert [packet.type for packet in link.receive(RESET, ME, 3.0)] == [PacketType.CONNECT]
    assert sent(link).ack == 1
    assert levels(link.receive(engine(2, volume(7)), ME, 3.0)) == [7]


def test_a_frame_that_names_a_wrong_last_number_is_taken_as_far_as_it_goes() -> None:
    link = connected()
    frame = Frame(FrameType.ENGINE, 2, 3, 0, (volume(2),))
    assert levels(link.receive(frames.build(frame), ME, 0.0)) == [2]
    assert link.counters["misnumbered"] == 1
    assert sent(link).ack == 2


def test_both_ends_deliver_everything_over_a_lossy_line() -> None:
    """A client that repeats what is not acknowledged, as the robot does, against the robot."""
    link = connected()
    source = random.Random(5)
    waiting: list[tuple[int, Packet]] = []
    number, taken, received, expected = 2, [], [], 1
    for step in range(3000):
        if step < 2000 and len(waiting) < 20:
            waiting.append((number, volume(number)))
            link.send(bytes([0xC4, step % 256]))
            number = frames.following(number)
        if waiting and source.random() > 0.3:
            data = engine(waiting[0][0], *(packet for _, packet in waiting), ack=expected - 1)
            taken += levels(link.receive(data, ME, 0.0))
        frame = sent(link)
        if source.random() > 0.3:
            for sequence, packet in frame.numbered():
                if sequence == expected:
                    received.append(packet.body)
                    expected += 1
            while waiting and frames.distance(waiting[0][0], frame.ack) < 1000:
                waiting.pop(0)
    assert taken == list(range(2, number)) and not waiting
    assert len(received) == len(taken) + 1


def test_garbage_is_counted() -> None:
    link = connected()
    assert link.receive(b"hello", ME, 0.0) == []
    assert link.counters["malformed"] == 1

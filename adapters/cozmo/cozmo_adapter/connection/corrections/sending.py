"""Corrections of pycozmo's sending thread."""

from __future__ import annotations

import time
from typing import Any

from cozmo_adapter.connection.library import pycozmo

MAX_PAYLOAD = pycozmo.protocol_declaration.MAX_FRAME_PAYLOAD_SIZE
"""Bytes of packets in a frame; the robot drops larger ones (pycozmo, `protocol_declaration`)."""

SHORTEST_WAIT_S = 0.07
"""How long a packet may go unacknowledged before it is sent again: two of the robot's 33 ms ticks."""

TICK_S = 0.05
"""How much later than a ping's echo an acknowledgement may come: the robot's tick, and 15 ms for our threads."""

LONGEST_PING_S = 5.0
"""The robot has given a client up before such an echo could come; it is damaged."""

LONGEST_WAIT_S = 0.3
"""Upper end of that wait on a slow link."""


class Retransmission(pycozmo.conn.SendThread):
    """Sends again what the robot has not acknowledged in time.

    pycozmo restarts its timer with every frame that arrives, and some thirty of telemetry arrive each second, so the
    timer never ends. Here it belongs to the oldest unacknowledged packet. As the robot takes only the next packet in
    sequence, everything after a lost one is sent again with it.
    """

    def __init__(self, *arguments: Any) -> None:
        """Take what pycozmo gives its thread."""
        super().__init__(*arguments)
        self._sent_at: dict[int, float] = {}
        self._repeats = 0
        self._round_trip_s = 0.0
        self.progress_at = time.perf_counter()
        """When the robot last acknowledged something new, or had nothing left to acknowledge."""

    @property
    def unacknowledged_s(self) -> float:
        """How long the robot has acknowledged nothing although something was sent; 0 if all is acknowledged."""
        with self.lock:
            waiting = self.window.expected_seq != self.window.next_seq
        return time.perf_counter() - self.progress_at if waiting else 0.0

    def measured(self, round_trip_s: float) -> None:
        """Take how long a ping was on its way, in seconds; a slow link is given more time."""
        if 0 < round_trip_s < LONGEST_PING_S:
            self._round_trip_s += (round_trip_s - self._round_trip_s) / 4

    def ack(self, seq: int, last_ack: int) -> None:
        """Take an acknowledgement from the robot; pycozmo calls it for each frame."""
        now = time.perf_counter()
        with self.lock:
            before = self.window.expected_seq
            self.window.acknowledge(seq)
            self.last_ack = last_ack
            if self.window.expected_seq == before:
                return
            self.progress_at = now
            self._repeats = 0
            pending = {number for number, _ in self.window.get()}
            self._sent_at = {number: at for number, at in self._sent_at.items() if number in pending}

    def _resend_messages(self) -> list[tuple[int, Any]]:
        now = time.perf_counter()
        with self.lock:
            pending = self.window.get()
            if not pending:
                self.progress_at = now
                return []
            wait = min(max(self._round_trip_s + TICK_S, SHORTEST_WAIT_S) * 1.5**self._repeats, LONGEST_WAIT_S)
            oldest = self._sent_at.get(pending[0][0])
            if oldest is None or now - oldest < wait:
                return []
            self._repeats += 1
            return [(seq, packet) for seq, packet in pending if seq in self._sent_at]

    def _send_packets(self, packets: list[tuple[int, Any]], last_ack: int) -> None:
        now = time.perf_counter()
        with self.lock:
            self._sent_at.update((seq, now) for seq, _ in packets)
        super()._send_packets(packets, last_ack)


class RestWhenFull(pycozmo.conn.SendThread):
    """Waits a moment when the send window is full, where pycozmo asks again at once, for ever."""

    def _collect_messages(self) -> tuple[list[tuple[int, Any]], int]:
        with self.lock:
            full = self.window.is_full()
        if full:
            time.sleep(self.COLLECT_INTERVAL)
        collected: tuple[list[tuple[int, Any]], int] = super()._collect_messages()
        return collected


class FrameSequence(pycozmo.conn.SendThread):
    """Announces each frame with the number of its own last packet; pycozmo takes that of the next frame's first."""

    def _send_packets(self, packets: list[tuple[int, Any]], last_ack: int) -> None:
        frame: list[tuple[int, Any]] = []
        size = 0
        for seq, packet in packets:
            length = 4 + len(packet)
            if frame and size + length >= MAX_PAYLOAD:
                self._send_frame([inside for _, inside in frame], frame[0][0], frame[-1][0], last_ack)
                frame, size = [], 0
            frame.append((seq, packet))
            size += length
        if frame:
            self._send_frame([inside for _, inside in frame], frame[0][0], frame[-1][0], last_ack)

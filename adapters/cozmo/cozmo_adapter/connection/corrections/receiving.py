"""Correction of pycozmo's receiving thread."""

from __future__ import annotations

from typing import Any

from cozmo_adapter.connection.library import pycozmo

OUT_OF_BAND = pycozmo.protocol_declaration.OOB_SEQ
"""Goes over the wire as 0: no number."""


class AcknowledgeDelivered(pycozmo.conn.ReceiveThread):
    """Acknowledges the last packet that was delivered in order.

    pycozmo acknowledges whatever number the last frame carried: none at all after a frame of telemetry, so that the
    robot repeats what has long arrived; and a number beyond a gap, so that what is missing never comes.
    """

    _delivered = OUT_OF_BAND

    def handle_frame(self, frame: Any) -> None:
        """Take a frame; pycozmo calls it for each."""
        self.received_frames += 1
        for packet in frame.pkts:
            if isinstance(packet, pycozmo.protocol_encoder.Disconnect):
                self.disconnect()
                return
            self.handle_pkt(packet)
        before = self.window.expected_seq
        self.deliver_sequence()
        if self.window.expected_seq != before:
            self._delivered = (self.window.expected_seq - 1) % self.window.max_seq
        self.send_thread.ack(frame.ack, self._delivered)

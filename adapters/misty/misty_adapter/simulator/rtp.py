"""Sound in RTP packets (RFC 3550): samples of 16 bits as they are (L16 of RFC 3551), which every client understands."""

from __future__ import annotations

import struct

from misty_adapter.simulator.wav import Samples, to_int16

PAYLOAD_TYPE = 96
"""The first of the numbers that a description may give a meaning to."""

SOURCE = 0x4D495354
"""Number of the one source of sound; any will do."""


class Packets:
    """One stream of sound, packet by packet."""

    def __init__(self, rate: int) -> None:
        """Begin a stream of `rate` Hz, mono."""
        self.rate = rate
        self._number = 0
        self._timestamp = 0

    def description(self, host: str) -> str:
        """What the stream is, in SDP (RFC 8866)."""
        kind = "IP6" if ":" in host else "IP4"
        lines = (
            "v=0", f"o=- 0 0 IN {kind} {host}", "s=Misty", f"c=IN {kind} {host}", "t=0 0", "a=control:*",
            f"m=audio 0 RTP/AVP {PAYLOAD_TYPE}", f"a=rtpmap:{PAYLOAD_TYPE} L16/{self.rate}/1", "a=control:audio", "",
        )  # fmt: skip
        return "\r\n".join(lines)

    def next(self, samples: Samples) -> bytes:
        """The packet that holds the next samples."""
        head = struct.pack(">BBHII", 0x80, PAYLOAD_TYPE, self._number, self._timestamp, SOURCE)
        self._number = (self._number + 1) & 0xFFFF
        self._timestamp = (self._timestamp + len(samples)) & 0xFFFFFFFF
        return head + to_int16(samples).astype(">i2").tobytes()

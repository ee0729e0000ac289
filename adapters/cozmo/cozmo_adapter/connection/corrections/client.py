"""pycozmo's client with corrections mixed in."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from cozmo_adapter.connection.corrections.events import AnimationIds, AnyFirmware, EventsSurvive
from cozmo_adapter.connection.corrections.receiving import AcknowledgeDelivered
from cozmo_adapter.connection.corrections.sending import FrameSequence, RestWhenFull, Retransmission
from cozmo_adapter.connection.library import pycozmo

SENDING: tuple[type, ...] = (Retransmission, RestWhenFull, FrameSequence)
RECEIVING: tuple[type, ...] = (AcknowledgeDelivered,)
EVENTS: tuple[type, ...] = (EventsSurvive,)
CLIENT: tuple[type, ...] = (EventsSurvive, AnyFirmware, AnimationIds)

ALL = frozenset({*SENDING, *RECEIVING, *EVENTS, *CLIENT})
"""Every correction."""


def client_class(without: Collection[type] = ()) -> type[Any]:
    """The `Client` of pycozmo with every correction but those named."""

    def mend(base: type[Any], corrections: tuple[type, ...]) -> type[Any]:
        return type(base.__name__, (*(each for each in corrections if each not in without), base), {})

    send_thread = mend(pycozmo.conn.SendThread, SENDING)
    receive_thread = mend(pycozmo.conn.ReceiveThread, RECEIVING)
    connection = mend(pycozmo.conn.Connection, EVENTS)
    client = mend(pycozmo.client.Client, CLIENT)

    class Connection(connection):  # type: ignore[misc, valid-type]
        """A connection with mended threads."""

        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            self.send_thread = send_thread(self.sock, self.robot_addr)
            self.recv_thread = receive_thread(self.sock, self.send_thread, self.robot_addr, self._on_packet)

    class Client(client):  # type: ignore[misc, valid-type]
        """A client with a mended connection."""

        conn: Any

        def __init__(self, robot_addr: tuple[str, int], **named: Any) -> None:
            super().__init__(robot_addr, **named)
            self.conn.sock.close()
            self.conn = Connection(robot_addr)
            self.conn.add_child_dispatcher(self)

    return Client

"""pycozmo 0.8.0 made to last: each defect that would silence a talking robot has one small class here that mends it.

| correction | what happens without it |
|---|---|
| `Retransmission` | a lost command is never sent again while the robot talks, and everything after it is lost too |
| `RestWhenFull` | a full send window makes the sending thread spin |
| `FrameSequence` | a burst that fills a frame is announced with the number of a packet that is not in it |
| `AcknowledgeDelivered` | the robot is told that it all arrived although something is missing, which then never comes |
| `EventsSurvive` | one handler that raises hides an event from all others, and a one-shot handler from its neighbour |
| `AnyFirmware` | a firmware whose signature has no version is never woken |
| `AnimationIds` | the 256th animation raises |

They are mixed into pycozmo's own classes by `client_class`, which can leave some out: that is how tests show that each
is needed. What the rest of the adapter does differently needs no correction: it opens a fresh client for every
connection, hands every packet to its own loop at once, and works out orientation and disconnection itself.
"""

from cozmo_adapter.connection.corrections.client import ALL, client_class
from cozmo_adapter.connection.corrections.events import AnimationIds, AnyFirmware, EventsSurvive
from cozmo_adapter.connection.corrections.receiving import AcknowledgeDelivered
from cozmo_adapter.connection.corrections.sending import FrameSequence, RestWhenFull, Retransmission

__all__ = [
    "ALL",
    "AcknowledgeDelivered",
    "AnimationIds",
    "AnyFirmware",
    "EventsSurvive",
    "FrameSequence",
    "RestWhenFull",
    "Retransmission",
    "client_class",
]

"""The three cubes: they advertise themselves, can be connected and lit, and feel taps."""

from __future__ import annotations

from dataclasses import dataclass, field

from cozmo_adapter.simulator import packets
from cozmo_adapter.simulator.lamps import Lamps
from cozmo_adapter.simulator.look import Colour
from cozmo_adapter.simulator.packets import Message

ADVERTISED_EVERY_S = 1.0
"""How often a cube that is not connected says that it is there (reported: cozmo-stack)."""


@dataclass
class Cube:
    """One cube."""

    object_id: int
    """What it is called when it is connected."""
    factory_id: int
    """Its serial number."""
    object_type: int
    """1..3: the picture on its sides."""
    connected: bool = False
    """It listens to this robot."""
    lamps: Lamps = field(default_factory=lambda: Lamps(4))
    """One at each corner."""


class Cubes:
    """All cubes in reach of the robot's radio."""

    def __init__(self) -> None:
        """Three, none connected."""
        self._cubes = [Cube(number, 0x1A2B3C00 + number, number) for number in (1, 2, 3)]
        self._selected = 0
        self._since = 0.0

    def advance(self, dt: float) -> list[bytes]:
        """Let `dt` seconds pass; returns the ObjectAvailable events of this moment."""
        self._since += dt
        if self._since < ADVERTISED_EVERY_S:
            return []
        self._since = 0.0
        return [
            packets.build("ObjectAvailable", factory_id=cube.factory_id, object_type=cube.object_type, rssi=-50)
            for cube in self._cubes
            if not cube.connected
        ]

    def connect(self, message: Message) -> bytes | None:
        """ObjectConnect; returns the ObjectConnectionState to send, None for a cube that is not there."""
        for cube in self._cubes:
            if cube.factory_id == message["factory_id"]:
                cube.connected = message["connect"]
                return packets.build(
                    "ObjectConnectionState",
                    object_id=cube.object_id,
                    factory_id=cube.factory_id,
                    object_type=cube.object_type,
                    connected=cube.connected,
                )
        return None

    def select(self, message: Message) -> None:
        """CubeId: the cube that the next CubeLights is for."""
        self._selected = message["object_id"]

    def light(self, message: Message, now: float) -> None:
        """CubeLights."""
        for cube in self._cubes:
            if cube.connected and cube.object_id == self._selected:
                cube.lamps.set(0, message["states"], now)

    def tap(self, timestamp: int) -> bytes | None:
        """The ObjectTapped of the first connected cube; None if none is connected."""
        for cube in self._cubes:
            if cube.connected:
                return packets.build(
                    "ObjectTapped",
                    timestamp=timestamp,
                    object_id=cube.object_id,
                    num_taps=1,
                    tap_time=timestamp & 0xFF,
                    tap_neg=-30,
                    tap_pos=30,
                )
        return None

    def shine(self, now: float) -> dict[int, tuple[Colour, Colour, Colour, Colour]]:
        """The lamps of the connected cubes by object id."""
        looks: dict[int, tuple[Colour, Colour, Colour, Colour]] = {}
        for cube in self._cubes:
            if cube.connected:
                first, second, third, fourth = cube.lamps.shine(now)
                looks[cube.object_id] = (first, second, third, fourth)
        return looks

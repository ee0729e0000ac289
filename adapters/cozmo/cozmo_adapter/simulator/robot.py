"""The simulated robot on its socket: link, body, faults of the network, power."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from typing import Any

from cozmo_adapter.simulator import firmware as firmwares
from cozmo_adapter.simulator.body import Body
from cozmo_adapter.simulator.faults import Faults
from cozmo_adapter.simulator.frames import PacketType
from cozmo_adapter.simulator.happenings import HAPPENINGS, set_battery
from cozmo_adapter.simulator.look import Look
from cozmo_adapter.simulator.motors import lift_height
from cozmo_adapter.simulator.packets import Message
from cozmo_adapter.simulator.senses import Senses
from cozmo_adapter.simulator.speaker import FRAME_RATE, FULL_VOLUME, RATE
from cozmo_adapter.simulator.transport import Link
from cozmo_adapter.simulator.wire import Wire
from robot_runtime.simulation.recording import Recording

TICK_S = 0.0334
"""The robot sends one frame in this time (reported: cozmo-stack)."""

CONNECT_S = 0.016
"""It answers a connection request after this time (reported: cozmo-stack)."""

DROPPED = "COZMO 01"
"""What the display says when the client has fallen silent (reported)."""

HEAD_SERIAL = 0x00A5C3E1
"""Serial number of the head."""

_MOST_LATE_S = 8 * TICK_S
"""A computer that is late by more than this has stopped the robot's time; by less, the robot catches up."""


class SimulatedCozmo:
    """A Cozmo that can be reached over UDP from the machine that it runs on, or from the network."""

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        recording: Recording | None = None,
        *,
        firmware: str = "2381",
        faults: Faults | None = None,
        frame_rate: float = FRAME_RATE,
        boot_s: float = 2.0,
        on_command: Callable[[Message], None] = lambda message: None,
    ) -> None:
        """Describe a robot that stands on a table, off its charger.

        Args:
            host: address to listen at.
            port: UDP port; 0 takes a free one, see `address`.
            recording: where to record; None records nothing.
            firmware: version, one of `firmware.VERSIONS`.
            faults: of the network; none by default. They can be replaced at any time.
            frame_rate: animation frames per second that the robot plays.
            boot_s: seconds from power on, or reboot, to life.
            on_command: is shown every command that the robot understands, streams included, as it takes it.

        Raises:
            ValueError: a firmware that is not known.
        """
        self._wanted = (host, port)
        self._recording = recording or Recording(None, RATE)
        self._firmware = firmware
        self._signature = firmwares.signature(firmware)
        self._frame_rate = frame_rate
        self._boot_s = boot_s
        self._on_command = on_command
        self.counters: Counter[str] = Counter()
        """What passed and what went wrong, since the simulator was made."""
        self.senses = Senses()
        """The robot's situation."""
        self.link = Link(self.counters)
        """Its end of the link."""
        self.body = self._new_body()
        """The rest of it; a new one after every boot."""
        self._wire = Wire(faults or Faults(), self._hear)
        self._on = True
        self._boots_in = 0.0
        self._life: asyncio.Task[None] | None = None

    @property
    def faults(self) -> Faults:
        """What the network does to datagrams; replacing it begins with its seed again."""
        return self._wire.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._wire.faults = faults

    @property
    def address(self) -> tuple[str, int]:
        """Where the robot listens, once started."""
        return self._wire.address

    async def start(self) -> None:
        """Listen and live.

        Raises:
            RobotError: the address cannot be listened at.
        """
        await self._wire.open(*self._wanted)
        self._recording.event("started", address=_text(self.address), firmware=self._firmware)
        self._life = asyncio.create_task(self._live())

    def on_death(self, call: Callable[[], None]) -> None:
        """Have `call` called when the robot's life ends, by `stop` or by a mistake in it, which `stop` then raises."""
        if self._life:
            self._life.add_done_callback(lambda _: call())

    async def stop(self) -> None:
        """Stop listening and living; the recording stays open."""
        self._wire.close()
        if self._life is not None:
            self._life.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._life
            self._life = None
            self._recording.event("stopped", counters=dict(self.counters))

    def inject(self, event: str) -> None:
        """Let something happen.

        Args:
            event: a name of `HAPPENINGS`, `battery=VOLTS`, `reboot`, `power_off` or `power_on`.

        Raises:
            ValueError: no such event; the message names those that there are.
        """
        power = {"reboot": self.reboot, "power_off": self.power_off, "power_on": self.power_on}
        if event in power:
            power[event]()
        elif event.startswith("battery="):
            set_battery(self.body, event.removeprefix("battery="))
        elif event in HAPPENINGS:
            HAPPENINGS[event](self.body)
        else:
            known = [*HAPPENINGS, "battery=VOLTS", *power]
            raise ValueError(f"{event!r} is no event; there are {', '.join(known)}")
        self._recording.event("injected", event=event)

    def reboot(self) -> None:
        """Lose everything in memory, and be silent while starting again."""
        self.power_off()
        self.power_on()

    def power_off(self) -> None:
        """Fall silent at once."""
        self._on = False
        self.link.close()
        self._part("powered_off")
        self.body = self._new_body()

    def power_on(self) -> None:
        """Start, which takes a while; harmless when it is on."""
        if not self._on:
            self._on = True
            self._boots_in = self._boot_s

    def look(self) -> Look:
        """How the robot looks at this moment."""
        body, senses = self.body, self.senses
        alive = self._on and self._boots_in <= 0
        return Look(
            face=body.screen.face,
            message=body.screen.message if alive else "(starting)" if self._on else "(off)",
            head_deg=body.motors.head_deg,
            lift_mm=lift_height(body.motors.lift.position),
            backpack=body.backpack.shine(body.now),
            cubes=body.cubes.shine(body.now),
            battery_v=senses.battery_v,
            on_charger=senses.on_charger,
            picked_up=senses.picked_up,
            cliff=senses.cliff,
            speaking=body.speaker.speaking,
            volume=body.speaker.volume / FULL_VOLUME,
            client=_text(self.link.client),
            firmware=self._firmware,
            counters=dict(self.counters),
        )

    def _hear(self, data: bytes, address: Any) -> None:
        if not self._on or self._boots_in > 0:
            return
        for packet in self.link.receive(data, address, asyncio.get_running_loop().time()):
            if packet.type is PacketType.CONNECT:
                self._greet()
            elif packet.type is PacketType.DISCONNECT:
                self._part("disconnected")
            else:
                self.body.obey(packet.body)

    def _greet(self) -> None:
        self._recording.event("connected", client=_text(self.link.client))
        self.body.forget()
        self.body.screen.blank()
        self.body.send("HardwareInfo", serial_number_head=HEAD_SERIAL, unknown1=0, unknown2=0)
        self.body.send("FirmwareSignature", unknown=HEAD_SERIAL & 0xFFFF, signature=self._signature)
        asyncio.get_running_loop().call_later(CONNECT_S, self._answer)

    def _answer(self) -> None:
        if self.link.client is not None:
            self._wire.send(self.link.frame(), self.link.client)

    def _part(self, how: str, message: str = "") -> None:
        self._recording.event(how)
        self.body.forget()
        self.body.screen.blank(message)

    async def _live(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due = max(due + TICK_S, loop.time() - _MOST_LATE_S)
            await asyncio.sleep(due - loop.time())
            self._tick()

    def _tick(self) -> None:
        if not self._on:
            return
        if self._boots_in > 0:
            self._boots_in -= TICK_S
            return
        events = self.body.advance(TICK_S)
        if self.link.expired(asyncio.get_running_loop().time()):
            self._part("client_dropped", DROPPED)
        if self.link.client is not None:
            self._wire.send(self.link.frame(events), self.link.client)

    def _new_body(self) -> Body:
        return Body(
            self.senses,
            self._recording,
            self.counters,
            frame_rate=self._frame_rate,
            send=self.link.send,
            on_command=self._on_command,
        )


def _text(address: Any) -> str:
    return "{}:{}".format(*address[:2]) if address else ""

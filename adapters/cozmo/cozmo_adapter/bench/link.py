"""Commands over a bad Wi-Fi: how many arrive in order, and how late, with the corrected client and the stock one."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from cozmo_adapter.bench.ear import Ear, until
from cozmo_adapter.connection.corrections import ALL, client_class
from cozmo_adapter.connection.library import pycozmo
from cozmo_adapter.connection.session import packets
from cozmo_adapter.simulator.faults import Faults
from cozmo_adapter.simulator.robot import SimulatedCozmo
from robot_runtime.bench.numbers import percentile

CONDITIONS = ((0, 0), (1, 0), (5, 0), (0, 5), (5, 5), (10, 10))
"""Per cent of datagrams that are lost on the way up and on the way down."""

EVERY_S = 0.05
"""Time between two commands."""

WAIT_S = 8.0
"""How long the last commands may take to arrive."""


async def bench_link(commands: int, seed: int) -> dict[str, Any]:
    """Each condition with both clients: arrived, in order, and milliseconds from sending to the robot's taking up."""
    figures = {}
    for up, down in CONDITIONS:
        faults = Faults(loss_up=up / 100, loss_down=down / 100, seed=seed)
        figures[f"loss {up}/{down} %"] = {
            "corrected": await _send(commands, faults, frozenset()),
            "stock pycozmo": await _send(commands, faults, ALL),
        }
    return figures


async def _send(commands: int, faults: Faults, without: frozenset[type]) -> dict[str, Any]:
    ear = Ear()
    robot = SimulatedCozmo("127.0.0.1", 0, ear, on_command=ear.command)
    await robot.start()
    client = client_class(without)(robot.address, enable_procedural_face=False)
    ready = asyncio.Event()
    loop = asyncio.get_running_loop()
    client.add_handler(pycozmo.event.EvtRobotReady, lambda _: loop.call_soon_threadsafe(ready.set))
    try:
        client.start()
        client.connect()
        await asyncio.wait_for(ready.wait(), WAIT_S)
        robot.faults = faults
        sent: list[float] = []
        for number in range(commands):
            sent.append(time.monotonic())
            client.conn.send(packets.SetHeadAngle(angle_rad=0.1, action_id=number % 250 + 1))
            await asyncio.sleep(EVERY_S)
        await until(lambda: len(_arrived(ear)) >= commands, WAIT_S)
    finally:
        await asyncio.to_thread(client.stop)
        await robot.stop()
    arrived = _arrived(ear)
    expected = [number % 250 + 1 for number in range(commands)]
    waits = [(at - began) * 1e3 for (at, _), began in zip(arrived, sent, strict=False)]
    return {
        "sent": commands,
        "arrived": len(arrived),
        "in_order": [action for _, action in arrived] == expected[: len(arrived)],
        "p50_ms": round(percentile(waits, 0.5), 1),
        "p99_ms": round(percentile(waits, 0.99), 1),
        "max_ms": round(max(waits, default=float("nan")), 1),
    }


def _arrived(ear: Ear) -> list[tuple[float, int]]:
    return [(at, message["action_id"]) for at, message in ear.commands if message.name == "SetHeadAngle"]

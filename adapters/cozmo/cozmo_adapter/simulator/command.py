"""`toddler-robot simulate cozmo`: a Cozmo on the wire, for everybody without one."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cozmo_adapter.simulator.firmware import VERSIONS

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from cozmo_adapter.simulator.faults import Faults
    from cozmo_adapter.simulator.robot import SimulatedCozmo
    from robot_runtime.stand.body import Body
    from robot_runtime.stand.room import Room

PORT = 5551
"""Where a real Cozmo listens."""

WATCH_S = 0.1
"""Seconds between two looks at the robot, outside a terminal."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the options; the entry point of the simulator."""
    parser.description = "Be a Cozmo: speak its protocol over UDP, play what it is told, show its face."
    parser.epilog = "Without a view, lines of standard input are events: picked_up, tap, battery=3.6, reboot, ..."
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default %(default)s)")
    parser.add_argument("--port", type=int, default=PORT, help="0 for any free one (default %(default)s)")
    parser.add_argument("--firmware", choices=VERSIONS, default=VERSIONS[0], help="what it says it runs")
    parser.add_argument("--battery", type=float, metavar="VOLTS", help="its battery at the start")
    parser.add_argument("--record", type=Path, metavar="DIR", help="keep what it played, showed and received")
    parser.add_argument("--no-view", action="store_true", help="lines of text, also in a terminal")
    faults = parser.add_argument_group("a bad Wi-Fi", "up is to the robot, down is from it; P is from 0 to 1")
    for what in ("loss", "duplicate", "reorder"):
        for way in ("up", "down"):
            faults.add_argument(f"--{what}-{way}", type=float, default=0.0, metavar="P")
    faults.add_argument("--delay-ms", type=float, default=0.0, metavar="MS", help="of every datagram")
    faults.add_argument("--jitter-ms", type=float, default=0.0, metavar="MS", help="up to so much more")
    faults.add_argument("--seed", type=int, default=0, help="the same seed, the same faults")
    parser.set_defaults(run=run, body=_body)


def _body(room: Room) -> AbstractAsyncContextManager[Body]:
    from cozmo_adapter.simulator.body_in_room import body

    return body(room)


def run(options: argparse.Namespace) -> int:
    """Simulate until told to stop.

    Raises:
        SettingsError: an option is out of range.
        RobotError: the port is taken.
        RecordError: the folder cannot be written, or holds a recording.
    """
    asyncio.run(_simulate(options, _faults(options)))
    return 0


def _faults(options: argparse.Namespace) -> Faults:
    from dataclasses import fields

    from cozmo_adapter.simulator.faults import Faults
    from robot_runtime.errors import SettingsError

    try:
        return Faults(**{field.name: getattr(options, field.name) for field in fields(Faults)})
    except ValueError as error:
        raise SettingsError(str(error)) from error


async def _simulate(options: argparse.Namespace, faults: Faults) -> None:
    from cozmo_adapter.simulator.robot import SimulatedCozmo
    from cozmo_adapter.simulator.speaker import RATE
    from robot_runtime.errors import SettingsError
    from robot_runtime.simulation.recording import Recording

    if not 0 <= options.port <= 65535:
        raise SettingsError(f"--port is a number from 0 to 65535, not {options.port}")
    recording = Recording(options.record, RATE, failed=lambda text: print(text, file=sys.stderr, flush=True))
    robot = SimulatedCozmo(options.host, options.port, recording, firmware=options.firmware, faults=faults)
    try:
        await robot.start()
        if options.battery is not None:
            try:
                robot.inject(f"battery={options.battery}")
            except ValueError as error:
                raise SettingsError(f"--{error}") from error
        await _live(robot, view=not options.no_view and sys.stdin.isatty() and sys.stdout.isatty())
    finally:
        await robot.stop()
        recording.close()


async def _live(robot: SimulatedCozmo, view: bool) -> None:
    """Run until a signal or a key says stop."""
    stopped = asyncio.Event()
    robot.on_death(stopped.set)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows has Ctrl-C only, which asyncio.run handles
            loop.add_signal_handler(number, stopped.set)
    address = "{}:{}".format(*robot.address)
    print(f"Cozmo simulator at {address}", flush=True)
    print(f"Talk with it: toddler-robot --platform cozmo --ip {address}", flush=True)
    if view:
        from cozmo_adapter.simulator.live import show

        await show(robot, f"toddler-robot --platform cozmo --ip {address}", stopped)
        return
    listening = asyncio.create_task(_listen(robot))
    try:
        await _tell(robot, stopped)
    finally:
        listening.cancel()


async def _tell(robot: SimulatedCozmo, stopped: asyncio.Event) -> None:
    """Print what changes, until `stopped`."""
    from cozmo_adapter.simulator.narration import changes

    before = robot.look()
    while not stopped.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), WATCH_S)
        after = robot.look()
        for line in changes(before, after):
            print(line, flush=True)
        before = after


async def _listen(robot: SimulatedCozmo) -> None:
    """Let happen what standard input says."""
    from robot_runtime.console import PlainConsole

    async for event in PlainConsole().lines():
        try:
            robot.inject(event)
        except ValueError as error:
            print(error, file=sys.stderr, flush=True)

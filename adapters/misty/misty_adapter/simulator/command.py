"""`toddler-robot simulate misty`: run the simulator until it is interrupted."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from misty_adapter.simulator.faults import PROBABILITIES, Faults
from misty_adapter.simulator.firmware import DEFAULT, FIRMWARES
from robot_runtime.errors import SettingsError

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from misty_adapter.simulator.simulated_misty import SimulatedMisty
    from robot_runtime.stand.body import Body
    from robot_runtime.stand.room import Room

PORT = 8085
"""Default port: a real Misty has 80, which needs privileges."""

LONGEST = 1e6
"""Largest value of an option that is a time, in its unit."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Entry point: the command's options."""
    parser.description = (
        "A Misty II on the wire. Lines on standard input happen to it: 'touch Chin', 'keyphrase', 'battery 20', ..."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=PORT, help="port to listen at, 0 for any (default: %(default)s)")
    sources = "; ".join(f"{firmware.name}: {firmware.source}" for firmware in FIRMWARES.values())
    parser.add_argument(
        "--firmware", default=DEFAULT, choices=list(FIRMWARES), help=f"which commands it has. {sources}"
    )
    parser.add_argument("--hear", type=Path, metavar="WAV|DIR", help="what people say to it, in order")
    parser.add_argument("--record", type=Path, metavar="DIR", help="keep sound, pictures and events there")
    parser.add_argument("--seed", type=int, default=0, help="of the dice for faults and blinks (default: %(default)s)")
    parser.add_argument("--delay-ms", type=_duration, default=0.0, metavar="MS", help="network delay each way")
    parser.add_argument("--boot-s", type=_duration, default=20.0, metavar="S", help="time that a reboot takes")
    parser.add_argument("--fault-rate", type=_probability, default=0.0, metavar="P", help="a mix of all faults")
    for name in PROBABILITIES:
        option = "--fault-" + name.replace("_", "-")
        parser.add_argument(option, type=_probability, metavar="P", help=f"probability of the fault {name!r}")
    parser.add_argument(
        "--reboot-at", type=_duration, action="append", default=[], metavar="S", help="reboot by itself after so long"
    )
    parser.set_defaults(run=run, body=_body)


def _body(room: Room) -> AbstractAsyncContextManager[Body]:
    from misty_adapter.simulator.body_in_room import body

    return body(room)


def run(options: argparse.Namespace) -> int:
    """Simulate until SIGINT or SIGTERM.

    Raises:
        RobotError: it cannot listen.
        RecordError: it cannot record.
        SettingsError: the probabilities of faults of a request are more than 1 together.
    """
    return asyncio.run(_simulate(options, faults_of(options)))


def faults_of(options: argparse.Namespace) -> Faults:
    """The faults that the options ask for."""
    single = {name: getattr(options, f"fault_{name}") for name in PROBABILITIES}
    given = {name: value for name, value in single.items() if value is not None}
    others = {"delay_ms": options.delay_ms, "reboot_at_s": tuple(options.reboot_at)}
    return dataclasses.replace(Faults.mixed(options.fault_rate), **given, **others)


async def _simulate(options: argparse.Namespace, faults: Faults) -> int:
    from misty_adapter.simulator.loudspeaker import RATE
    from misty_adapter.simulator.simulated_misty import SimulatedMisty
    from robot_runtime.simulation.recording import Recording

    recording = Recording(options.record, RATE, failed=lambda text: print(text, file=sys.stderr, flush=True))
    robot = SimulatedMisty(
        options.host,
        options.port,
        recording,
        firmware=options.firmware,
        hear=options.hear,
        faults=faults,
        seed=options.seed,
        boot_s=options.boot_s,
    )
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # on Windows, where Ctrl-C ends asyncio.run itself
            loop.add_signal_handler(number, over.set)
    try:
        await robot.start()
        print(f"a simulated Misty II at http://{robot.address}/", flush=True)
        print(f"toddler-robot --platform misty --ip {robot.address}", flush=True)
        threading.Thread(target=_read_lines, args=(robot, loop), daemon=True).start()
        await over.wait()
    finally:
        await robot.stop()
        recording.close()
    return 0


def _read_lines(robot: SimulatedMisty, loop: asyncio.AbstractEventLoop) -> None:
    """Give the robot what comes on standard input, from a thread that ends with the program."""

    def happen(line: str) -> None:
        try:
            robot.inject(line)
        except SettingsError as error:
            print(error, file=sys.stderr, flush=True)

    for line in sys.stdin:
        if line.strip() and not loop.is_closed():
            loop.call_soon_threadsafe(happen, line.strip())


def _probability(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is no probability from 0 to 1")
    return value


def _duration(text: str) -> float:
    value = float(text)
    if not 0 <= value <= LONGEST:
        raise argparse.ArgumentTypeError(f"{text} is no time from 0 to {LONGEST:.0f}")
    return value


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port from 0 to 65535")
    return value

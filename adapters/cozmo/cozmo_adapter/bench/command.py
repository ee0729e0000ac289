"""`toddler-robot bench cozmo`: what the link and the loudspeaker withstand, against the simulator."""

from __future__ import annotations

import argparse

PARTS = ("link", "sound", "cancel", "reboot", "idle", "fuzz")
"""What can be measured, in this order."""

LIMITS = {
    "commands": (1, 1e6), "rounds": (1, 1e4), "idle_min": (0, 1e4), "accelerated": (1, 100), "datagrams": (1, 1e9),
}  # fmt: skip
"""Least and most of each option."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    from robot_runtime.bench.parts import add_part_arguments

    add_part_arguments(parser, PARTS)
    parser.add_argument("--commands", metavar="N", type=int, default=200, help="link: commands a condition and client")
    parser.add_argument("--rounds", metavar="N", type=int, default=10, help="cancel: rounds")
    parser.add_argument("--idle-min", metavar="MIN", type=float, default=10, help="idle: minutes of silence")
    parser.add_argument("--accelerated", metavar="X", type=float, default=20, help="idle: drift so many times faster")
    parser.add_argument("--datagrams", metavar="N", type=int, default=100_000, help="fuzz: datagrams each way")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measure and print."""
    from cozmo_adapter.bench.fuzz import bench_fuzz
    from cozmo_adapter.bench.link import bench_link
    from cozmo_adapter.bench.speaking import bench_cancel, bench_idle, bench_reboot, bench_sound
    from robot_runtime.bench.parts import run_parts

    measurements = {
        "link": lambda: bench_link(options.commands, options.seed),
        "sound": lambda: bench_sound(options.seed),
        "cancel": lambda: bench_cancel(options.rounds, options.seed),
        "reboot": lambda: bench_reboot(3, options.seed),
        "idle": lambda: bench_idle(options.idle_min, options.accelerated, options.seed),
        "fuzz": lambda: bench_fuzz(options.datagrams, options.seed),
    }
    return run_parts(options, "cozmo", measurements, LIMITS)

"""`toddler-robot bench cozmo`: what the link and the loudspeaker withstand, against the simulator."""

from __future__ import annotations

import argparse
import asyncio
import json
from typing import Any

PARTS = ("link", "sound", "cancel", "reboot", "idle", "fuzz")
"""What can be measured, in this order."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    parser.description = "Everything runs against the simulator in this process; nothing of it needs a robot."
    parser.add_argument("--only", metavar="PART,...", help=f"some of {', '.join(PARTS)}; all by default")
    parser.add_argument("--commands", metavar="N", type=int, default=200, help="link: commands a condition and client")
    parser.add_argument("--rounds", metavar="N", type=int, default=10, help="cancel: rounds")
    parser.add_argument("--idle-min", metavar="MIN", type=float, default=10, help="idle: minutes of silence")
    parser.add_argument("--accelerated", metavar="X", type=float, default=20, help="idle: drift so many times faster")
    parser.add_argument("--datagrams", metavar="N", type=int, default=100_000, help="fuzz: datagrams each way")
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="of faults and sounds")
    parser.add_argument("--json", action="store_true", help="all figures as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measure and print."""
    from robot_runtime.bench.numbers import table
    from robot_runtime.errors import SettingsError

    parts = options.only.split(",") if options.only else list(PARTS)
    if unknown := [part for part in parts if part not in PARTS]:
        raise SettingsError(f"bench cozmo has no part {unknown[0]!r}; there are {', '.join(PARTS)}")
    for option, least in (("commands", 1), ("rounds", 1), ("idle_min", 0), ("accelerated", 1), ("datagrams", 1)):
        if getattr(options, option) < least:
            raise SettingsError(f"--{option.replace('_', '-')} must be at least {least}")
    figures = asyncio.run(measure(options, parts))
    print(json.dumps(figures, indent=2) if options.json else table(figures))
    return 0


async def measure(options: argparse.Namespace, parts: list[str]) -> dict[str, Any]:
    """The figures of some parts."""
    from cozmo_adapter.bench.fuzz import bench_fuzz
    from cozmo_adapter.bench.link import bench_link
    from cozmo_adapter.bench.speaking import bench_cancel, bench_idle, bench_reboot, bench_sound

    measurements = {
        "link": lambda: bench_link(options.commands, options.seed),
        "sound": lambda: bench_sound(options.seed),
        "cancel": lambda: bench_cancel(options.rounds, options.seed),
        "reboot": lambda: bench_reboot(3, options.seed),
        "idle": lambda: bench_idle(options.idle_min, options.accelerated, options.seed),
        "fuzz": lambda: bench_fuzz(options.datagrams, options.seed),
    }
    return {part: await measurements[part]() for part in PARTS if part in parts}

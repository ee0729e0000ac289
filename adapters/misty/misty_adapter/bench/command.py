"""`toddler-robot bench misty`: what a conversation through a Misty withstands, and how quick it is."""

from __future__ import annotations

import argparse
import asyncio
import json
from typing import Any

PARTS = ("latency", "turns", "day", "fuzz")
"""What can be measured, in this order."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    parser.description = "Everything runs against the simulator in this process; nothing of it needs a robot."
    parser.add_argument("--only", metavar="PART,...", help=f"some of {', '.join(PARTS)}; all by default")
    parser.add_argument("--turns", metavar="N", type=int, default=500, help="turns: utterances")
    parser.add_argument("--fault-rate", metavar="P", type=float, default=0.05, help="turns: share of faults, 0 to 1")
    parser.add_argument("--hours", metavar="H", type=float, default=24, help="day: of the robot's time")
    parser.add_argument("--accelerated", metavar="X", type=float, default=600, help="day: so many times faster")
    parser.add_argument("--delay-ms", metavar="MS", type=float, default=30, help="latency: network delay each way")
    parser.add_argument("--rounds", metavar="N", type=int, default=40, help="latency: utterances")
    parser.add_argument("--messages", metavar="N", type=int, default=100_000, help="fuzz: malformed messages")
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="of faults and sounds")
    parser.add_argument("--json", action="store_true", help="all figures as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measure and print."""
    from robot_runtime.bench.numbers import table
    from robot_runtime.errors import SettingsError

    parts = options.only.split(",") if options.only else list(PARTS)
    if unknown := [part for part in parts if part not in PARTS]:
        raise SettingsError(f"bench misty has no part {unknown[0]!r}; there are {', '.join(PARTS)}")
    limits = {"turns": (1, 1e6), "fault_rate": (0, 0.5), "hours": (0.01, 1e4), "accelerated": (1, 1000),
              "delay_ms": (0, 1e4), "rounds": (1, 300), "messages": (100, 1e9)}  # fmt: skip
    for option, (least, most) in limits.items():
        if not least <= getattr(options, option) <= most:
            raise SettingsError(f"--{option.replace('_', '-')} must be from {least:g} to {most:g}")
    figures = asyncio.run(measure(options, parts))
    print(json.dumps(figures, indent=2) if options.json else table(figures))
    return 0


async def measure(options: argparse.Namespace, parts: list[str]) -> dict[str, Any]:
    """The figures of some parts."""
    from misty_adapter.bench.day import bench_day
    from misty_adapter.bench.fuzz import bench_fuzz
    from misty_adapter.bench.turns import bench_latency, bench_turns

    measurements = {
        "latency": lambda: bench_latency(options.rounds, options.delay_ms, options.seed),
        "turns": lambda: bench_turns(options.turns, options.fault_rate, options.seed),
        "day": lambda: bench_day(options.hours, options.accelerated, options.seed),
        "fuzz": lambda: bench_fuzz(options.messages, options.seed),
    }
    return {part: await measurements[part]() for part in PARTS if part in parts}

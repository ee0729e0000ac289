"""Benches in parts: which are wanted, and their figures printed. For the benches of robots."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from robot_runtime.bench.numbers import table
from robot_runtime.errors import SettingsError

Measurements = Mapping[str, Callable[[], Awaitable[Any]]]
"""What measures each part."""


def add_part_arguments(parser: argparse.ArgumentParser, parts: Sequence[str]) -> None:
    """--only, --seed and --json."""
    parser.description = "Everything runs against the simulator in this process; nothing of it needs a robot."
    parser.add_argument("--only", metavar="PART,...", help=f"some of {', '.join(parts)}; all by default")
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="of faults and sounds")
    parser.add_argument("--json", action="store_true", help="all figures as JSON")


def run_parts(
    options: argparse.Namespace, name: str, measurements: Measurements, limits: Mapping[str, tuple[float, float]]
) -> int:
    """Measure the parts that are wanted, in the order of `measurements`, and print the figures; returns 0.

    Args:
        options: what the parser gave.
        name: of the bench.
        measurements: all parts.
        limits: least and most of numeric options.

    Raises:
        SettingsError: an unknown part, or an option out of range.
    """
    wanted = options.only.split(",") if options.only else list(measurements)
    if unknown := [part for part in wanted if part not in measurements]:
        raise SettingsError(f"bench {name} has no part {unknown[0]!r}; there are {', '.join(measurements)}")
    for option, (least, most) in limits.items():
        if not least <= getattr(options, option) <= most:
            raise SettingsError(f"--{option.replace('_', '-')} must be from {least:g} to {most:g}")

    async def measure() -> dict[str, Any]:
        return {part: await measured() for part, measured in measurements.items() if part in wanted}

    figures = asyncio.run(measure())
    print(json.dumps(figures, indent=2) if options.json else table(figures))
    return 0

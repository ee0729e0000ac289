"""`toddler-robot bench misty`: what a conversation through a Misty withstands, and how quick it is."""

from __future__ import annotations

import argparse

PARTS = ("latency", "turns", "day", "fuzz")
"""What can be measured, in this order."""

LIMITS = {
    "turns": (1, 1e6), "fault_rate": (0, 0.5), "hours": (0.01, 1e4), "accelerated": (1, 1000), "delay_ms": (0, 1e4),
    "rounds": (1, 300), "messages": (100, 1e9),
}  # fmt: skip
"""Least and most of each option."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    from robot_runtime.bench.parts import add_part_arguments

    add_part_arguments(parser, PARTS)
    parser.add_argument("--turns", metavar="N", type=int, default=500, help="turns: utterances")
    parser.add_argument("--fault-rate", metavar="P", type=float, default=0.05, help="turns: share of faults, 0 to 1")
    parser.add_argument("--hours", metavar="H", type=float, default=24, help="day: of the robot's time")
    parser.add_argument("--accelerated", metavar="X", type=float, default=600, help="day: so many times faster")
    parser.add_argument("--delay-ms", metavar="MS", type=float, default=30, help="latency: network delay each way")
    parser.add_argument("--rounds", metavar="N", type=int, default=40, help="latency: utterances")
    parser.add_argument("--messages", metavar="N", type=int, default=100_000, help="fuzz: malformed messages")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measure and print."""
    from misty_adapter.bench.day import bench_day
    from misty_adapter.bench.fuzz import bench_fuzz
    from misty_adapter.bench.turns import bench_latency, bench_turns
    from robot_runtime.bench.parts import run_parts

    measurements = {
        "latency": lambda: bench_latency(options.rounds, options.delay_ms, options.seed),
        "turns": lambda: bench_turns(options.turns, options.fault_rate, options.seed),
        "day": lambda: bench_day(options.hours, options.accelerated, options.seed),
        "fuzz": lambda: bench_fuzz(options.messages, options.seed),
    }
    return run_parts(options, "misty", measurements, LIMITS)

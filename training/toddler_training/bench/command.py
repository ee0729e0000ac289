"""`toddler-robot bench grpo`: TRL's trainer and ours side by side on the same work."""

from __future__ import annotations

import argparse

ABOUT = """TRL's GRPOTrainer and the fast trainer, one after the other in processes of their own, from the same weights,
with the same prompts, rewards and settings. The replies are of a toddler's lengths: the small model ends its replies by
itself; the random weights of a larger shape have an end token that is drawn once in eight tokens."""

LIMITS = {"steps": (1, 10_000), "completions": (8, 100_000)}
"""Least and most of each option."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    from toddler_training.bench.workload import SHAPES

    parser.description = ABOUT
    parser.add_argument("--shape", choices=SHAPES, default="small", help="the bundled model, or random weights (small)")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="where both run (cpu)")
    parser.add_argument("--steps", metavar="N", type=int, default=5, help="measured steps, after one that is not (5)")
    parser.add_argument("--completions", metavar="N", type=int, default=200, help="replies a step, times of 8 (200)")
    parser.add_argument("--json", action="store_true", help="all figures as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measure and print; returns 0.

    Raises:
        SettingsError: an option out of range, or no GPU where one is asked for.
    """
    import json

    from robot_runtime.bench.numbers import table
    from robot_runtime.errors import SettingsError
    from toddler_training.bench.grpo import compare

    for option, (least, most) in LIMITS.items():
        if not least <= getattr(options, option) <= most:
            raise SettingsError(f"--{option} must be from {least} to {most}")
    if options.completions % 8:
        raise SettingsError("--completions must be a multiple of 8, the replies to a prompt")
    figures = compare(options.shape, options.device, options.steps, options.completions)
    print(json.dumps(figures, indent=2) if options.json else table(figures))
    return 0

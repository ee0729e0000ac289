"""`toddler-robot bench`: measure this computer."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

from robot_runtime.cli.entries import add_name, run_entry
from robot_runtime.cli.options import add_session_options, settings_of

if TYPE_CHECKING:
    from robot_runtime.model_store.locate import LocatedModel
    from robot_runtime.settings import Settings


GROUP = "robot_runtime.benches"
"""The entry point group of other packages' benches."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("bench", help="measure this computer")
    add_name(parser, "turn: a whole turn; llm: the model, against llama.cpp; or the name of a robot that is installed")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run one bench."""
    return run_entry(GROUP, options, {"turn": add_turn_arguments, "llm": add_llm_arguments})


def add_turn_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `bench turn`."""
    _add_arguments(parser, "turns (default 60)")
    parser.set_defaults(what="turn")


def add_llm_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `bench llm`."""
    _add_arguments(parser, "repetitions (default 15)")
    parser.set_defaults(what="llm")


def _add_arguments(parser: argparse.ArgumentParser, rounds: str) -> None:
    parser.add_argument("--shape", metavar="NAME", help="a random model of this shape, e.g. smollm2-360m")
    parser.add_argument("--rounds", metavar="N", type=int, help=rounds)
    parser.add_argument("--json", action="store_true", help="all figures as JSON")
    add_session_options(parser)
    parser.set_defaults(run=run_model_bench)


def run_model_bench(options: argparse.Namespace) -> int:
    """Print the figures of `turn` or `llm`."""
    from robot_runtime.bench.numbers import table
    from robot_runtime.errors import SettingsError

    if options.rounds is not None and options.rounds < 1:
        raise SettingsError("--rounds must be at least 1")
    settings = settings_of(options)
    settings, model = _model(options.shape, settings)
    figures = asyncio.run(_measure(options, settings, model))
    print(json.dumps(figures, indent=2) if options.json else table(figures))
    return 0


async def _measure(options: argparse.Namespace, settings: Settings, model: LocatedModel) -> dict[str, Any]:
    if options.what == "llm":
        from robot_runtime.bench.llm import bench_llm

        return await bench_llm(settings, model, options.rounds or 15)
    from robot_runtime.bench.turn import bench_turn

    return await bench_turn(settings, model, options.rounds or 60, lambda text: print(f"[{text}]", file=sys.stderr))


def _model(shape: str | None, settings: Settings) -> tuple[Settings, LocatedModel]:
    """The model to measure; a random one runs on for as long as a toddler's reply is."""
    import dataclasses

    from robot_runtime.model_store.locate import cache_folder, locate

    if shape is None:
        return settings, locate(settings.session.model)
    from robot_runtime.bench.llm import STEPS
    from robot_runtime.bench.shape import shaped_model

    model = locate(str(shaped_model(shape, cache_folder() / "shapes")))
    mind = dataclasses.replace(settings.mind, max_tokens=STEPS, deadline_s=60.0)
    return dataclasses.replace(settings, mind=mind), model

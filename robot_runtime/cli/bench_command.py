"""`toddler-robot bench`: measure this computer."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

from robot_runtime.cli.options import add_session_options, settings_of

if TYPE_CHECKING:
    from robot_runtime.model_store.locate import LocatedModel
    from robot_runtime.settings import Settings


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("bench", help="measure this computer")
    parser.add_argument("what", choices=["turn", "llm"], help="turn: a whole turn; llm: the model, against llama.cpp")
    parser.add_argument("--shape", metavar="NAME", help="a random model of this shape, e.g. smollm2-360m")
    parser.add_argument("--rounds", metavar="N", type=int, help="turns (default 60) or repetitions (default 15)")
    parser.add_argument("--json", action="store_true", help="all figures as JSON")
    add_session_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the figures."""
    from robot_runtime.errors import SettingsError

    if options.rounds is not None and options.rounds < 1:
        raise SettingsError("--rounds must be at least 1")
    settings = settings_of(options)
    settings, model = _model(options.shape, settings)
    figures = asyncio.run(_measure(options, settings, model))
    print(json.dumps(figures, indent=2) if options.json else _table(figures))
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


def _table(figures: dict[str, Any], indent: str = "") -> str:
    """Figures for people: one line each, groups indented."""
    lines = []
    for name, value in figures.items():
        if isinstance(value, dict) and any(isinstance(inner, dict) for inner in value.values()):
            lines += [f"{indent}{name}", _table(value, indent + "  ")]
        elif isinstance(value, dict):
            inner = "  ".join(f"{key} {number}" for key, number in value.items())
            lines.append(f"{indent}{name:24} {inner}")
        else:
            lines.append(f"{indent}{name:24} {value}")
    return "\n".join(lines)

"""`toddler-robot bench`: measure this computer."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
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
    add_name(parser, "turn: a typed turn; voice: a spoken one; soak: an hour of talk; llm: the model; or a robot")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run one bench."""
    own = {
        "turn": add_turn_arguments,
        "voice": add_voice_arguments,
        "soak": add_soak_arguments,
        "llm": add_llm_arguments,
    }
    return run_entry(GROUP, options, own)


def add_turn_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `bench turn`."""
    _add_arguments(parser, "turns (default 60)")
    parser.set_defaults(what="turn")


def add_llm_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `bench llm`."""
    _add_arguments(parser, "repetitions (default 15)")
    parser.set_defaults(what="llm")


def add_voice_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `bench voice`."""
    _add_arguments(parser, "spoken lines (default 60)")
    _add_spoken_arguments(parser)
    parser.add_argument("--platform", metavar="NAME", help="virtual (default), or a robot, which is simulated here")
    parser.add_argument("--interruptions", metavar="N", type=int, default=0, help="and so many lines into its answers")
    parser.add_argument("--scenario", metavar="FILE|DIR", type=Path, help="go through scenarios of your own instead")
    parser.set_defaults(what="voice")


def add_soak_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `bench soak`."""
    _add_arguments(parser)
    _add_spoken_arguments(parser)
    parser.add_argument("--minutes", metavar="N", type=float, default=60.0, help="of talk (default %(default)g)")
    parser.set_defaults(what="soak", rounds=None)


def _add_spoken_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--ear-model", metavar="NAME|DIR", help="Vosk model to listen with (default: the pulled one)")
    parser.add_argument("--lines", metavar="FILE", help="what the caregiver says, one line each")


def _add_arguments(parser: argparse.ArgumentParser, rounds: str = "") -> None:
    parser.add_argument("--shape", metavar="NAME", help="a random model of this shape, e.g. smollm2-360m")
    if rounds:
        parser.add_argument("--rounds", metavar="N", type=int, help=rounds)
    parser.add_argument("--json", action="store_true", help="all figures as JSON")
    add_session_options(parser)
    parser.set_defaults(run=run_model_bench)


def run_model_bench(options: argparse.Namespace) -> int:
    """Print the figures; returns 1 when a soak or a scenario did not pass."""
    from robot_runtime.bench.numbers import table
    from robot_runtime.errors import SettingsError

    if options.rounds is not None and options.rounds < 1:
        raise SettingsError("--rounds must be at least 1")
    settings = settings_of(options)
    settings, model = _model(options.shape, settings)
    figures, passed = asyncio.run(_measure(options, settings, model))
    print(json.dumps(figures, indent=2) if options.json else table(figures))
    return 0 if passed else 1


async def _measure(options: argparse.Namespace, settings: Settings, model: LocatedModel) -> tuple[dict[str, Any], bool]:
    """Figures, and whether everything that has to be reached was."""
    match options.what:
        case "llm":
            from robot_runtime.bench.llm import bench_llm

            return await bench_llm(settings, model, options.rounds or 15), True
        case "turn":
            from robot_runtime.bench.turn import bench_turn

            return await bench_turn(settings, model, options.rounds or 60, _progress), True
        case "soak":
            from robot_runtime.bench.soak import bench_soak

            figures = await bench_soak(settings, model, _lines(options.lines), options.minutes, _progress)
            return figures, figures["passed"]
        case _ if options.scenario:
            from robot_runtime.bench.voice import bench_scenarios
            from robot_runtime.stand.scenario import scenarios_in

            figures = await bench_scenarios(settings, model, scenarios_in(options.scenario), _progress)
            return figures, not any(each["wrong"] for each in figures.values())
        case _:
            from robot_runtime.bench.voice import bench_voice

            rounds, lines = options.rounds or 60, _lines(options.lines)
            return await bench_voice(settings, model, lines, rounds, options.interruptions, _progress), True


def _progress(text: str) -> None:
    print(f"[{text}]", file=sys.stderr)


def _lines(file: str | None) -> list[str]:
    from importlib import resources

    from robot_runtime.errors import SettingsError

    try:
        shipped = resources.files("robot_runtime.bench").joinpath("caregiver_lines.txt")
        lines = (Path(file) if file else shipped).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read the lines in {file}: {error}") from error
    if not any(line.strip() for line in lines):
        raise SettingsError(f"{file} has no lines to say")
    return [line.strip() for line in lines if line.strip()]


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

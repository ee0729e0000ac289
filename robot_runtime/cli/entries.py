"""Commands of other packages: `toddler-robot simulate NAME ...` and the like, found by an entry point group.

An entry point is a function `add_arguments(parser)` that gives the parser its options and, with `set_defaults`, a
function `run(options)` that returns an exit code. It is loaded when its name is used, never before.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Any

from robot_runtime.errors import MissingExtraError, SettingsError

AddArguments = Callable[[argparse.ArgumentParser], None]
"""What an entry point is."""


def add_name(parser: argparse.ArgumentParser, what: str) -> None:
    """Let the parser take a name, and leave everything after it to the command of that name."""
    parser.add_argument("name", metavar="NAME", help=what)
    parser.add_argument("arguments", metavar="...", nargs=argparse.REMAINDER, help="its options: NAME --help")


def run_entry(group: str, options: argparse.Namespace, own: Mapping[str, AddArguments] | None = None) -> int:
    """Run the command that `options` names.

    Args:
        group: the entry point group.
        options: what a parser with `add_name` made.
        own: commands that need no entry point.

    Raises:
        SettingsError: nobody offers that name.
        MissingExtraError: a library that it needs is not installed.
    """
    entries: dict[str, Any] = {entry.name: entry for entry in entry_points(group=group)}
    own = own or {}
    name = options.name
    if name not in entries and name not in own:
        known = ", ".join([*own, *sorted(entries)]) or "nothing"
        raise SettingsError(f"there is no '{options.command} {name}'; installed here: {known}")
    parser = argparse.ArgumentParser(prog=f"toddler-robot {options.command} {name}")
    try:
        add_arguments: AddArguments = own.get(name) or entries[name].load()
        add_arguments(parser)
        given = parser.parse_args(options.arguments)
        return int(given.run(given))
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"'{options.command} {name}' ({error})", name) from error

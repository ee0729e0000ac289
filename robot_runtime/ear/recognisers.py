"""Finds recognisers: every installed package can offer one by the entry point group `robot_runtime.recognisers`."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points

from robot_runtime.ear.recogniser import Recogniser, RecogniserOptions
from robot_runtime.errors import SettingsError

GROUP = "robot_runtime.recognisers"
"""The entry point group; an entry is a function from `RecogniserOptions` to a `Recogniser`."""


def recognisers() -> list[str]:
    """Names of the recognisers that are installed."""
    return sorted({entry.name for entry in entry_points(group=GROUP)})


def open_recogniser(name: str, options: RecogniserOptions) -> Recogniser:
    """The recogniser of that name, with its model loaded. Blocks meanwhile.

    Raises:
        SettingsError: no installed package offers it.
        MissingExtraError: a library that it needs is not installed.
        ModelError: its model is not here, or cannot be used.
    """
    for entry in entry_points(group=GROUP, name=name):
        factory: Callable[[RecogniserOptions], Recogniser] = entry.load()
        return factory(options)
    raise SettingsError(
        f"recogniser '{name}' is not installed; installed here: {', '.join(recognisers())}. "
        f"A package that has it would register under the entry point group {GROUP}"
    )

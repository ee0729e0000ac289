"""Finds robots: every installed package can offer one by the entry point group `robot_runtime.robots`."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points

from robot_runtime.errors import MissingExtraError, RobotError
from robot_runtime.robot import Robot, RobotOptions

GROUP = "robot_runtime.robots"
"""The entry point group."""


def platforms() -> list[str]:
    """Names of the robots that are installed, `virtual` first."""
    return sorted({entry.name for entry in entry_points(group=GROUP)}, key=lambda name: (name != "virtual", name))


def open_robot(platform: str, options: RobotOptions) -> Robot:
    """The robot of that platform, not yet connected.

    Raises:
        RobotError: no installed package offers it.
        MissingExtraError: a library that it needs is not installed.
    """
    for entry in entry_points(group=GROUP, name=platform):
        try:
            factory: Callable[[RobotOptions], Robot] = entry.load()
            return factory(options)
        except ModuleNotFoundError as error:
            raise MissingExtraError(f"platform '{platform}' ({error})", platform) from error
    raise RobotError(
        f"platform '{platform}' is not installed; installed here: {', '.join(platforms())}. "
        f"A package that drives it would register under the entry point group {GROUP}"
    )

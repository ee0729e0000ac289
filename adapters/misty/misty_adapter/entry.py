"""Entry point of the platform `misty`."""

from __future__ import annotations

from misty_adapter.settings import MistySettings
from robot_runtime.address import host_and_port
from robot_runtime.errors import SettingsError
from robot_runtime.robot import Robot, RobotOptions
from robot_runtime.settings import section

PORT = 80
"""Where every Misty listens, for HTTP and WebSocket."""


def open_robot(options: RobotOptions) -> Robot:
    """A Misty that is not yet connected.

    Raises:
        SettingsError: the address is missing or wrong, or the profile's `[robot]` section is.
        ModuleNotFoundError: the extra `misty` is not installed.
    """
    settings = section(MistySettings, "robot", options.settings)
    if options.address is None:
        raise SettingsError("where is Misty? Its address is in the Misty app: --ip 10.0.0.5, or --ip HOST:PORT")
    address = host_and_port(options.address, PORT)

    from misty_adapter.robot import MistyRobot

    return MistyRobot(address, settings, options.notice, played=options.played)

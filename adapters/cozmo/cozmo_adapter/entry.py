"""Entry point of the platform `cozmo`."""

from __future__ import annotations

from cozmo_adapter.settings import CozmoSettings
from robot_runtime.address import host_and_port
from robot_runtime.robot import Robot, RobotOptions
from robot_runtime.settings import section

ADDRESS = "172.31.1.1"
"""Every Cozmo's address in its own Wi-Fi."""

PORT = 5551
"""Its UDP port."""


def open_robot(options: RobotOptions) -> Robot:
    """A Cozmo that is not yet connected.

    Raises:
        SettingsError: the address or the profile's `[robot]` section is wrong.
        ModuleNotFoundError: the extra `cozmo` is not installed.
    """
    settings = section(CozmoSettings, "robot", options.settings)
    address = host_and_port(options.address or ADDRESS, PORT)

    from cozmo_adapter.robot import CozmoRobot

    return CozmoRobot(address, settings, options.notice, options.played)

"""The robot that everybody has: a face in the terminal and the computer's own loudspeaker."""

from robot_runtime.virtual.robot import VirtualRobot, open_robot

__all__ = ["VirtualRobot", "open_robot"]

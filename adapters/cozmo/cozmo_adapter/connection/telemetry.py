"""What a Cozmo says about itself some thirty times a second, in units that people use."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntFlag
from typing import Any


class Status(IntFlag):
    """Flags of a RobotState (names and values as in pycozmo's `robot.RobotStatusFlag`)."""

    MOVING = 0x1
    CARRYING_BLOCK = 0x2
    PICKING_OR_PLACING = 0x4
    PICKED_UP = 0x8
    BODY_ACC_MODE = 0x10
    FALLING = 0x20
    ANIMATING = 0x40
    PATHING = 0x80
    LIFT_IN_POSITION = 0x100
    HEAD_IN_POSITION = 0x200
    ANIMATION_BUFFER_FULL = 0x400
    ANIMATING_IDLE = 0x800
    ON_CHARGER = 0x1000
    CHARGING = 0x2000
    CLIFF = 0x4000
    WHEELS_MOVING = 0x8000
    CHARGER_FAULT = 0x10000


LIFT_ARM_MM = 66.0
"""Length of the lift's arm (pycozmo, `robot.LIFT_ARM_LENGTH`)."""

LIFT_PIVOT_MM = 45.0
"""Height of its pivot (pycozmo, `robot.LIFT_PIVOT_HEIGHT`)."""


@dataclass(frozen=True)
class Telemetry:
    """One RobotState."""

    at: float
    """When it was taken up, in seconds of the host's monotonic clock."""
    status: Status
    """Flags."""
    battery_v: float
    """Volts; there is no percentage."""
    head_rad: float
    """Head angle, -0.44 (down) to 0.78 (up)."""
    lift_mm: float
    """Height of the lift, 32 (down) to 92."""
    wheels_mm_s: tuple[float, float]
    """Left and right tread."""
    pitch_rad: float
    """Of the body; positive with the nose up."""
    accel_mm_s2: tuple[float, float, float]
    """Accelerometer: x forward, y left, z up; (0, 0, 9810) at rest on the treads."""
    gyro_rad_s: tuple[float, float, float]
    """Rates about the same axes."""


def telemetry(packet: Any, at: float) -> Telemetry:
    """Read pycozmo's RobotState packet; what it calls `lift_height_mm` is the arm's angle in radians on hardware."""
    return Telemetry(
        at=at,
        status=Status(packet.status & 0x1FFFF),
        battery_v=packet.battery_voltage,
        head_rad=packet.head_angle_rad,
        lift_mm=LIFT_PIVOT_MM + LIFT_ARM_MM * math.sin(packet.lift_height_mm),
        wheels_mm_s=(packet.lwheel_speed_mmps, packet.rwheel_speed_mmps),
        pitch_rad=packet.pose_pitch_rad,
        accel_mm_s2=(packet.accel_x, packet.accel_y, packet.accel_z),
        gyro_rad_s=(packet.gyro_x, packet.gyro_y, packet.gyro_z),
    )

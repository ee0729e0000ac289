"""Motor commands over the link."""

from __future__ import annotations

from collections.abc import Callable

from cozmo_adapter.connection.session import packets

LIFT_RAD_S2 = 20.0
"""Acceleration of the lift, pycozmo's default."""

TREAD_MM_S2 = 200.0
"""Acceleration of the treads: 30 mm/s is reached in 0.15 s."""


class LinkMotors:
    """`motion.Motors` for a real robot and its simulator."""

    def __init__(self, send: Callable[..., None]) -> None:
        """Send with `send`."""
        self._send = send

    def head(self, angle_rad: float, duration_s: float, acceleration: float) -> None:
        """See `motion.Motors.head`."""
        self._send(packets.SetHeadAngle(angle_rad=angle_rad, accel_rad_per_sec2=acceleration, duration_sec=duration_s))

    def lift(self, height_mm: float, duration_s: float) -> None:
        """See `motion.Motors.lift`."""
        self._send(packets.SetLiftHeight(height_mm=height_mm, accel_rad_per_sec2=LIFT_RAD_S2, duration_sec=duration_s))

    def wheels(self, left_mm_s: float, right_mm_s: float) -> None:
        """See `motion.Motors.wheels`."""
        self._send(
            packets.DriveWheels(
                lwheel_speed_mmps=left_mm_s,
                rwheel_speed_mmps=right_mm_s,
                lwheel_accel_mmps2=TREAD_MM_S2,
                rwheel_accel_mmps2=TREAD_MM_S2,
            )
        )

    def stop(self) -> None:
        """See `motion.Motors.stop`."""
        self._send(packets.StopAllMotors())

"""Commands of motors: head, arms, wheels, and stopping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from misty_adapter.simulator.api.endpoint import Endpoint, Values, number, text, truth, whole
from misty_adapter.simulator.body import UNITS

if TYPE_CHECKING:
    from misty_adapter.simulator.misty import Misty


async def head(misty: Misty, values: Values) -> Any:
    """Turn the head."""
    misty.body.move_head(values)
    return True


async def arm(misty: Misty, values: Values) -> Any:
    """Turn one arm or both."""
    position, velocity = values["Position"], values["Velocity"]
    left = position if values["Arm"].lower() in ("left", "both") else None
    right = position if values["Arm"].lower() in ("right", "both") else None
    misty.body.move_arms(left, right, (velocity, velocity), values["Duration"], values["Units"])
    return True


async def arms(misty: Misty, values: Values) -> Any:
    """Turn both arms."""
    misty.body.move_arms(
        values["LeftArmPosition"],
        values["RightArmPosition"],
        (values["LeftArmVelocity"], values["RightArmVelocity"]),
        values["Duration"],
        values["Units"],
    )
    return True


async def drive(misty: Misty, values: Values) -> Any:
    """Drive until told otherwise."""
    misty.body.drive(*_tracks(values["LinearVelocity"], values["AngularVelocity"]))
    return True


async def drive_time(misty: Misty, values: Values) -> Any:
    """Drive for a while."""
    misty.body.drive(*_tracks(values["LinearVelocity"], values["AngularVelocity"]), values["TimeMs"] / 1e3)
    return True


async def drive_track(misty: Misty, values: Values) -> Any:
    """Drive with each track at its own velocity."""
    misty.body.drive(values["LeftTrackSpeed"], values["RightTrackSpeed"])
    return True


async def drive_planned(misty: Misty, values: Values) -> Any:
    """Drive an arc or a distance: here only the time that it takes is simulated, at half speed."""
    speed = -50.0 if values["Reverse"] else 50.0
    misty.body.drive(speed, speed, values["TimeMs"] / 1e3)
    return True


async def stop(misty: Misty, values: Values) -> Any:
    """Stop the wheels."""
    misty.body.drive(0, 0)
    return True


async def halt(misty: Misty, values: Values) -> Any:
    """Stop all motors."""
    misty.halt(values["MotorMask"])
    return True


def _tracks(linear: float, angular: float) -> tuple[float, float]:
    """Velocities of the tracks; a positive angular velocity turns left."""
    return max(-100.0, min(linear - angular, 100.0)), max(-100.0, min(linear + angular, 100.0))


ALL_MOTORS = 63
"""MotorMask of all motors (its type is known from the vendor's SDK, the bits are ours)."""

_MASK = whole("MotorMask", 0, default=ALL_MOTORS)
_UNITS = text("Units", "degrees", choices=UNITS)
_DURATION = number("Duration", 0, 3600)
_VELOCITIES = (number("LinearVelocity", -100, 100, required=True), number("AngularVelocity", -100, 100, required=True))
_TIME = number("TimeMs", 100, 3_600_000, required=True)
_HEADING, _REVERSE = number("Heading", -360, 360, required=True), truth("Reverse", False)

ENDPOINTS = (
    Endpoint(
        "post", "head", "MoveHead", head,
        (number("Pitch"), number("Roll"), number("Yaw"), number("Velocity", 0, 100), _DURATION, _UNITS), "Movement",
    ),
    Endpoint(
        "post", "arms", "MoveArm", arm,
        (
            text("Arm", required=True, choices=("left", "right", "both", "Left", "Right", "Both")),
            number("Position", required=True), number("Velocity", 0, 100, 100), _DURATION, _UNITS,
        ),
        "Movement",
    ),
    Endpoint(
        "post", "arms/set", "MoveArms", arms,
        (
            number("LeftArmPosition"), number("RightArmPosition"), number("LeftArmVelocity", 0, 100, 100),
            number("RightArmVelocity", 0, 100, 100), _DURATION, _UNITS,
        ),
        "Movement",
    ),
    Endpoint("post", "drive", "Drive", drive, _VELOCITIES, "Movement"),
    Endpoint("post", "drive/time", "DriveTime", drive_time, (*_VELOCITIES, _TIME), "Movement"),
    Endpoint(
        "post", "drive/track", "DriveTrack", drive_track,
        (number("LeftTrackSpeed", -100, 100, required=True), number("RightTrackSpeed", -100, 100, required=True)),
        "Movement",
    ),
    Endpoint(
        "post", "drive/arc", "DriveArc", drive_planned,
        (_HEADING, number("Radius", 0, 100, required=True), _TIME, _REVERSE), "Movement",
    ),
    Endpoint(
        "post", "drive/hdt", "DriveHeading", drive_planned,
        (_HEADING, number("Distance", 0, 100, required=True), _TIME, _REVERSE), "Movement",
    ),
    Endpoint("post", "drive/stop", "Stop", stop, (truth("Hold", False),), "Movement", while_updating=True),
    Endpoint("post", "halt", "Halt", halt, (_MASK,), "Movement", while_updating=True),
)  # fmt: skip

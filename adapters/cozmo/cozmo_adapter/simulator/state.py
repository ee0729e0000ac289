"""RobotState: what the robot tells about its body with every frame."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntFlag

from cozmo_adapter.simulator import packets
from cozmo_adapter.simulator.motors import Motors
from cozmo_adapter.simulator.senses import Senses
from cozmo_adapter.simulator.speaker import Speaker


class Status(IntFlag):
    """Flags of a RobotState that the simulator knows (values: pycozmo's `robot.py`)."""

    MOVING = 1 << 0
    PICKED_UP = 1 << 3
    FALLING = 1 << 5
    ANIMATING = 1 << 6
    LIFT_IN_POSITION = 1 << 8
    HEAD_IN_POSITION = 1 << 9
    ANIMATION_BUFFER_FULL = 1 << 10
    ON_CHARGER = 1 << 12
    CHARGING = 1 << 13
    CLIFF = 1 << 14
    WHEELS_MOVING = 1 << 15


def flags(states: Mapping[Status, bool]) -> Status:
    """Those that are up."""
    return Status(sum(flag for flag, up in states.items() if up))


def robot_state(
    timestamp: int, frame: int, origin: int, motors: Motors, senses: Senses, speaker: Speaker
) -> bytes:  # fmt: skip
    """The packet's body.

    Args:
        timestamp: ms.
        frame: the number of the coordinate frame, as the client has set it.
        origin: the number of its origin, as the client has set it.
        motors: where they are.
        senses: what they feel.
        speaker: what it does.
    """
    head, lift, wheels = motors.head, motors.lift, motors.wheels
    ax, ay, az = senses.acceleration
    status = flags(
        {
            Status.MOVING: motors.moving,
            Status.HEAD_IN_POSITION: head.in_position,
            Status.LIFT_IN_POSITION: lift.in_position,
            Status.WHEELS_MOVING: wheels.moving,
            Status.ANIMATING: speaker.playing,
            Status.ANIMATION_BUFFER_FULL: speaker.full,
            Status.PICKED_UP: senses.picked_up,
            Status.FALLING: senses.falling_s is not None,
            Status.ON_CHARGER: senses.on_charger,
            Status.CHARGING: senses.charging,
            Status.CLIFF: senses.cliff,
        }
    )
    return packets.build(
        "RobotState",
        timestamp=timestamp,
        pose_frame_id=frame,
        pose_origin_id=origin,
        pose_x=wheels.x,
        pose_y=wheels.y,
        pose_z=0.0,
        pose_angle_rad=wheels.heading,
        pose_pitch_rad=senses.pitch,
        lwheel_speed_mmps=wheels.speeds[0],
        rwheel_speed_mmps=wheels.speeds[1],
        head_angle_rad=head.position,
        # Named for a height, it holds the angle of the arm (reported).
        lift_height_mm=lift.position,
        accel_x=ax,
        accel_y=ay,
        accel_z=az,
        gyro_x=0.0,
        gyro_y=0.0,
        gyro_z=wheels.turning,
        battery_voltage=senses.battery_v,
        status=status,
        cliff_data_raw=senses.cliff_readings,
        backpack_touch_sensor_raw=0,
        curr_path_segment=0xFF,
    )

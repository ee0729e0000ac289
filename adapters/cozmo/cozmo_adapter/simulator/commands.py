"""What the robot does when it is told to: one entry for every command that it follows."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from cozmo_adapter.simulator.motors import lift_angle
from cozmo_adapter.simulator.packets import Light, Message

if TYPE_CHECKING:
    from cozmo_adapter.simulator.body import Body

_STREAM = 1
"""Mode of EnableCamera in which picture follows picture."""


def _set_head_angle(body: Body, message: Message) -> None:
    *motion, action = message.fields.values()
    body.motors.head.go(*motion)
    body.send("AcknowledgeAction", action_id=action)


def _set_lift_height(body: Body, message: Message) -> None:
    height, *motion, action = message.fields.values()
    body.motors.lift.go(lift_angle(height), *motion)
    body.send("AcknowledgeAction", action_id=action)


def _anim_head(body: Body, message: Message) -> None:
    body.motors.head.go(math.radians(message["angle_deg"]), duration=message["duration_ms"] / 1e3)


def _anim_lift(body: Body, message: Message) -> None:
    body.motors.lift.go(lift_angle(message["height_mm"]), duration=message["duration_ms"] / 1e3)


def _anim_backpack_lights(body: Body, message: Message) -> None:
    left, front, center, rear, right = (Light(code, code) for code in message["colors"])
    body.backpack.center((front, center, rear), body.now)
    body.backpack.side((left, right), body.now)


def _set_robot_volume(body: Body, message: Message) -> None:
    body.speaker.volume = message["level"]


def _enable_stop_on_cliff(body: Body, message: Message) -> None:
    body.stops_at_cliff = message["enable"]


def _start_animation(body: Body, message: Message) -> None:
    body.speaker.tag = message["anim_id"]
    body.send("AnimationStarted", anim_id=body.speaker.tag)


def _end_animation(body: Body, message: Message) -> None:
    body.send("AnimationEnded", anim_id=body.speaker.tag)
    body.speaker.tag = 0


COMMANDS: dict[str, Callable[[Body, Message], None]] = {
    "Enable": lambda body, m: body.enable(),
    "SyncTime": lambda body, m: body.set_time(m["timestamp"]),
    "SetOrigin": lambda body, m: body.set_origin(m["pose_frame_id"], m["pose_origin_id"], m["pose_x"], m["pose_y"]),
    "EnableAnimationState": lambda body, m: body.enable_animations(),
    "StartMotorCalibration": lambda body, m: body.calibrate(head=m["head"], lift=m["lift"]),
    "SetRobotVolume": _set_robot_volume,
    "SetHeadAngle": _set_head_angle,
    "SetLiftHeight": _set_lift_height,
    "MoveHead": lambda body, m: body.motors.head.run(m["speed_rad_per_sec"]),
    "MoveLift": lambda body, m: body.motors.lift.run(m["speed_rad_per_sec"]),
    "DriveWheels": lambda body, m: body.motors.wheels.drive(*m.fields.values()),
    "StopAllMotors": lambda body, m: body.motors.halt(),
    "EnableStopOnCliff": _enable_stop_on_cliff,
    "LightStateCenter": lambda body, m: body.backpack.center(m["states"], body.now),
    "LightStateSide": lambda body, m: body.backpack.side(m["states"], body.now),
    "EnableCamera": lambda body, m: body.camera.switch(m["image_send_mode"] == _STREAM),
    "ObjectConnect": lambda body, m: body.connect_cube(m),
    "CubeId": lambda body, m: body.cubes.select(m),
    "CubeLights": lambda body, m: body.cubes.light(m, body.now),
    "AbortAnimation": lambda body, m: body.speaker.abort(),
    # These come through the animation buffer, when their frame is played.
    "DisplayImage": lambda body, m: body.show(m["image"]),
    "AnimHead": _anim_head,
    "AnimLift": _anim_lift,
    "AnimBackpackLights": _anim_backpack_lights,
    "StartAnimation": _start_animation,
    "EndAnimation": _end_animation,
}
"""What to do, by name; commands that are not here are noted and change nothing."""

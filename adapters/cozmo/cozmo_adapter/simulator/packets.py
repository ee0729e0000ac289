"""Commands and events of the Cozmo protocol as data: an id, a name, and fields in the order of the wire.

Ids and layouts are those of firmware 2381 (pycozmo's `protocol_declaration.py`); numbers are little-endian. A field is
written `name:code`, where the code is one of `struct`'s, or `Ns` for N bytes, `NH` for a tuple of N numbers, `NL` for a
tuple of N lights, or `v` for bytes after a length of 16 bits.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

FIRST_OF_ROBOT = 0xB0
"""Ids below are a client's, from here on a robot's; from 0xF0 on they travel unreliably."""

_LAYOUTS = {
    0x03: "LightStateCenter states:3L unknown:B",
    0x04: "CubeLights states:4L",
    0x05: "ObjectConnect factory_id:I connect:?",
    0x08: "StreamObjectAccel object_id:I enable:?",
    0x0A: "SetAccessoryDiscovery enable:?",
    0x0B: "SetHeadLight enable:?",
    0x10: "CubeId object_id:I rotation_period_frames:B",
    0x11: "LightStateSide states:2L unknown:B",
    0x25: "Enable",
    0x32: "DriveWheels lwheel_speed_mmps:f rwheel_speed_mmps:f lwheel_accel_mmps2:f rwheel_accel_mmps2:f",
    0x33: "TurnInPlaceAtSpeed wheel_speed_mmps:f wheel_accel_mmps2:f direction:h",
    0x34: "MoveLift speed_rad_per_sec:f",
    0x35: "MoveHead speed_rad_per_sec:f",
    0x36: "SetLiftHeight height_mm:f max_speed_rad_per_sec:f accel_rad_per_sec2:f duration_sec:f action_id:B",
    0x37: "SetHeadAngle angle_rad:f max_speed_rad_per_sec:f accel_rad_per_sec2:f duration_sec:f action_id:B",
    0x3B: "StopAllMotors",
    0x45: "SetOrigin unknown0:I pose_frame_id:I pose_origin_id:I pose_x:f pose_y:f unknown5:I",
    0x4B: "SyncTime timestamp:I unknown:I",
    0x4C: "EnableCamera image_send_mode:B image_resolution:B",
    0x57: "SetCameraParams gain:f exposure_ms:H auto_exposure_enabled:?",
    0x58: "StartMotorCalibration head:? lift:?",
    0x60: "EnableStopOnCliff enable:?",
    0x64: "SetRobotVolume level:H",
    0x66: "EnableColorImages enable:?",
    0x8D: "AbortAnimation",
    0x8E: "OutputAudio samples:744s",
    0x8F: "OutputSilence",
    0x91: "RecordHeading",
    0x92: "TurnToRecordedHeading",
    0x93: "AnimHead duration_ms:B variability_deg:b angle_deg:b",
    0x94: "AnimLift duration_ms:B variability_mm:B height_mm:B",
    0x97: "DisplayImage image:v",
    0x98: "AnimBackpackLights colors:5H",
    0x99: "AnimBody speed:h unknown:h",
    0x9A: "EndAnimation",
    0x9B: "StartAnimation anim_id:B",
    0x9F: "EnableAnimationState",
    0xA9: "ShutdownRobot",
    0xB4: "ObjectMoved timestamp:I object_id:I active_accel_x:f active_accel_y:f active_accel_z:f axis_of_accel:B",
    0xB5: "ObjectStoppedMoving timestamp:I object_id:I",
    0xB6: "ObjectTapped timestamp:I object_id:I num_taps:B tap_time:B tap_neg:b tap_pos:b",
    0xC3: "RobotPoked",
    0xC4: "AcknowledgeAction action_id:B",
    0xC9: "HardwareInfo serial_number_head:I unknown1:B unknown2:B",
    0xCA: "AnimationStarted anim_id:B",
    0xCB: "AnimationEnded anim_id:B",
    0xD0: "ObjectConnectionState object_id:I factory_id:I object_type:i connected:?",
    0xD1: "MotorCalibration motor_id:B calib_started:? auto_started:?",
    0xDB: "ButtonPressed pressed:?",
    0xDD: "FallingStarted unknown:I",
    0xDE: "FallingStopped unknown:I duration_ms:I impact_intensity:f",
    0xED: "BodyInfo serial_number:I body_hw_version:I body_color:i",
    0xEE: "FirmwareSignature unknown:H signature:v",
    0xF0: "RobotState timestamp:I pose_frame_id:I pose_origin_id:I pose_x:f pose_y:f pose_z:f pose_angle_rad:f"
    " pose_pitch_rad:f lwheel_speed_mmps:f rwheel_speed_mmps:f head_angle_rad:f lift_height_mm:f accel_x:f accel_y:f"
    " accel_z:f gyro_x:f gyro_y:f gyro_z:f battery_voltage:f status:I cliff_data_raw:4H backpack_touch_sensor_raw:H"
    " curr_path_segment:B",
    0xF1: "AnimationState timestamp:I num_anim_bytes_played:i num_audio_frames_played:i enabled_anim_tracks:B tag:B"
    " client_drop_count:B",
    0xF2: "ImageChunk frame_timestamp:I image_id:I chunk_debug:I image_encoding:B image_resolution:B"
    " image_chunk_count:B chunk_id:B status:H data:v",
    0xF3: "ObjectAvailable factory_id:I object_type:i rssi:b",
}


class PacketError(ValueError):
    """A body that does not fit the layout of its id, or values that do not."""


class UnknownPacket(PacketError):
    """An id that is not in the table."""


class Light(NamedTuple):
    """How one lamp shines: periods in frames of 1/30 s, colours of 15 bits (red, green, blue from the high end)."""

    on_color: int = 0
    off_color: int = 0
    on_frames: int = 0
    off_frames: int = 0
    transition_on_frames: int = 0
    transition_off_frames: int = 0
    offset: int = 0


@dataclass(frozen=True)
class Message:
    """A packet understood."""

    name: str
    """As in pycozmo."""
    fields: Mapping[str, Any]
    """Values by name; bytes stay bytes."""

    def __getitem__(self, field: str) -> Any:
        """The value of a field."""
        return self.fields[field]


class _Field(NamedTuple):
    name: str
    code: str
    layout: struct.Struct


class _Layout(NamedTuple):
    id: int
    name: str
    fields: tuple[_Field, ...]


def _read(id: int, line: str) -> _Layout:
    name, *fields = line.split()
    return _Layout(id, name, tuple(_field(field) for field in fields))


def _field(text: str) -> _Field:
    name, code = text.split(":")
    if code == "v":
        return _Field(name, "v", struct.Struct("<H"))
    if code.endswith("L"):
        return _Field(name, "L", struct.Struct("<" + int(code[:-1]) * "HHBBBBh"))
    return _Field(name, "tuple" if code.endswith("H") and code != "H" else "", struct.Struct("<" + code))


BY_ID = {id: _read(id, line) for id, line in _LAYOUTS.items()}
BY_NAME = {layout.name: layout for layout in BY_ID.values()}


def parse(body: bytes) -> Message:
    """Understand the body of a COMMAND or EVENT.

    Raises:
        UnknownPacket: its id is not in the table.
        PacketError: its length does not fit its layout.
    """
    layout = BY_ID.get(body[0]) if body else None
    if layout is None:
        raise UnknownPacket(f"unknown packet id 0x{body[0]:02x}" if body else "an empty packet")
    values: dict[str, Any] = {}
    at = 1
    try:
        for name, code, numbers in layout.fields:
            found = numbers.unpack_from(body, at)
            at += numbers.size
            if code == "v":
                values[name] = body[at : at + found[0]]
                at += found[0]
            elif code == "L":
                values[name] = tuple(Light(*found[start : start + 7]) for start in range(0, len(found), 7))
            else:
                values[name] = found if code == "tuple" else found[0]
    except struct.error as error:
        raise PacketError(f"{layout.name} is cut off") from error
    if at != len(body):
        raise PacketError(f"{layout.name} has {at} bytes, not {len(body)}")
    return Message(layout.name, values)


def build(name: str, **values: Any) -> bytes:
    """Write the body of a COMMAND or EVENT, id first.

    Raises:
        PacketError: an unknown name, a field too many or too few, or a value outside its range.
    """
    layout = BY_NAME.get(name)
    if layout is None:
        raise UnknownPacket(f"unknown packet {name}")
    if values.keys() != {field.name for field in layout.fields}:
        raise PacketError(f"{name} has the fields {', '.join(field.name for field in layout.fields) or '(none)'}")
    body = bytes([layout.id])
    try:
        for field, code, numbers in layout.fields:
            value = values[field]
            if code == "v":
                body += numbers.pack(len(value)) + value
            elif code == "L":
                body += numbers.pack(*(number for light in value for number in light))
            else:
                body += numbers.pack(*(value if code == "tuple" else (value,)))
    except (struct.error, TypeError) as error:
        raise PacketError(f"{name} cannot be written: {error}") from error
    return body

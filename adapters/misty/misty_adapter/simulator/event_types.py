"""The types of events that can be subscribed to, with the properties of their messages: what `/api/websockets` tells.

Names as in the vendor's Python SDK; properties as documented, those of types that this simulator never raises in short.
"""

from __future__ import annotations

from typing import Any

EVENT_TYPES: dict[str, tuple[str, ...]] = {
    "ActuatorPosition": ("created", "sensorId", "value"),
    "ArTagDetection": ("created", "sensorId", "arTags"),
    "AudioPlayComplete": ("created", "metaData.directory", "metaData.duration", "metaData.name", "metaData.vad"),
    "BatteryCharge": (
        "chargePercent", "created", "current", "healthPercent", "isCharging", "sensorId", "state", "temperature",
        "trained", "voltage",
    ),
    "BumpSensor": ("created", "isContacted", "sensorId"),
    "ChargerPoseMessage": ("created", "homogeneousMatrix", "sensorId"),
    "CriticalStatusMessage": ("created", "message"),
    "DialogAction": ("created", "message"),
    "DriveEncoders": ("created", "leftDistance", "leftVelocity", "rightDistance", "rightVelocity", "sensorId"),
    "FaceRecognition": ("bearing", "created", "distance", "elevation", "label", "personName", "sensorId", "trackId"),
    "FaceTraining": ("created", "isProcessComplete", "message", "messageType", "sensorId"),
    "HaltCommand": ("created", "motorMask"),
    "HazardNotification": (
        "bumpSensorsHazardState", "criticalInternalError", "currentSensorsHazard", "driveStopped",
        "motorStallHazard", "timeOfFlightSensorsHazardState",
    ),
    "IMU": (
        "created", "pitch", "pitchVelocity", "roll", "rollVelocity", "sensorId", "xAcceleration", "yAcceleration",
        "yaw", "yawVelocity", "zAcceleration",
    ),
    "KeyPhraseRecognized": ("confidence", "created"),
    "LocomotionCommand": ("angularVelocity", "created", "linearVelocity", "usePid", "useTrapezoidal"),
    "ObjectDetection": ("confidence", "created", "description", "sensorId"),
    "ObstacleMap": ("created", "occupancyGrid"),
    "PRUMessage": ("created", "message"),
    "RfCommMessage": ("created", "message"),
    "RfCommState": ("created", "state"),
    "RobotCommandMessage": ("created", "command"),
    "RobotInteractionState": ("created", "state"),
    "SelfState": (
        "batteryChargePercent", "batteryVoltage", "bumpedState", "cameraStatus", "created", "isConnected",
        "localIPAddress", "robotRunState", "sensorId", "touchedState",
    ),
    "SerialMessage": ("created", "message"),
    "SkillData": ("message", "timestamp"),
    "SkillSystemStateChange": ("created", "message"),
    "SlamStatus": ("created", "sensorId", "slamStatus"),
    "SourceFocusConfigMessage": ("created",),
    "SourceTrackDataMessage": (
        "created", "degreeOfArrivalNoise", "degreeOfArrivalSpeech", "sensorId", "voiceActivityPolar",
        "voiceActivitySectors",
    ),
    "TextToSpeechComplete": ("created", "error", "interrupted", "utteranceId"),
    "TimeOfFlight": ("created", "distanceInMeters", "sensorId", "status", "type"),
    "TouchSensor": ("created", "isContacted", "sensorId", "sensorPosition"),
    "UserSkillData": ("message", "timestamp"),
    "VoiceRecord": ("created", "errorCode", "errorMessage", "filename", "speechRecognitionResult", "success"),
    "WorldState": ("created", "locations", "objects"),
}  # fmt: skip
"""Properties by type; a dot stands for a property of a property."""

STREAMED = frozenset(
    {
        "ActuatorPosition", "BatteryCharge", "DriveEncoders", "FaceRecognition", "IMU", "SelfState",
        "SourceTrackDataMessage", "TimeOfFlight",
    }
)  # fmt: skip
"""Types whose messages come again every DebounceMs; those of others come when something happens."""


def describe(event_type: str | None) -> list[dict[str, Any]]:
    """All types, or the one with that name in any case."""
    return [
        {"class": name, "nestedProperties": list(properties)}
        for name, properties in EVENT_TYPES.items()
        if event_type is None or event_type.lower() == name.lower()
    ]

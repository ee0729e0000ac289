"""Commands about the robot itself: help, battery, faces, services, the serial port, reboot."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from misty_adapter.simulator import faces
from misty_adapter.simulator.api.endpoint import Endpoint, Handler, Values, text, truth, whole
from misty_adapter.simulator.api.errors import ApiError
from misty_adapter.simulator.http import Response

if TYPE_CHECKING:
    from misty_adapter.simulator.misty import Misty


async def battery(misty: Misty, values: Values) -> Any:
    """State of the battery."""
    return {"created": misty.world.created(), **misty.power.message()}


async def device(misty: Misty, values: Values) -> Any:
    """What kind of robot this is."""
    return {
        "batteryLevel": misty.power.message(),
        "currentProfileName": "",
        "ipAddress": "127.0.0.1",
        "macAddress": "00:00:00:00:00:00",
        "networkConnectivity": "InternetAccess",
        "outputCapabilities": ["screen", "speaker", "led"],
        "robotId": "00000000-0000-0000-0000-000000000000",
        "robotVersion": misty.firmware.version,
        "sensorCapabilities": ["microphone", "camera", "touch", "bump"],
        "sensoryServiceAppVersion": misty.firmware.version,
        "serialNumber": "SIMULATED",
        "sku": "MISTY2",
    }


async def websocket_version(misty: Misty, values: Values) -> Any:
    """The version of the messages of the WebSocket."""
    return "Current"


async def take_picture(misty: Misty, values: Values) -> Any:
    """A picture from the camera: here always the same one."""
    if not misty.services["camera"] or misty.ears.streaming:
        raise ApiError("The camera is in use or disabled.")
    data, (width, height) = faces.encoded(faces.DEFAULT), faces.SIZE
    if not values["Base64"]:
        return Response(data, 200, "image/jpeg")
    name = values["FileName"] or "rgb.jpg"
    return {"base64": base64.b64encode(data).decode(), "contentType": "image/jpeg", "name": name, "width": width,
            "height": height}  # fmt: skip


async def hazards(misty: Misty, values: Values) -> Any:
    """How near is too near."""
    return {"bumpSensors": [], "timeOfFlightThresholds": []}


def service(name: str, enabled: bool) -> Handler:
    """A command that switches a service; camera and avstreaming exclude each other."""

    async def handler(misty: Misty, values: Values) -> Any:
        misty.services[name] = enabled
        other = {"camera": "avstreaming", "avstreaming": "camera"}.get(name)
        if enabled and other is not None:
            misty.services[other] = False
        if not misty.services["avstreaming"]:
            misty.streaming.stop()
        return True

    return handler


def service_state(name: str) -> Handler:
    """A command that tells whether a service is enabled."""

    async def handler(misty: Misty, values: Values) -> Any:
        return misty.services[name]

    return handler


def look(what: str, on: bool) -> Handler:
    """A command that begins or ends looking for faces."""

    async def handler(misty: Misty, values: Values) -> Any:
        if on and (misty.ears.streaming or not misty.services["camera"]):
            raise ApiError("The camera is in use or disabled.")
        (misty.seeing.add if on else misty.seeing.discard)(what)
        return True

    return handler


async def known_faces(misty: Misty, values: Values) -> Any:
    """Whom it knows."""
    return [] if misty.face is None else [misty.face["personName"]]


async def nothing(misty: Misty, values: Values) -> Any:
    """Accept the command and do nothing."""
    return True


async def read_serial(misty: Misty, values: Values) -> Any:
    """What came through the serial port."""
    return list(misty.serial)


async def write_serial(misty: Misty, values: Values) -> Any:
    """Send text out of the serial port."""
    misty.world.recording.event("serial_out", message=values["Message"])
    return True


async def reboot(misty: Misty, values: Values) -> Any:
    """Go down and come back."""
    misty.reboot_asked = True
    return True


_MESSAGE = text("Message", required=True)

ENDPOINTS = (
    Endpoint("get", "battery", "GetBatteryLevel", battery),
    Endpoint("get", "device", "GetDeviceInformation", device),
    Endpoint("get", "websocket/version", "GetWebsocketVersion", websocket_version),
    Endpoint(
        "get", "cameras/rgb", "TakePicture", take_picture,
        (
            truth("Base64", True), text("FileName"), whole("Width", 1), whole("Height", 1),
            truth("DisplayOnScreen", False), truth("OverwriteExisting", False),
        ),
        "Record",
    ),
    Endpoint("get", "hazards/settings", "GetHazardSettings", hazards, (), "System", "Beta"),
    Endpoint(
        "post", "hazard/updatebasesettings", "UpdateHazardSettings", nothing,
        (
            truth("RevertToDefault"), truth("DisableTimeOfFlights"), truth("DisableBumpSensors"),
        ),
        "System", "Beta",
    ),
    *(
        endpoint
        for name, title in (("audio", "Audio"), ("camera", "Camera"), ("avstreaming", "AvStreaming"))
        for endpoint in (
            Endpoint("post", f"services/{name}/enable", f"Enable{title}Service", service(name, True)),
            Endpoint("post", f"services/{name}/disable", f"Disable{title}Service", service(name, False)),
            Endpoint("get", f"services/{name}", f"{title}ServiceEnabled", service_state(name)),
        )
    ),
    *(
        endpoint
        for what in ("detection", "recognition")
        for endpoint in (
            Endpoint("post", f"faces/{what}/start", f"StartFace{what.title()}", look(what, True), (), "Perception"),
            Endpoint("post", f"faces/{what}/stop", f"StopFace{what.title()}", look(what, False), (), "Perception"),
        )
    ),
    Endpoint("get", "faces", "GetKnownFaces", known_faces, (), "Perception"),
    Endpoint("post", "skills/cancel", "CancelSkill", nothing, (text("Skill"),), "Skill"),
    Endpoint("get", "serial", "GetSerialSensorValues", read_serial, (), "Backpack"),
    Endpoint("post", "serial", "WriteSerial", write_serial, (_MESSAGE,), "Backpack"),
    Endpoint("post", "reboot", "RestartRobot", reboot, (truth("Core", True), truth("SensoryServices", True))),
)  # fmt: skip

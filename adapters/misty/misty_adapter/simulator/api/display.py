"""Commands of screen and lights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from misty_adapter.simulator import faces
from misty_adapter.simulator.api.endpoint import FILE, Endpoint, Handler, Values, byte, number, text, truth, whole
from misty_adapter.simulator.api.errors import BadArgument
from misty_adapter.simulator.api.sound import file_answer
from misty_adapter.simulator.api.upload import uploaded
from misty_adapter.simulator.assets import Asset
from misty_adapter.simulator.lights import TRANSITIONS
from misty_adapter.simulator.screen import fit_picture

if TYPE_CHECKING:
    from misty_adapter.simulator.misty import Misty


async def save(misty: Misty, values: Values) -> Any:
    """Keep an uploaded picture."""
    data, size = fit_picture(uploaded(values["Data"], values["File"]), values["Width"], values["Height"])
    asset = misty.assets.save("images", values["FileName"], data, values["OverwriteExisting"], size)
    misty.world.recording.event("uploaded", name=asset.name, bytes=len(data), files=misty.assets.uploaded)
    if values["ImmediatelyApply"]:
        misty.screen.show("image", asset.name, None)
    return [_about(asset)]


async def get(misty: Misty, values: Values) -> Any:
    """The picture itself, or in base64."""
    asset = misty.assets.get("images", values["FileName"])
    data = faces.encoded(asset.name) if asset.system else asset.data
    return file_answer("images", asset, data, values["Base64"], {**_about(asset), "systemAsset": asset.system})


async def list_files(misty: Misty, values: Values) -> Any:
    """All pictures."""
    return [{**_about(asset), "systemAsset": asset.system} for asset in misty.assets.list("images")]


async def delete(misty: Misty, values: Values) -> Any:
    """Delete an uploaded picture."""
    misty.assets.delete("images", values["FileName"])
    return True


async def display(misty: Misty, values: Values) -> Any:
    """Show a picture; an empty name clears the layer."""
    name = values["FileName"]
    if name and not values["IsURL"]:
        name = misty.assets.get("images", name).name
    misty.screen.show("image", name, values["Layer"], values["Alpha"])
    return True


def show(kind: str, argument: str) -> Handler:
    """A command that puts something into a layer."""

    async def handler(misty: Misty, values: Values) -> Any:
        misty.screen.show(kind, values[argument], values["Layer"])
        return True

    return handler


def configure(kind: str) -> Handler:
    """A command that changes the settings of a layer."""

    async def handler(misty: Misty, values: Values) -> Any:
        misty.screen.configure(kind, values["Layer"], {name: v for name, v in values.items() if name != "Layer"})
        return True

    return handler


async def display_settings(misty: Misty, values: Values) -> Any:
    """Back to the eyes alone."""
    if values["RevertToDefault"]:
        misty.screen.revert()
    return True


async def blink(misty: Misty, values: Values) -> Any:
    """Blink, or never."""
    misty.screen.blinks = values["Blink"]
    misty.world.recording.event("blinks", on=values["Blink"])
    return True


async def set_blinking(misty: Misty, values: Values) -> Any:
    """Change when and how to blink."""
    misty.screen.configure_blinking(values)
    return True


async def get_blinking(misty: Misty, values: Values) -> Any:
    """When and how it blinks."""
    return {**misty.screen.blink_settings, "blinkImages": misty.screen.blink_images}


async def remove_blink_images(misty: Misty, values: Values) -> Any:
    """Forget pictures for blinking."""
    for name in (values["BlinkImages"] or "").split(","):
        misty.screen.blink_images.pop(name.strip(), None)
    return True


async def led(misty: Misty, values: Values) -> Any:
    """Shine in one colour."""
    misty.lights.steady((values["Red"], values["Green"], values["Blue"]))
    misty.world.recording.event("led", colour=misty.lights.first)
    return True


async def led_transition(misty: Misty, values: Values) -> Any:
    """Change between two colours."""
    if values["TimeMs"] <= 3:
        raise BadArgument("TimeMs must be more than 3.")
    first = values["Red"], values["Green"], values["Blue"]
    second = values["Red2"], values["Green2"], values["Blue2"]
    kind = values["TransitionType"]
    misty.lights.change(first, second, kind, values["TimeMs"] / 1e3, misty.world.clock.now())
    misty.world.recording.event("led", colour=first, second=second, transition=kind, ms=values["TimeMs"])
    return True


async def flashlight(misty: Misty, values: Values) -> Any:
    """Switch the flashlight."""
    misty.lights.flashlight = values["On"]
    misty.world.recording.event("flashlight", on=values["On"])
    return True


async def notification_settings(misty: Misty, values: Values) -> Any:
    """Let the robot show by itself what it does, or not."""
    if values["RevertToDefault"]:
        misty.lights.own_cues = True
    elif values["LedEnabled"] is not None:
        misty.lights.own_cues = values["LedEnabled"]
    return True


def _about(asset: Asset) -> dict[str, Any]:
    width, height = asset.size or (0, 0)
    return {"height": height, "name": asset.name, "userAddedAsset": not asset.system, "width": width}


_FILE = text("FileName", required=True)
_LAYER = text("Layer")
_SETTINGS = (
    _LAYER, truth("RevertToDefault"), truth("Deleted"), truth("Visible"), number("Opacity", 0, 1), whole("Width", 0),
    whole("Height", 0), text("Stretch"), whole("Rotation"), text("HorizontalAlignment"), text("VerticalAlignment"),
    truth("PlaceOnTop"),
)  # fmt: skip
_TEXT_SETTINGS = (
    *_SETTINGS, whole("Size", 1), whole("Weight", 1), byte("Red"), byte("Green"), byte("Blue"), truth("Wrap"),
    text("Style"), text("FontFamily"),
)  # fmt: skip
_COLOUR = tuple(byte(name, required=True) for name in ("Red", "Green", "Blue"))

ENDPOINTS = (
    Endpoint(
        "post", "images", "SaveImage", save,
        (
            _FILE, text("Data"), FILE, whole("Width", 1), whole("Height", 1),
            truth("ImmediatelyApply", False), truth("OverwriteExisting", False),
        ),
        "Asset",
    ),
    Endpoint("get", "images", "GetImage", get, (_FILE, truth("Base64", True)), "Asset"),
    Endpoint("get", "images/list", "GetImageList", list_files, (), "Asset"),
    Endpoint("delete", "images", "DeleteImage", delete, (_FILE,), "Asset"),
    Endpoint(
        "post", "images/display", "DisplayImage", display,
        (text("FileName", ""), number("Alpha", 0, 1), _LAYER, truth("IsURL", False)), "Expression",
    ),
    Endpoint("post", "images/settings", "SetImageDisplaySettings", configure("image"), _SETTINGS, "Expression"),
    Endpoint("post", "text/display", "DisplayText", show("text", "Text"), (text("Text", ""), _LAYER), "Expression"),
    Endpoint("post", "text/settings", "SetTextDisplaySettings", configure("text"), _TEXT_SETTINGS, "Expression"),
    Endpoint(
        "post", "videos/display", "DisplayVideo", show("video", "FileName"),
        (text("FileName", ""), _LAYER, truth("IsURL", False)), "Expression",
    ),
    Endpoint("post", "webviews/display", "DisplayWebView", show("web", "URL"), (text("URL", ""), _LAYER), "Expression"),
    Endpoint(
        "post", "display/settings", "SetDisplaySettings", display_settings, (truth("RevertToDefault", False),),
        "Expression",
    ),
    Endpoint("post", "blink", "SetBlinking", blink, (truth("Blink", required=True),), "Expression"),
    Endpoint(
        "post", "blink/settings", "SetBlinkSettings", set_blinking,
        (
            truth("RevertToDefault", False), whole("ClosedEyeMinMs", 0), whole("ClosedEyeMaxMs", 0),
            whole("OpenEyeMinMs", 0), whole("OpenEyeMaxMs", 0), text("BlinkImages"),
        ),
        "Expression", "Beta",
    ),
    Endpoint("get", "blink/settings", "GetBlinkSettings", get_blinking, (), "Expression", "Beta"),
    Endpoint(
        "delete", "blink/images", "RemoveBlinkMappings", remove_blink_images, (text("BlinkImages"),), "Expression",
        "Beta",
    ),
    Endpoint("post", "led", "ChangeLED", led, _COLOUR, "Expression"),
    Endpoint(
        "post", "led/transition", "TransitionLED", led_transition,
        (
            *_COLOUR, *(byte(name, required=True) for name in ("Red2", "Green2", "Blue2")),
            text("TransitionType", "TransitOnce", choices=TRANSITIONS), number("TimeMs", 0, 1e9, 500),
        ),
        "Expression",
    ),
    Endpoint("post", "flashlight", "SetFlashlight", flashlight, (truth("On", required=True),), "Expression"),
    Endpoint(
        "post", "notification/settings", "SetNotificationSettings", notification_settings,
        (truth("RevertToDefault", False), truth("LedEnabled"), truth("KeyPhraseEnabled"), text("KeyPhraseFile")),
    ),
)  # fmt: skip

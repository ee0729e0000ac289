"""Commands of sound: files, playing, volume, and Misty's own voice."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from misty_adapter.simulator.api.endpoint import FILE, Endpoint, Values, number, text, truth, whole
from misty_adapter.simulator.api.errors import BadArgument, NeverAnswers
from misty_adapter.simulator.api.upload import uploaded
from misty_adapter.simulator.assets import Asset, media_type
from misty_adapter.simulator.http import Response
from misty_adapter.simulator.player import fetch
from misty_adapter.simulator.speech import Utterance, plain

if TYPE_CHECKING:
    from misty_adapter.simulator.misty import Misty


async def save(misty: Misty, values: Values) -> Any:
    """Keep an uploaded sound."""
    data = uploaded(values["Data"], values["File"])
    asset = misty.assets.save("audio", values["FileName"], data, values["OverwriteExisting"])
    misty.world.recording.event("uploaded", name=asset.name, bytes=len(data), files=misty.assets.uploaded)
    if values["ImmediatelyApply"]:
        misty.player.play(asset.name, data, None)
    return [{"name": asset.name, "userAddedAsset": True}]


async def get(misty: Misty, values: Values) -> Any:
    """The file itself, or in base64."""
    asset = misty.assets.get("audio", values["FileName"])
    return file_answer("audio", asset, asset.data, values["Base64"], {})


async def list_files(misty: Misty, values: Values) -> Any:
    """All sounds."""
    return [
        {"name": asset.name, "systemAsset": asset.system, "userAddedAsset": not asset.system}
        for asset in misty.assets.list("audio")
    ]


async def delete(misty: Misty, values: Values) -> Any:
    """Delete an uploaded sound."""
    misty.assets.delete("audio", values["FileName"])
    return True


async def play(misty: Misty, values: Values) -> Any:
    """Play a file, or what is at an address."""
    name = values["FileName"]
    if name.lower().startswith("rtsp:"):
        raise BadArgument("This simulator plays no rtsp.")
    if name.lower().startswith(("http://", "https://")):
        asset: Asset | None = await fetch(name)
    else:
        asset = misty.assets.find("audio", name)
    if asset is None:
        raise NeverAnswers
    misty.player.play(asset.name, asset.data, values["Volume"])
    return True


async def pause(misty: Misty, values: Values) -> Any:
    """Hold what plays, or let it go on."""
    misty.player.pause()
    return True


async def stop(misty: Misty, values: Values) -> Any:
    """Stop what plays; not Misty's own voice."""
    misty.player.stop()
    return True


async def set_volume(misty: Misty, values: Values) -> Any:
    """Set the loudness."""
    misty.loudspeaker.set_volume(values["Volume"])
    return True


async def get_volume(misty: Misty, values: Values) -> Any:
    """The loudness."""
    return misty.loudspeaker.volume


async def speak(misty: Misty, values: Values) -> Any:
    """Speak a text."""
    words = plain(values["Text"])
    misty.speech.speak(Utterance(words, values["UtteranceId"], values["SpeechRate"] or 1.0), values["Flush"])
    return True


async def stop_speaking(misty: Misty, values: Values) -> Any:
    """Stop speaking."""
    misty.speech.stop()
    return True


def file_answer(kind: str, asset: Asset, data: bytes, in_base64: bool, about: dict[str, Any]) -> Any:
    """A file as an answer: its bytes, or an object that holds them in base64."""
    content_type = media_type(kind, asset.name)
    if not in_base64:
        return Response(data, 200, content_type)
    coded = base64.b64encode(data).decode()
    return {"base64": coded, "contentType": content_type, "name": asset.name, **about}


_FILE = text("FileName", required=True)

ENDPOINTS = (
    Endpoint(
        "post", "audio", "SaveAudio", save,
        (_FILE, text("Data"), FILE, truth("ImmediatelyApply", False), truth("OverwriteExisting", False)),
        "Asset",
    ),
    Endpoint("get", "audio", "GetAudioFile", get, (_FILE, truth("Base64", False)), "Asset"),
    Endpoint("get", "audio/list", "GetAudioList", list_files, (), "Asset"),
    Endpoint("delete", "audio", "DeleteAudio", delete, (_FILE,), "Asset"),
    Endpoint("post", "audio/play", "PlayAudio", play, (_FILE, whole("Volume", 0, 100)), "Expression"),
    Endpoint("post", "audio/pause", "PauseAudio", pause, (), "Expression"),
    Endpoint("post", "audio/stop", "StopAudio", stop, (), "Expression", while_updating=True),
    Endpoint("post", "audio/volume", "SetDefaultVolume", set_volume, (whole("Volume", 0, 100, required=True),)),
    Endpoint("get", "audio/volume", "GetVolume", get_volume),
    Endpoint(
        "post", "tts/speak", "Speak", speak,
        (
            text("Text", required=True), number("Pitch", 0, 4), number("SpeechRate", 0.1, 5), text("Voice"),
            truth("Flush", False), text("UtteranceId"), text("Language"),
        ),
        "Expression", "Beta",
    ),
    Endpoint("post", "tts/stop", "StopSpeaking", stop_speaking, (), "Expression", "Beta", while_updating=True),
)  # fmt: skip

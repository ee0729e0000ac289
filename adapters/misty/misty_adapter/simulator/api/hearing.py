"""Commands of the ears: key phrase, capture of speech, recording, and streams of sound and picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from misty_adapter.simulator.api.arguments import Argument
from misty_adapter.simulator.api.endpoint import Endpoint, Handler, Values, text, truth, whole
from misty_adapter.simulator.api.errors import ApiError
from misty_adapter.simulator.assets import media_type

if TYPE_CHECKING:
    from misty_adapter.simulator.misty import Misty


def capture(recognise: bool) -> Handler:
    """A command that takes in one utterance, with the robot's recogniser or without."""

    async def handler(misty: Misty, values: Values) -> Any:
        misty.ears.capture(
            values["RequireKeyPhrase"], values["MaxSpeechLength"] / 1e3, values["SilenceTimeout"] / 1e3, recognise
        )
        return True

    return handler


async def start_key_phrase(misty: Misty, values: Values) -> Any:
    """Wait for the key phrase, once."""
    if misty.ears.streaming or misty.ears.recording is not None:
        raise ApiError("The microphones are in use.")
    misty.ears.armed = True
    return True


async def stop_key_phrase(misty: Misty, values: Values) -> Any:
    """Wait no longer."""
    misty.ears.armed = False
    return True


async def start_recording(misty: Misty, values: Values) -> Any:
    """Record into a file."""
    media_type("audio", values["FileName"])
    misty.ears.start_recording(values["FileName"])
    return True


async def stop_recording(misty: Misty, values: Values) -> Any:
    """End the recording."""
    misty.ears.stop_recording()
    return True


async def start_streaming(misty: Misty, values: Values) -> Any:
    """Give sound and picture to somebody else."""
    if not misty.services["avstreaming"]:
        raise ApiError("The service avstreaming is disabled.")
    await misty.streaming.start(values["URL"], values["AudioSampleRateHz"])
    misty.seeing.clear()
    return True


async def stop_streaming(misty: Misty, values: Values) -> Any:
    """Hear for oneself again."""
    misty.streaming.stop()
    return True


_CAPTURE: tuple[Argument, ...] = (
    truth("OverwriteExisting", True),
    whole("SilenceTimeout", 500, 10_000, 5_000),
    whole("MaxSpeechLength", 500, 20_000, 7_500),
    truth("RequireKeyPhrase", True),
)
_FILE = text("FileName", required=True)
_PLAIN = (*_CAPTURE, text("SpeechRecognitionGrammar"))
_CLOUD = (*_CAPTURE, truth("CaptureFile"), text("SpeechRecognitionLanguage"))
_AZURE = (*_CLOUD, text("AzureSpeechKey"), text("AzureSpeechRegion"))
_GOOGLE = (*_CLOUD, text("GoogleSpeechKey"))

ENDPOINTS = (
    Endpoint("post", "audio/speech/capture", "CaptureSpeech", capture(False), _PLAIN, "Record", "Beta"),
    Endpoint("post", "audio/speech/captureazure", "CaptureSpeechAzure", capture(True), _AZURE, "Record", "Beta"),
    Endpoint("post", "audio/speech/capturegoogle", "CaptureSpeechGoogle", capture(True), _GOOGLE, "Record", "Beta"),
    Endpoint("post", "audio/speech/capturevosk", "CaptureSpeechVosk", capture(True), _CAPTURE, "Record", "Beta"),
    Endpoint("post", "audio/keyphrase/start", "StartKeyPhraseRecognition", start_key_phrase, (), "Record", "Beta"),
    Endpoint(
        "post", "audio/keyphrase/startvosk", "StartKeyPhraseRecognitionVosk", start_key_phrase, (), "Record", "Beta"
    ),
    Endpoint("post", "audio/keyphrase/stop", "StopKeyPhraseRecognition", stop_key_phrase, (), "Record", "Beta"),
    Endpoint("post", "audio/record/start", "StartRecordingAudio", start_recording, (_FILE,), "Record"),
    Endpoint("post", "audio/record/stop", "StopRecordingAudio", stop_recording, (), "Record", while_updating=True),
    Endpoint(
        "post", "avstreaming/start", "StartAvStreaming", start_streaming,
        (
            text("URL", required=True), whole("Width", 1), whole("Height", 1), whole("FrameRate", 1),
            whole("VideoBitRate", 1), whole("AudioBitRate", 1), whole("AudioSampleRateHz", 8_000, 48_000, 44_100),
            text("UserName"), text("Password"),
        ),
        "Record", "Alpha",
    ),
    Endpoint("post", "avstreaming/stop", "StopAvStreaming", stop_streaming, (), "Record", "Alpha", while_updating=True),
)  # fmt: skip

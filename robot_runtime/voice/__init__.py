"""Text in, sound and speech-sound times out: the voice of the robot."""

from robot_runtime.voice.choose import SilentVoice, check_voice, open_voice
from robot_runtime.voice.settings import ENGINES, VoiceSettings
from robot_runtime.voice.speech import Phoneme, Speech, Voice

__all__ = [
    "ENGINES",
    "Phoneme",
    "SilentVoice",
    "Speech",
    "Voice",
    "VoiceSettings",
    "check_voice",
    "open_voice",
]

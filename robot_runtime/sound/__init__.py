"""Speech to the loudspeaker, or to nothing."""

from robot_runtime.sound.choose import open_speaker
from robot_runtime.sound.outputs import list_outputs
from robot_runtime.sound.speaker import NullSpeaker, Speaker

__all__ = ["NullSpeaker", "Speaker", "list_outputs", "open_speaker"]

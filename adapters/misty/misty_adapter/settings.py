"""What a user may change about a Misty: the `[robot]` section of a profile."""

from __future__ import annotations

from dataclasses import dataclass

from robot_runtime.errors import SettingsError

VOICES = ("ours", "robot")
"""Who turns text into sound: the runtime, or the robot."""

EARS = ("capture", "stream", "none")
"""How the robot's microphones are listened through."""


@dataclass(frozen=True)
class MistySettings:
    """Settings of the adapter."""

    volume: float = 0.7
    """Loudness of the robot's loudspeaker, 0 .. 1."""
    voice: str = "ours"
    """`ours`: the toddler's voice, as sound; `robot`: Misty's own voice, which reads the text, where the firmware has
    one."""
    fetch: bool = False
    """Let the robot fetch utterances from this computer instead of uploading them. It has to be able to reach this
    computer; a firewall may stand in between."""
    connect_s: float = 30.0
    """How long to try to reach the robot at the start, in seconds, 1 .. 3600."""
    patience_s: float = 10.0
    """How long an utterance waits for a robot that has gone, in seconds, 0 .. 600; then it is shown only as text."""
    moves: bool = True
    """Whether head and arms move. The wheels never do."""
    gaze: bool = True
    """Whether the head turns towards a face, and known faces are told; this runs the robot's face recognition."""
    key_phrase: bool = False
    """Whether "Hey, Misty!" is listened for; this keeps the robot's microphones busy."""
    ears: str = "capture"
    """How the robot's microphones are listened through. `capture`: an utterance at a time, where the firmware can;
    `stream`: all the time, by a live stream, while which the robot sees no faces and hears no key phrase; `none`."""

    def __post_init__(self) -> None:
        """Refuse what is out of range; raises `SettingsError`."""
        limits = {"volume": (0, 1), "connect_s": (1, 3600), "patience_s": (0, 600)}
        for key, (lowest, highest) in limits.items():
            if not lowest <= getattr(self, key) <= highest:
                raise SettingsError(f"{key} is {getattr(self, key)}: choose a value from {lowest} to {highest}")
        for key, known in {"voice": VOICES, "ears": EARS}.items():
            if getattr(self, key) not in known:
                *first, last = known
                raise SettingsError(f"{key} is '{getattr(self, key)}': choose {', '.join(first)} or {last}")
        others = [key for key in ("gaze", "key_phrase") if getattr(self, key)]
        if self.ears == "stream" and others:
            raise SettingsError(
                f"ears = 'stream' goes without {' and '.join(others)}: a Misty that streams sees no faces and hears no "
                f"key phrase. Set {' and '.join(f'{key} = false' for key in others)}, or ears = 'capture'"
            )
        if self.voice == "robot" and self.fetch:
            raise SettingsError("fetch is for the toddler's voice; Misty's own, voice = 'robot', has nothing to fetch")

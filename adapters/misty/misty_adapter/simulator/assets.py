"""Files on the robot: those it came with, and those that clients upload."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from misty_adapter.simulator import faces
from misty_adapter.simulator.api.errors import ApiError, BadArgument, NeverAnswers, NotFound
from misty_adapter.simulator.loudspeaker import RATE
from misty_adapter.simulator.wav import encode

MOST_FILES = 2_470
"""Saving this many files is never answered (reported from a robot: about so many)."""

TYPES = {
    "audio": {".wav": "audio/wav", ".mp3": "audio/mpeg", ".wma": "audio/x-ms-wma", ".aac": "audio/aac"},
    "images": {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".png": "image/png"},
    "videos": {".mp4": "video/mp4", ".wmv": "video/x-ms-wmv"},
}
"""File types by kind of asset (documented), with their media types."""

SYSTEM_SOUNDS = (
    "s_Acceptance.wav", "s_Amazement.wav", "s_Awe.wav", "s_Boredom.wav", "s_DisorientedConfused.wav", "s_Joy.wav",
    "s_Joy2.wav", "s_PhraseHello.wav", "s_PhraseUhOh.wav", "s_Sadness.wav", "s_Sleepy.wav", "s_SystemSuccess.wav",
    "s_SystemFailure.wav", "s_SystemWakeWord.wav",
)  # fmt: skip
"""Some of the sounds that Misty comes with; here they are chirps of our own."""


@dataclass(frozen=True)
class Asset:
    """One file."""

    name: str
    data: bytes
    system: bool
    """It came with the robot and cannot be deleted."""
    size: tuple[int, int] | None = None
    """Width and height of a picture."""


class AssetStore:
    """Files by kind (`audio`, `images`, `videos`) and name; upper and lower case matter (documented)."""

    def __init__(self) -> None:
        """The files that Misty comes with."""
        self._files: dict[str, dict[str, Asset]] = {kind: {} for kind in TYPES}
        for number, name in enumerate(SYSTEM_SOUNDS):
            self._files["audio"][name] = Asset(name, _chirp(number), True)
        for name in faces.SYSTEM_IMAGES:
            self._files["images"][name] = Asset(name, b"", True, faces.SIZE)
        self.most_files = MOST_FILES
        """See MOST_FILES; smaller in a test."""

    @property
    def uploaded(self) -> int:
        """How many files did not come with the robot."""
        return sum(not asset.system for files in self._files.values() for asset in files.values())

    def list(self, kind: str) -> list[Asset]:
        """All of a kind."""
        return list(self._files[kind].values())

    def find(self, kind: str, name: str | None) -> Asset | None:
        """The file of that name, if it is there."""
        return self._files[kind].get(name or "")

    def get(self, kind: str, name: str | None) -> Asset:
        """The file of that name.

        Raises:
            NotFound: there is none.
        """
        asset = self.find(kind, name)
        if asset is None:
            raise NotFound(f"There is no file {name}.")
        return asset

    def save(
        self, kind: str, name: str | None, data: bytes, overwrite: bool, size: tuple[int, int] | None = None
    ) -> Asset:
        """Keep a file.

        Raises:
            BadArgument: Misty does not take such a name.
            ApiError: there is such a file already and it is not to be overwritten.
            NeverAnswers: there are too many files.
        """
        if not name or "/" in name or "\\" in name or len(name) > 200:
            raise BadArgument("FileName must be the name of a file.")
        media_type(kind, name)
        before = self.find(kind, name)
        if before is not None and (before.system or not overwrite):
            raise ApiError(f"There is a file {name} already.")
        if before is None and self.uploaded >= self.most_files:
            raise NeverAnswers
        asset = self._files[kind][name] = Asset(name, data, False, size)
        return asset

    def delete(self, kind: str, name: str | None) -> None:
        """Delete a file.

        Raises:
            NotFound: there is none.
            ApiError: it came with the robot.
        """
        asset = self.get(kind, name)
        if asset.system:
            raise ApiError(f"{asset.name} belongs to the system.")
        del self._files[kind][asset.name]


def media_type(kind: str, name: str) -> str:
    """The media type of a file, by its name.

    Raises:
        BadArgument: Misty does not take such files.
    """
    ending = "." + name.rpartition(".")[2].lower()
    if ending not in TYPES[kind]:
        raise BadArgument(f"{name} must end in one of {', '.join(TYPES[kind])}.")
    return TYPES[kind][ending]


@functools.cache
def _chirp(number: int) -> bytes:
    time = np.arange(int(0.6 * RATE)) / RATE
    pitch = 300 + 60 * number
    sound = 0.3 * np.sin(2 * np.pi * (pitch * time + 150 * time**2)) * np.sin(np.pi * time / 0.6)
    return encode(sound.astype(np.float32), RATE)

"""The display: what it shows, and for how long."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cozmo_adapter.simulator.display import DisplayError, decode
from robot_runtime.simulation.recording import Recording

BLANK_AFTER_S = 30.0
"""A picture that is not sent again is taken away after this time (pycozmo, `anim_controller.py`)."""


class Screen:
    """128 x 32 pixels, on or off."""

    def __init__(self, recording: Recording) -> None:
        """Dark; every change is recorded as a picture."""
        self.message = ""
        """What the robot's own software shows instead of a face."""
        self._recording = recording
        self._code: bytes | None = None
        self._face: npt.NDArray[np.bool_] | None = None
        self._age = 0.0

    @property
    def face(self) -> npt.NDArray[np.bool_] | None:
        """Pixels of shape (32, 128), None when nothing is lit."""
        return self._face

    def show(self, code: bytes) -> bool:
        """Show the image of a DisplayImage; returns whether it is one."""
        self._age = 0.0
        if code == self._code:
            return True
        try:
            face = decode(code)
        except DisplayError as error:
            self._recording.event("bad_image", code=code.hex(), why=str(error))
            return False
        self._code = code
        self._change(face if face.any() else None)
        return True

    def blank(self, message: str = "") -> None:
        """Show a message or nothing."""
        if message != self.message:
            self._recording.event("message", text=message)
        self.message = message
        self._code = None
        self._change(None)

    def advance(self, dt: float) -> None:
        """Let `dt` seconds pass."""
        self._age += dt
        if self._age > BLANK_AFTER_S and self._code is not None:
            self.blank()

    def _change(self, face: npt.NDArray[np.bool_] | None) -> None:
        before = self._face
        if (before is None and face is None) or (before is not None and face is not None and (before == face).all()):
            return
        self._face = face
        pixels = np.zeros((32, 128), np.uint8) if face is None else face.astype(np.uint8) * 255
        self._recording.event("face", picture=self._recording.picture("face", pixels))

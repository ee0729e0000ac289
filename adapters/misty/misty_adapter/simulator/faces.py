"""Pictures for Misty's screen that stand for the vendor's own: a pair of eyes for each of its image names."""

from __future__ import annotations

import functools
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

SIZE = (480, 272)
"""Pixels of the screen (documented)."""

DEFAULT = "e_DefaultContent.jpg"
"""What the screen shows when nothing else is asked for."""

_EYES = {
    DEFAULT: (46, 46, 0), "e_Joy.jpg": (50, 34, 8), "e_Joy2.jpg": (52, 30, 10), "e_Admiration.jpg": (54, 54, 0),
    "e_Amazement.jpg": (58, 58, 0), "e_Surprise.jpg": (60, 60, 0), "e_Sadness.jpg": (40, 34, -12),
    "e_Grief.jpg": (38, 26, -14), "e_Sleepy.jpg": (46, 16, 0), "e_Sleeping.jpg": (46, 4, 0),
    "e_Anger.jpg": (44, 30, 16), "e_Fear.jpg": (36, 44, -8), "e_ApprehensionConcerned.jpg": (42, 38, -6),
    "e_Disoriented.jpg": (34, 40, 6), "e_ContentLeft.jpg": (46, 46, 0), "e_ContentRight.jpg": (46, 46, 0),
    "e_SystemBlackScreen.jpg": (0, 0, 0), "e_SystemBlinkStandard.jpg": (46, 4, 0),
}  # fmt: skip
"""Half width, half height and slant of the eyes in pixels."""

SYSTEM_IMAGES = tuple(_EYES)
"""Some of the image names that Misty comes with."""

CLOSED = "e_SystemBlinkStandard.jpg"
"""Shown for a blink, unless another picture is set for it."""


@functools.cache
def eyes(name: str) -> Image:
    """The picture of that name, RGB."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", SIZE, "black")
    width, height, slant = _EYES[name]
    draw = ImageDraw.Draw(picture)
    shift = {"e_ContentLeft.jpg": -40, "e_ContentRight.jpg": 40}.get(name, 0)
    if width:
        for centre, side in ((150 + shift, 1), (330 + shift, -1)):
            draw.ellipse((centre - width, 136 - height, centre + width, 136 + height), fill=(235, 245, 255))
            lid = 136 - height + abs(slant)
            draw.polygon(
                [
                    (centre - width, 0),
                    (centre + width, 0),
                    (centre + width, lid + side * slant),
                    (centre - width, lid - side * slant),
                ],
                fill="black",
            )
    return picture


def encoded(name: str) -> bytes:
    """The picture of that name as a JPEG file."""
    target = io.BytesIO()
    eyes(name).save(target, "JPEG")
    return target.getvalue()

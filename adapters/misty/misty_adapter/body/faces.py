"""The faces of Misty as a toddler: for each expression one at rest, one more to speak, and one with shut eyes."""

from __future__ import annotations

import functools
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources

from misty_adapter.body.features import Eye, Look, Mouth, draw
from robot_runtime.robot import Expression


def both(eye: Eye, mouth: Mouth, gaze: tuple[float, float] = (0.0, 0.0), blush: float = 0.5) -> Look:
    """A face with two eyes alike."""
    return Look(eye, eye, mouth, gaze, blush)


LOOKS: Mapping[Expression, Look] = {
    Expression.NEUTRAL: both(Eye(), Mouth()),
    Expression.LISTENING: both(Eye(58, 72, iris=0.72, brow=4), Mouth(20, 10), (0.0, 0.15)),
    Expression.THINKING: Look(
        Eye(lid=0.12, brow=6), Eye(height=60, lid=0.22, brow=-4), Mouth(20, -6, aside=22), (0.75, 0.7), 0.4
    ),
    Expression.HAPPY: both(Eye(arc=38), Mouth(46, 18, open=0.7), blush=0.85),
    Expression.SAD: both(Eye(50, 60, lid=0.22, slant=26, iris=0.7), Mouth(30, -18), (0.0, -0.45), 0.35),
    Expression.SURPRISED: both(Eye(60, 74, iris=0.5, brow=8), Mouth(22, 4, open=1.0), blush=0.6),
    Expression.SLEEPY: both(Eye(52, 58, lid=0.58, iris=0.66), Mouth(18, 6), (0.0, -0.5), 0.6),
    Expression.CONFUSED: Look(
        Eye(58, 70, brow=10), Eye(50, 54, lid=0.2, slant=-14, brow=-6), Mouth(30, 0, wave=6), (0.3, 0.2), 0.45
    ),
}
"""Found by eye, on pictures of the screen."""

TALKING: Mapping[Expression, float] = {
    Expression.NEUTRAL: 0.8, Expression.HAPPY: 0.0, Expression.SAD: 0.8, Expression.SURPRISED: 0.25,
    Expression.SLEEPY: 0.7, Expression.CONFUSED: 0.8,
}  # fmt: skip
"""How far the mouth is open in the other picture of expressions that are spoken with: happy and surprised mouths are
open at rest and close to speak, the others open."""

BLINKING = (
    Expression.NEUTRAL, Expression.LISTENING, Expression.THINKING, Expression.SAD, Expression.SURPRISED,
    Expression.CONFUSED,
)  # fmt: skip
"""Expressions whose eyes are open enough to blink."""

SHUT_ARC = -12.0
"""How a shut eye bends."""


@dataclass(frozen=True)
class Faces:
    """All pictures, by file name, and which is which."""

    looks: Mapping[str, Look]
    """What the pictures show, by their names on the robot; a name changes with its picture."""
    rest: Mapping[Expression, str]
    """The face at rest."""
    talking: Mapping[Expression, tuple[str, str]]
    """For expressions that are spoken with: the face with its mouth closed, and open."""
    shut: Mapping[Expression, str]
    """The same with shut eyes, for expressions that blink."""

    def face(self, expression: Expression, opening: float | None) -> str:
        """The picture to show, the mouth as far open as `opening` says, 0 to 1; None at rest."""
        if opening is None or expression not in self.talking:
            return self.rest[expression]
        return self.talking[expression][opening >= 0.5]

    def blink_images(self) -> str:
        """`BlinkImages` of Misty's command blink/settings."""
        return ",".join(f"{self.rest[expression]}={shut}" for expression, shut in self.shut.items())


def faces(prefix: str) -> Faces:
    """All of them; names begin with `prefix` and tell what they show. Nothing is drawn yet."""
    looks = {expression.value: look for expression, look in LOOKS.items()}
    for expression, opening in TALKING.items():
        looks[f"{expression}-talks"] = _talking(LOOKS[expression], opening)
    for expression in BLINKING:
        looks[f"{expression}-shut"] = _shut(LOOKS[expression])
    drawing = resources.files("misty_adapter.body").joinpath("features.py").read_bytes()
    names = {
        what: f"{prefix}{hashlib.sha256(drawing + repr(look).encode()).hexdigest()[:8]}-{what}.png"
        for what, look in looks.items()
    }
    return Faces(
        looks={names[what]: look for what, look in looks.items()},
        rest={expression: names[expression] for expression in LOOKS},
        talking={
            expression: _closed_first(
                (LOOKS[expression].mouth.open, names[expression]), (opening, names[f"{expression}-talks"])
            )
            for expression, opening in TALKING.items()
        },
        shut={expression: names[f"{expression}-shut"] for expression in BLINKING},
    )


def _talking(look: Look, opening: float) -> Look:
    width = look.mouth.width if look.mouth.open else max(24.0, 0.9 * look.mouth.width)
    return replace(look, mouth=replace(look.mouth, width=width, open=opening, wave=0.0))


def _closed_first(*pictures: tuple[float, str]) -> tuple[str, str]:
    """The names of two pictures whose mouths are open so far."""
    (_, closed), (_, opened) = sorted(pictures)
    return closed, opened


def _shut(look: Look) -> Look:
    left, right = (replace(eye, arc=SHUT_ARC) for eye in (look.left, look.right))
    return replace(look, left=left, right=right)


@functools.cache
def png(look: Look) -> bytes:
    """Draw a face as a PNG file, which takes about a tenth of a second."""
    file = io.BytesIO()
    draw(look).save(file, "PNG")
    return file.getvalue()

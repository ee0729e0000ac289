"""Eyes, cheeks and mouth for Misty's screen, drawn four times as large as they are shown and then made smaller.

Lengths are pixels of the screen, which is 480 wide and 272 high; the middle of the face is (240, 136), x grows to the
right as one sees it, y downwards.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

SIZE = (480, 272)
"""Of the screen (documented)."""

SCALE = 4
"""How much larger is drawn, for smooth edges."""

EYE_X, EYE_Y = 104.0, 112.0
"""How far an eye is from the middle, and its height on the screen; wide apart and low, as in a small child's face."""

MOUTH_Y = 217.0
"""Height of the middle of a closed mouth."""

CHEEK_X, CHEEK_Y = 168.0, 196.0
"""Where the cheeks are."""

NIGHT = (16, 18, 38)
"""The background."""
WHITE = (252, 250, 244)
"""Of the eyes."""
IRIS = (62, 176, 190)
"""Its lighter part."""
IRIS_RIM = (28, 104, 132)
"""Its darker rim."""
PUPIL = (18, 20, 40)
"""Black, nearly."""
SKIN = (255, 190, 160)
"""Lines of lids, brows and lashes."""
BLUSH = (255, 110, 120)
"""Of the cheeks."""
LIPS = (255, 132, 124)
"""Lines of the mouth."""
INSIDE = (120, 28, 52)
"""Of an open mouth."""
TONGUE = (255, 120, 130)
"""In an open mouth."""

LINE = 6.5
"""Thickness of lines."""

Colour = tuple[int, int, int]
Point = tuple[float, float]


@dataclass(frozen=True)
class Eye:
    """One eye; the other one is its mirror image if both have the same numbers."""

    width: float = 54.0
    """Half of it."""
    height: float = 66.0
    """Half of it."""
    lid: float = 0.0
    """How far the upper lid is down, 0 to 1."""
    slant: float = 0.0
    """How many pixels deeper the lid is at the outer end than at the inner one: sad above 0, cross below."""
    iris: float = 0.66
    """Its size, as a share of the eye."""
    arc: float = 0.0
    """Shut: a line that bends by so many pixels, up (laughing) above 0, down (sleeping) below; 0 is open."""
    brow: float = 0.0
    """How many pixels the brow is above its usual place; only other values than 0 show it."""


@dataclass(frozen=True)
class Mouth:
    """The mouth."""

    width: float = 34.0
    """Half of it."""
    curve: float = 14.0
    """How many pixels deeper its middle is than its corners: a smile above 0."""
    open: float = 0.0
    """How far it is open, 0 to 1."""
    aside: float = 0.0
    """How far it is drawn to the right."""
    wave: float = 0.0
    """How many pixels it goes up and down like a wave: unsure."""


@dataclass(frozen=True)
class Look:
    """A whole face."""

    left: Eye
    """On the left of the screen."""
    right: Eye
    """On its right."""
    mouth: Mouth
    """What it does with its mouth."""
    gaze: Point = (0.0, 0.0)
    """Where the eyes look, as far as the right and as far up as 1 each."""
    blush: float = 0.5
    """How red the cheeks are, 0 to 1."""


def draw(look: Look) -> Image.Image:
    """The face as a picture of `SIZE`."""
    canvas = Image.new("RGB", (SIZE[0] * SCALE, SIZE[1] * SCALE), NIGHT)
    _draw_cheeks(canvas, look.blush)
    for eye, side in ((look.left, -1), (look.right, 1)):
        _draw_eye(canvas, eye, side, look.gaze)
    _draw_mouth(canvas, look.mouth)
    return canvas.resize(SIZE, Image.Resampling.LANCZOS)


def _draw_eye(canvas: Image.Image, eye: Eye, side: int, gaze: Point) -> None:
    x, y = SIZE[0] / 2 + side * EYE_X, EYE_Y
    pen = ImageDraw.Draw(canvas)
    if eye.brow:
        _line(pen, _bow((x + side * 4, y - eye.height - 12 - eye.brow), 0.7 * eye.width, -9.0, side * eye.slant), SKIN)
    if eye.arc:
        _line(pen, _bow((x, y + 16 + 0.5 * eye.arc), eye.width, -eye.arc, 0.0), SKIN, 1.5)
        return
    shape = Image.new("L", canvas.size)
    ImageDraw.Draw(shape).ellipse(_box((x, y), eye.width, eye.height), fill=255)
    edge = y - eye.height + 2 * eye.height * eye.lid
    lid = _bow((x, edge), eye.width + 4, -10.0 * (1 - eye.lid), side * eye.slant)
    if eye.lid:
        ImageDraw.Draw(shape).polygon(_scaled([*lid, (x + 2 * eye.width, 0), (x - 2 * eye.width, 0)]), fill=0)
    white = Image.new("RGB", canvas.size, WHITE)
    _draw_iris(white, (x + gaze[0] * 0.3 * eye.width, y - gaze[1] * 0.3 * eye.height), eye)
    canvas.paste(white, mask=shape)
    if eye.lid:
        inside = [point for point in lid if abs(point[0] - x) <= eye.width * math.sqrt(max(0.0, 1 - _v(point, y, eye)))]
        _line(pen, inside, SKIN)


def _v(point: Point, y: float, eye: Eye) -> float:
    return ((point[1] - y) / eye.height) ** 2


def _draw_iris(picture: Image.Image, middle: Point, eye: Eye) -> None:
    pen = ImageDraw.Draw(picture)
    size = eye.iris * min(eye.width, eye.height)
    x, y = middle
    pen.ellipse(_box(middle, size, 1.08 * size), fill=IRIS_RIM)
    pen.ellipse(_box((x, y + 0.08 * size), 0.86 * size, 0.93 * size), fill=IRIS)
    pen.ellipse(_box(middle, 0.58 * size, 0.64 * size), fill=PUPIL)
    pen.ellipse(_box((x - 0.32 * size, y - 0.4 * size), 0.25 * size, 0.25 * size), fill=WHITE)
    pen.ellipse(_box((x + 0.3 * size, y + 0.36 * size), 0.12 * size, 0.12 * size), fill=WHITE)


def _draw_cheeks(canvas: Image.Image, blush: float) -> None:
    cheeks = Image.new("L", SIZE)
    pen = ImageDraw.Draw(cheeks)
    for x in (SIZE[0] / 2 - CHEEK_X, SIZE[0] / 2 + CHEEK_X):
        pen.ellipse((x - 30, CHEEK_Y - 17, x + 30, CHEEK_Y + 17), fill=round(255 * blush))
    canvas.paste(BLUSH, mask=cheeks.filter(ImageFilter.GaussianBlur(9)).resize(canvas.size))


def _draw_mouth(canvas: Image.Image, mouth: Mouth) -> None:
    pen = ImageDraw.Draw(canvas)
    x, y = SIZE[0] / 2 + mouth.aside, MOUTH_Y
    if mouth.open <= 0:
        points = _bow((x, y), mouth.width, mouth.curve, 0.0)
        _line(pen, [(px, py + mouth.wave * math.sin(4.5 * (px - x) / mouth.width)) for px, py in points], LIPS)
        return
    gap = 26.0 * mouth.open
    corners = (x, y - 0.5 * mouth.curve - 0.3 * gap)
    upper = _lip(corners, mouth.width, 0.6 * mouth.curve - 0.45 * gap)
    lower = _lip(corners, mouth.width, mouth.curve + 1.3 * gap)
    hole = Image.new("L", canvas.size)
    ImageDraw.Draw(hole).polygon(_scaled([*upper, *reversed(lower)]), fill=255)
    inside = Image.new("RGB", canvas.size, INSIDE)
    tongue = (x, corners[1] + mouth.curve + 1.25 * gap)
    ImageDraw.Draw(inside).ellipse(_box(tongue, 0.62 * mouth.width, 0.75 * gap), fill=TONGUE)
    canvas.paste(inside, mask=hole)
    _line(pen, [*upper, *reversed(lower)], LIPS, 0.85)


def _lip(corners: Point, half_width: float, depth: float) -> list[Point]:
    """Points of half an ellipse between the corners of the mouth, whose middle lies `depth` below them."""
    angles = [math.pi * number / 48 for number in range(49)]
    x, y = corners
    return [(x - half_width * math.cos(angle), y + depth * math.sin(angle)) for angle in angles]


def _bow(middle: Point, half_width: float, depth: float, slant: float) -> list[Point]:
    """Points of an arc: its middle lies `depth` below its ends, its right end `slant` below its left one."""
    steps = [number / 32 for number in range(-32, 33)]
    x, y = middle
    return [(x + half_width * u, y + depth * (0.5 - u * u) + slant * u / 2) for u in steps]


def _line(pen: ImageDraw.ImageDraw, points: list[Point], colour: Colour, weight: float = 1.0) -> None:
    """A line with round ends."""
    if not points:
        return
    width = round(LINE * weight * SCALE)
    pen.line(_scaled(points), fill=colour, width=width, joint="curve")
    for x, y in _scaled(points):
        pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=colour)


def _box(middle: Point, half_width: float, half_height: float) -> tuple[float, float, float, float]:
    x, y = middle
    return ((x - half_width) * SCALE, (y - half_height) * SCALE, (x + half_width) * SCALE, (y + half_height) * SCALE)


def _scaled(points: list[Point]) -> list[Point]:
    return [(x * SCALE, y * SCALE) for x, y in points]

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from misty_adapter.body.faces import Faces, faces, png
from misty_adapter.connection.assets import FACE_PREFIX, KEPT, MOST, RING
from robot_runtime.robot import Expression


@pytest.fixture(scope="module")
def drawn() -> Faces:
    return faces(FACE_PREFIX)


def pixels(drawn: Faces, name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.asarray(Image.open(io.BytesIO(png(drawn.looks[name]))).convert("RGB"), np.uint8)


def test_there_is_a_face_for_everything_and_each_is_its_own(drawn: Faces) -> None:
    assert set(drawn.rest) == set(Expression)
    assert len({png(look) for look in drawn.looks.values()}) == len(drawn.looks)
    for name, look in drawn.looks.items():
        assert name.startswith(FACE_PREFIX)
        assert len(png(look)) < 100_000
        assert pixels(drawn, name).shape == (272, 480, 3)


def test_all_our_files_fit_on_the_robot(drawn: Faces) -> None:
    assert len(drawn.looks) + len(RING) + KEPT <= MOST


def test_eyes_are_shut_to_blink(drawn: Faces) -> None:
    for expression, shut in drawn.shut.items():
        white = [(pixels(drawn, name) > 235).all(axis=2).sum() for name in (drawn.rest[expression], shut)]
        assert white[0] > 2000 > 100 > white[1]
        assert f"{drawn.rest[expression]}={shut}" in drawn.blink_images()


def test_the_mouth_opens_and_closes(drawn: Faces) -> None:
    for expression, (closed, opened) in drawn.talking.items():
        lower = [np.abs(pixels(drawn, name)[170:].astype(int) - (120, 28, 52)).sum(axis=2) for name in (closed, opened)]
        inside = [(part < 30).sum() for part in lower]
        assert inside[1] > inside[0] + 50, expression
        assert drawn.face(expression, 0.0) == closed
        assert drawn.face(expression, 0.9) == opened
    assert drawn.face(Expression.LISTENING, 0.9) == drawn.rest[Expression.LISTENING]

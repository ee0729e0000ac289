"""Pictures as byte codes: ours, pycozmo's, and the simulator's decoder that knows neither."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from PIL import Image

from cozmo_adapter.body.display import LONGEST_CODE, encode
from cozmo_adapter.body.face import Face
from cozmo_adapter.connection.library import pycozmo
from cozmo_adapter.simulator.display import DisplayError, decode
from robot_runtime.robot import Expression

Pixels = NDArray[np.bool_]

RECTANGLES = st.lists(
    st.tuples(st.integers(0, 127), st.integers(0, 31), st.integers(1, 128), st.integers(1, 32)), max_size=8
)


def picture(rectangles: list[tuple[int, int, int, int]]) -> Pixels:
    pixels = np.zeros((32, 128), np.bool_)
    for x, y, width, height in rectangles:
        pixels[y : y + height, x : x + width] ^= True
    return pixels


def pycozmo_decoded(code: bytes) -> Pixels:
    decoder = pycozmo.image_encoder.ImageDecoder(code)
    decoder.decode()
    return np.frombuffer(bytes(decoder.image), np.uint8).reshape(32, 128) > 0


@given(RECTANGLES)
def test_both_decoders_see_what_was_encoded(rectangles: list[tuple[int, int, int, int]]) -> None:
    pixels = picture(rectangles)
    code = encode(pixels)
    assert np.array_equal(decode(code), pixels)
    assert np.array_equal(pycozmo_decoded(code), pixels)


@given(arrays(np.bool_, (32, 128)))
@settings(max_examples=60)
def test_any_bitmap_is_exact_or_refused_for_its_size(pixels: Pixels) -> None:
    try:
        code = encode(pixels)
    except ValueError as error:
        assert "too much detail" in str(error)
        return
    assert len(code) <= LONGEST_CODE
    assert np.array_equal(decode(code), pixels)
    assert np.array_equal(pycozmo_decoded(code), pixels)


def test_noise_is_refused_and_so_is_another_shape() -> None:
    with pytest.raises(ValueError, match="at most 1000 fit"):
        encode(np.random.default_rng(0).random((32, 128)) < 0.5)
    with pytest.raises(ValueError, match="32 rows of 128"):
        encode(np.zeros((64, 128), np.bool_))


@pytest.mark.parametrize("expression", Expression)
def test_pycozmo_sees_our_faces(expression: Expression) -> None:
    face = Face(1)
    face.express(expression, 0.0)
    for tick in range(200):
        pixels = face.frame(tick / 30, mouth=None if tick < 100 else tick % 10 / 9)
        code = encode(pixels)
        assert len(code) < 300
        assert np.array_equal(pycozmo_decoded(code), pixels)
        assert np.array_equal(decode(code), pixels)


@pytest.mark.parametrize("name", pycozmo.expressions.expressions.__all__)
def test_the_simulator_sees_pycozmos_faces(name: str) -> None:
    image = getattr(pycozmo.expressions, name)(width=128, height=32).render()
    code = bytes(pycozmo.image_encoder.ImageEncoder(image).encode())
    assert np.array_equal(decode(code), np.array(image))


@given(RECTANGLES)
def test_the_simulator_sees_what_pycozmo_encodes(rectangles: list[tuple[int, int, int, int]]) -> None:
    pixels = picture(rectangles)
    code = bytes(pycozmo.image_encoder.ImageEncoder(Image.fromarray(pixels)).encode())
    assert np.array_equal(decode(code), pixels)


def test_the_apps_own_streams() -> None:
    chessboard = picture([(x, y, 1, 1) for x in range(3) for y in range(28, 32) if (x + y) % 2])
    assert np.array_equal(decode(bytes.fromhex("f0818081ec81808180f08180813f3c")), chessboard)
    frame = picture([(0, 0, 128, 32), (1, 1, 126, 30)])
    assert np.array_equal(decode(bytes.fromhex("fe82f4827f7cfe")), frame)


@pytest.mark.parametrize("code", ["fefe" + "fe" * 127, "f8fe", "7f", "3f3f00", "fe7f7f", "fe7f7e81"])
def test_codes_that_leave_the_screen(code: str) -> None:
    with pytest.raises(DisplayError):
        decode(bytes.fromhex(code))


@given(st.binary(max_size=300))
def test_nonsense_is_a_display_error_and_nothing_else(code: bytes) -> None:
    try:
        assert decode(code).shape == (32, 128)
    except DisplayError:
        pass

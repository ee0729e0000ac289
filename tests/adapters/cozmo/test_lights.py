"""The backpack."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cozmo_adapter.body.battery import Battery
from cozmo_adapter.body.lights import EXPRESSIONS, Light, lights_for, to_fields
from robot_runtime.robot import Expression

COLOURS = st.tuples(*[st.integers(0, 255)] * 3)
LIGHTS = st.builds(Light, COLOURS, COLOURS, *[st.floats(0, 1e4)] * 4)


@pytest.mark.parametrize(
    ("colour", "bits"),
    [((255, 0, 0), 31 << 10), ((0, 255, 0), 31 << 5), ((0, 0, 255), 31), ((255, 255, 255), 0x7FFF), ((0, 0, 0), 0)],
)
def test_colours_are_five_bits_each(colour: tuple[int, int, int], bits: int) -> None:
    assert to_fields(Light(on=colour))["on_color"] == bits
    assert to_fields(Light(off=colour))["off_color"] == bits


def test_times_are_thirtieths_of_a_second() -> None:
    assert to_fields(Light(on_s=1, off_s=0.5, fade_on_s=0.1, fade_off_s=100)) == {
        "on_color": 0,
        "off_color": 0,
        "on_frames": 30,
        "off_frames": 15,
        "transition_on_frames": 3,
        "transition_off_frames": 255,
        "offset": 0,
    }


@given(LIGHTS)
def test_any_light_fits_the_wire(light: Light) -> None:
    for name, value in to_fields(light).items():
        assert 0 <= value <= (0x7FFF if name.endswith("color") else 255)


def test_every_expression_has_a_light_of_its_own() -> None:
    assert len({EXPRESSIONS[expression] for expression in Expression}) == len(Expression)


@pytest.mark.parametrize("expression", Expression)
def test_speaking_is_green_and_thinking_breathes(expression: Expression) -> None:
    assert lights_for(expression, True, False, "ok").center.on == (0, 255, 0)
    silent = lights_for(expression, False, False, "ok")
    assert silent.front == silent.center == silent.rear == EXPRESSIONS[expression]
    assert EXPRESSIONS[Expression.THINKING].fade_on_s > 0


def test_a_bad_link_shows_at_the_rear_only() -> None:
    good, bad = (lights_for(Expression.LISTENING, False, degraded, "ok") for degraded in (False, True))
    assert (bad.left, bad.front, bad.center, bad.right) == (good.left, good.front, good.center, good.right)
    assert bad.rear != good.rear


@pytest.mark.parametrize("battery", Battery)
def test_the_sides_are_the_battery_s_and_red(battery: Battery) -> None:
    lights = lights_for(Expression.HAPPY, False, False, battery.value)
    assert lights.left == lights.right
    assert lights.left.on[1:] == lights.left.off[1:] == (0, 0)
    assert (lights.left.on[0] > 0) == (battery is not Battery.OK)

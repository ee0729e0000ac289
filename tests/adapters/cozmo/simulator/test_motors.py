"""Head, lift and wheels in simulated time."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cozmo_adapter.simulator.motors import HEAD_DEG, LIFT_MM, Motors, Wheels, lift_angle, lift_height

LOW, HIGH = (math.radians(degrees) for degrees in HEAD_DEG)


def seconds_until_rest(motors: Motors, most: float = 20.0) -> float:
    seconds = 0.0
    while motors.moving or not (motors.head.in_position and motors.lift.in_position):
        motors.advance(0.01)
        seconds += 0.01
        assert seconds < most
    return seconds


def test_the_head_goes_where_it_is_sent_and_says_so() -> None:
    motors = Motors()
    assert motors.head.in_position and not motors.moving
    motors.head.go(0.5, 10, 10)
    assert not motors.head.in_position
    motors.advance(0.05)
    assert LOW < motors.head.position < 0.5 and motors.moving
    seconds_until_rest(motors)
    assert motors.head.position == 0.5 and motors.head.in_position


def test_speed_and_acceleration_are_kept() -> None:
    motors = Motors()
    motors.head.go(0.5, speed=1.0, acceleration=4.0)
    fastest, before = 0.0, 0.0
    for _ in range(200):
        motors.advance(0.01)
        assert abs(motors.head.speed - before) <= 4.0 * 0.01 + 1e-9 or motors.head.in_position
        before = motors.head.speed
        fastest = max(fastest, before)
    assert fastest == pytest.approx(1.0)


def test_a_way_takes_the_duration_that_is_asked_for() -> None:
    motors = Motors()
    motors.head.go(0.5, speed=10, acceleration=20, duration=1.5)
    assert seconds_until_rest(motors) == pytest.approx(1.5, abs=0.05)


def test_limits_are_kept() -> None:
    motors = Motors()
    motors.head.go(5.0)
    motors.lift.go(lift_angle(1000))
    seconds_until_rest(motors)
    assert motors.head_deg == pytest.approx(44.5)
    assert lift_height(motors.lift.position) == pytest.approx(92)
    motors.head.go(-5.0)
    motors.lift.go(lift_angle(-1000))
    seconds_until_rest(motors)
    assert motors.head_deg == pytest.approx(-25)
    assert lift_height(motors.lift.position) == pytest.approx(32)


@given(
    st.lists(
        st.tuples(
            st.floats(-10, 10), st.floats(-5, 1e6), st.floats(-5, 1e6), st.floats(-1, 100), st.floats(0.001, 0.5)
        ),
        min_size=1,
        max_size=8,
    )
)
def test_nothing_drives_the_head_beyond_its_range(commands: list[tuple[float, float, float, float, float]]) -> None:
    motors = Motors()
    for target, speed, acceleration, duration, wait in commands:
        motors.head.go(target, speed, acceleration, duration)
        motors.advance(wait)
        assert LOW - 1e-9 <= motors.head.position <= HIGH + 1e-9


def test_a_head_that_runs_stops_at_its_end_or_when_told() -> None:
    motors = Motors()
    motors.head.run(0.5)
    motors.advance(0.5)
    motors.head.run(0.0)
    rest = motors.head.position
    motors.advance(0.5)
    assert LOW < motors.head.position == rest < HIGH and motors.head.in_position
    motors.head.run(-2.0)
    seconds_until_rest(motors)
    assert motors.head.position == LOW


def test_stop_stops_everything_at_once() -> None:
    motors = Motors()
    motors.head.go(0.5)
    motors.lift.go(lift_angle(80))
    motors.wheels.drive(100, 100)
    motors.advance(0.1)
    motors.halt()
    where = (motors.head.position, motors.lift.position, motors.wheels.x)
    motors.advance(1.0)
    assert (motors.head.position, motors.lift.position, motors.wheels.x) == where
    assert not motors.moving


def test_lift_heights_and_angles() -> None:
    assert lift_angle(45) == 0
    assert lift_height(lift_angle(60)) == pytest.approx(60)
    assert LIFT_MM == (32.0, 92.0)


def test_wheels_are_limited_and_do_not_start_slowly() -> None:
    wheels = Wheels()
    wheels.drive(19, 500)
    wheels.advance(1.0)
    assert wheels.speeds == [0, 200]
    wheels.drive(0, 15)  # turning already, it slows down to that
    wheels.advance(1.0)
    assert wheels.speeds == [0, 15]


def test_wheels_carry_the_robot() -> None:
    wheels = Wheels()
    wheels.drive(100, 100, 1e6, 1e6)
    wheels.advance(1.0)
    assert (wheels.x, wheels.y, wheels.heading) == pytest.approx((100, 0, 0))
    wheels.halt()
    wheels.drive(-50, 50, 1e6, 1e6)
    wheels.advance(0.45)
    assert wheels.heading == pytest.approx(1.0)
    assert wheels.turning == pytest.approx(100 / 45)

"""What a Cozmo feels, from RobotStates thirty times a second."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cozmo_adapter.body.battery import Battery
from cozmo_adapter.body.orientation import Orientation, orientation
from cozmo_adapter.body.senses import Senses
from cozmo_adapter.connection.telemetry import Status, Telemetry

ON_TREADS = (0.0, 0.0, 9810.0)
ON_BACK = (9810.0, 0.0, 0.0)
HANDS = (0.2, -0.1, 0.1)
CALM = Telemetry(0.0, Status(0), 4.0, 0.0, 32.0, (0.0, 0.0), 0.0, ON_TREADS, (0.0, 0.0, 0.0))


class Body:
    """A body, and what it has felt."""

    def __init__(self, **state: Any) -> None:
        self.senses = Senses()
        self.now = 100.0
        self.felt: list[tuple[float, str]] = []
        self.live(1.0, **state)

    def live(self, seconds: float, moving: bool = False, **state: Any) -> list[str]:
        """The kinds of event that come in so many seconds in that state."""
        kinds: list[str] = []
        for _ in range(max(1, round(seconds * 30))):
            self.now += 1 / 30
            telemetry = replace(CALM, at=self.now, **state)
            kinds += [event.kind for event in self.senses.feel(telemetry, moving)]
        return self._remember(kinds)

    def packet(self, name: str) -> list[str]:
        return self._remember([event.kind for event in self.senses.packet(name, self.now)])

    def _remember(self, kinds: list[str]) -> list[str]:
        self.felt += [(self.now, kind) for kind in kinds]
        return kinds


@pytest.mark.parametrize(
    ("accel", "lies"),
    [
        (ON_TREADS, Orientation.ON_THREADS),
        ((3000.0, 0.0, 9300.0), Orientation.ON_THREADS),
        (ON_BACK, Orientation.ON_BACK),
        ((0.0, 0.0, -9810.0), Orientation.ON_BACK),
        ((-9810.0, 0.0, 100.0), Orientation.ON_FACE),
        ((0.0, -9700.0, 500.0), Orientation.ON_LEFT_SIDE),
        ((0.0, 9700.0, 500.0), Orientation.ON_RIGHT_SIDE),
        ((8200.0, 0.0, 5300.0), Orientation.UNKNOWN),
        ((0.0, 0.0, 0.0), Orientation.UNKNOWN),
        ((0.0, 0.0, 19000.0), Orientation.UNKNOWN),
        ((math.nan, 0.0, 9810.0), Orientation.UNKNOWN),
    ],
)
def test_gravity_tells_how_the_body_lies(accel: tuple[float, float, float], lies: Orientation) -> None:
    assert orientation(accel) is lies


@given(st.floats(-25, 44.5))
def test_no_angle_of_the_head_is_taken_for_a_fall(head_deg: float) -> None:
    head = math.radians(head_deg)
    assert orientation((9810 * math.sin(head), 0.0, 9810 * math.cos(head))) is Orientation.ON_THREADS


@pytest.mark.parametrize(
    "state",
    [
        {"status": Status.PICKED_UP, "gyro_rad_s": HANDS},
        {"status": Status.ON_CHARGER},
        {"status": Status.CLIFF},
        {"accel_mm_s2": ON_BACK},
        {"accel_mm_s2": (0.0, 0.0, 1000.0)},
    ],
)
def test_how_things_are_at_first_is_no_event(state: dict[str, Any]) -> None:
    assert Body(**state).felt == []


def test_picked_up_and_put_down() -> None:
    body = Body()
    assert body.live(0.2, status=Status.PICKED_UP, gyro_rad_s=HANDS) == []
    assert body.live(2.0, status=Status.PICKED_UP | Status.CLIFF, gyro_rad_s=HANDS) == ["picked_up"]
    assert body.live(2.0) == ["put_down"]


def test_a_flicker_is_nothing() -> None:
    body = Body()
    for _ in range(10):
        body.live(0.2, status=Status.PICKED_UP | Status.ON_CHARGER)
        body.live(0.2, status=Status.CLIFF)
    assert body.felt == []


def test_a_slow_flicker_still_goes_by_turns() -> None:
    body = Body()
    for _ in range(20):
        body.live(0.75, status=Status.ON_CHARGER)
        body.live(0.75)
    assert body.live(2.0) == []
    assert [kind for _, kind in body.felt] == ["charger_on", "charger_off"] * 20
    body.felt.clear()
    for seconds, status in [(0.4, Status.ON_CHARGER), (0.4, Status(0)), (3.0, Status.ON_CHARGER), (3.0, Status(0))]:
        body.live(seconds, status=status)
    assert [kind for _, kind in body.felt] == ["charger_on", "charger_off"]


def test_the_edge_of_a_table() -> None:
    body = Body()
    assert body.live(1.0, status=Status.CLIFF) == ["cliff"]
    assert body.live(1.0) == ["cliff_gone"]


def test_the_charger() -> None:
    body = Body()
    assert body.live(1.0, status=Status.ON_CHARGER | Status.CHARGING, battery_v=4.8) == ["charger_on"]
    assert body.live(3.0) == ["charger_off"]


def test_a_body_that_tips_over_has_fallen_and_was_not_picked_up() -> None:
    body = Body()
    body.live(0.2, status=Status.PICKED_UP, gyro_rad_s=HANDS, accel_mm_s2=(8200.0, 0.0, 5300.0))
    assert body.live(3.0, status=Status.PICKED_UP, accel_mm_s2=ON_BACK) == ["fallen"]
    assert body.live(1.0, status=Status.PICKED_UP, gyro_rad_s=HANDS) == ["picked_up"]
    assert body.live(2.0) == ["put_down", "upright_again"]


def test_in_hands_it_may_be_turned_as_one_likes() -> None:
    body = Body()
    assert body.live(5.0, status=Status.PICKED_UP, gyro_rad_s=HANDS, accel_mm_s2=ON_BACK) == ["picked_up"]


@pytest.mark.parametrize("packets", [True, False])
def test_dropped(packets: bool) -> None:
    body = Body()
    body.live(1.0, status=Status.PICKED_UP, gyro_rad_s=HANDS)
    if packets:
        assert body.packet("FallingStarted") == []
    body.live(0.4, status=Status.PICKED_UP | Status.FALLING, accel_mm_s2=(0.0, 0.0, 50.0))
    felt = body.packet("FallingStopped") if packets else []
    felt += body.live(0.2, accel_mm_s2=(0.0, 0.0, 30000.0))
    felt += body.live(3.0)
    assert felt == ["fallen", "upright_again"]


def test_taps() -> None:
    body = Body()
    tap = (1000.0, 500.0, 15000.0)
    assert body.live(1 / 30, accel_mm_s2=tap) + body.live(1.5) == ["tapped"]
    assert body.live(1 / 30, moving=True, accel_mm_s2=tap) + body.live(1.5) == []
    assert body.live(1 / 30, accel_mm_s2=tap) + body.live(0.1) == []
    assert body.live(1.0, status=Status.PICKED_UP) == ["picked_up"]
    assert body.live(0.1, accel_mm_s2=tap) + body.live(1.5) == ["put_down"]
    for _ in range(10):
        body.live(1 / 30, accel_mm_s2=tap)
        body.live(0.27)
    assert 2 <= [kind for _, kind in body.felt].count("tapped") - 1 <= 3


@pytest.mark.parametrize(
    ("name", "kind"), [("RobotPoked", "tapped"), ("ButtonPressed", "button"), ("ObjectTapped", "cube_tapped")]
)
def test_packets_are_events_once_a_second(name: str, kind: str) -> None:
    body = Body()
    assert body.packet(name) == [kind]
    assert body.packet(name) == []
    body.live(1.1)
    assert body.packet(name) == [kind]
    assert body.packet("ObjectMoved") == []


def test_a_battery_that_runs_down_and_recovers() -> None:
    body = Body()
    felt = []
    for centivolts in range(400, 340, -1):
        felt += body.live(2.0, battery_v=centivolts / 100)
    assert felt == ["battery_low", "battery_critical"]
    levels = []
    for volts in (3.4, 3.58, 3.62, 3.78, 3.82):
        assert body.live(30.0, battery_v=volts) == []
        levels.append(body.senses.battery)
    assert levels == [Battery.CRITICAL, Battery.CRITICAL, Battery.LOW, Battery.LOW, Battery.OK]


def test_a_battery_on_the_charger_needs_nothing() -> None:
    body = Body(battery_v=3.6)
    assert body.live(1.0, battery_v=3.6) == ["battery_low"]
    assert body.live(1.0, battery_v=3.6, status=Status.ON_CHARGER) == ["charger_on"]
    assert body.senses.battery is Battery.OK
    assert body.live(3.0, battery_v=3.6) == ["charger_off", "battery_low"]


def test_a_load_that_pulls_the_voltage_down_is_not_an_empty_battery() -> None:
    body = Body(battery_v=3.8)
    for _ in range(20):
        body.live(0.5, battery_v=3.6)
        body.live(2.0, battery_v=3.8)
    assert body.felt == []


def test_an_empty_battery_is_told_of_soon_and_none_at_all_is_not() -> None:
    assert Body(battery_v=3.4).live(1.0, battery_v=3.4) == ["battery_critical"]
    assert Body(battery_v=0.0).live(5.0, battery_v=0.0) == []


def test_impossible_numbers_are_passed_over() -> None:
    body = Body()
    for value in (math.nan, math.inf, -math.inf, 1e30):
        assert body.live(0.1, battery_v=value, status=Status.PICKED_UP) == []
        assert body.live(0.1, accel_mm_s2=(value, 0.0, 0.0)) == []
        assert body.live(0.1, gyro_rad_s=(0.0, value, 0.0)) == []
    assert body.live(2.0) == []


STATES = st.tuples(
    st.floats(0.03, 2.0),
    st.integers(0, 0x1FFFF).map(Status),
    st.floats(3.0, 4.5),
    st.sampled_from([ON_TREADS, ON_BACK, (0.0, 9810.0, 0.0), (0.0, 0.0, 20000.0), (0.0, 0.0, 100.0)]),
    st.sampled_from([(0.0, 0.0, 0.0), HANDS]),
    st.sampled_from(["", "RobotPoked", "ButtonPressed", "ObjectTapped", "FallingStarted", "FallingStopped"]),
)


@given(st.lists(STATES, max_size=30))
def test_nothing_comes_twice_in_a_second(
    states: list[tuple[float, Status, float, tuple[float, ...], tuple[float, ...], str]],
) -> None:
    body = Body()
    for seconds, status, volts, accel, gyro, packet in states:
        for _ in range(round(seconds * 30)):
            body.live(1 / 30, status=status, battery_v=volts, accel_mm_s2=accel, gyro_rad_s=gyro)
        body.packet(packet)
    times: dict[str, list[float]] = defaultdict(list)
    for at, kind in body.felt:
        times[kind].append(at)
    for kind, each in times.items():
        assert all(after - before >= 1.0 for before, after in pairwise(each)), kind
    for begun, ended in [("fallen", "upright_again"), ("cliff", "cliff_gone"), ("charger_on", "charger_off")]:
        pair = [kind for _, kind in body.felt if kind in (begun, ended)]
        assert pair == [begun, ended] * (len(pair) // 2) + [begun] * (len(pair) % 2)

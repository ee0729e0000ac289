"""The one owner of the motors: what it sends, and when it sends nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cozmo_adapter.body.gestures import KEYFRAMES, POSES, Gesture, gesture_deg
from cozmo_adapter.body.idle import BREATH_DEG, GLANCE_DEG, breath_deg, glance_deg
from cozmo_adapter.body.motion import HEAD_DEG, Motion
from cozmo_adapter.connection.telemetry import Status, Telemetry
from robot_runtime.robot import Expression

STANDING = Telemetry(
    0.0, Status(0), 4.0, 0.0, 32.0, (0.0, 0.0), 0.0, accel_mm_s2=(0.0, 0.0, 9810.0), gyro_rad_s=(0.0, 0.0, 0.0)
)
TICK_S = 1 / 15
Command = tuple[float, str, tuple[float, ...]]
ON_BACK = (9810.0, 0.0, 0.0)


@dataclass
class Wire:
    """Motors that write down what they are told, and a robot that stands on a table."""

    now: float = 50.0
    sent: list[Command] = field(default_factory=list)

    def head(self, angle_rad: float, duration_s: float, acceleration: float) -> None:
        self.sent.append((self.now, "head", (math.degrees(angle_rad), duration_s, acceleration)))

    def lift(self, height_mm: float, duration_s: float) -> None:
        self.sent.append((self.now, "lift", (height_mm, duration_s)))

    def wheels(self, left_mm_s: float, right_mm_s: float) -> None:
        self.sent.append((self.now, "wheels", (left_mm_s, right_mm_s)))

    def stop(self) -> None:
        self.sent.append((self.now, "stop", ()))

    def run(self, motion: Motion, seconds: float, **state: Any) -> list[Command]:
        """What is sent in so many seconds with that telemetry."""
        before = len(self.sent)
        for _ in range(max(1, round(seconds / TICK_S))):
            self.now += TICK_S
            motion.tick(self.now, replace(STANDING, at=self.now, **state))
        return self.sent[before:]


def heads(sent: list[Command]) -> list[float]:
    return [values[0] for _, name, values in sent if name == "head"]


def ready(**options: bool) -> tuple[Wire, Motion]:
    """A robot that has been standing for a while, listening."""
    wire = Wire()
    motion = Motion(wire, 7, **options)
    motion.express(Expression.LISTENING, wire.now)
    wire.run(motion, 5.0)
    wire.sent.clear()
    return wire, motion


def test_it_waits_for_good_telemetry_and_puts_the_lift_down_first() -> None:
    wire = Wire()
    motion = Motion(wire, 7)
    assert motion.reasons() == {"no_telemetry"}
    for _ in range(20):
        wire.now += TICK_S
        motion.tick(wire.now, None)
    assert wire.run(motion, 0.9) == []
    assert wire.run(motion, 0.5)[0][1:] == ("lift", (32.0, 0.5))
    assert motion.reasons() == frozenset()


def test_a_lift_that_comes_up_is_put_down_again_but_not_pushed() -> None:
    wire, motion = ready()
    lifts = [name for _, name, _ in wire.run(motion, 12.0, lift_mm=60.0) if name == "lift"]
    assert len(lifts) == 3
    assert wire.run(motion, 6.0, lift_mm=33.0) == []


@pytest.mark.parametrize("expression", Expression)
def test_an_expression_is_a_pose(expression: Expression) -> None:
    wire, motion = ready()
    motion.express(Expression.SLEEPY, wire.now)
    wire.run(motion, 3.0)
    motion.express(expression, wire.now)
    wire.run(motion, 3.2)
    assert heads(wire.sent)[-1] == pytest.approx(POSES[expression].head_deg, abs=BREATH_DEG + 0.6)


def test_who_listens_holds_still_and_who_thinks_looks_up() -> None:
    wire, motion = ready()
    assert wire.run(motion, 60.0) == []
    assert not motion.moving(wire.now)
    motion.express(Expression.THINKING, wire.now)
    first = heads(wire.run(motion, 0.6))
    assert first == sorted(first)
    assert motion.moving(wire.now)


def test_who_does_nothing_breathes_with_rests_and_glances() -> None:
    wire, motion = ready()
    motion.express(Expression.NEUTRAL, wire.now)
    wire.run(motion, 3.0)
    quiet = 0
    angles = []
    for _ in range(1200):
        angles += heads(wire.run(motion, TICK_S))
        quiet += not motion.moving(wire.now)
    assert quiet > 400  # of 1200: there a tap can be felt
    assert max(angles) - min(angles) > 2 * BREATH_DEG
    assert all(abs(angle - POSES[Expression.NEUTRAL].head_deg) <= BREATH_DEG + GLANCE_DEG for angle in angles)


@given(st.floats(0, 1e4))
def test_idle_movements_are_small_and_smooth(seconds: float) -> None:
    for movement in (breath_deg, lambda at: glance_deg("7", at)):
        assert abs(movement(seconds)) <= BREATH_DEG + GLANCE_DEG
        assert abs(movement(seconds + 0.01) - movement(seconds)) < 0.25


@pytest.mark.parametrize("gesture", Gesture)
def test_gestures_begin_and_end_at_the_pose(gesture: Gesture) -> None:
    frames = KEYFRAMES[gesture]
    assert frames[0] == (0.0, 0.0)
    assert frames[-1][1] == 0.0
    assert [gesture_deg(gesture, at) for at, _ in frames] == pytest.approx([degrees for _, degrees in frames])
    wire, motion = ready()
    motion.gesture(gesture)
    angles = heads(wire.run(motion, 3.0))
    assert max(abs(angle - POSES[Expression.LISTENING].head_deg) for angle in angles) > 5.0
    assert angles[-1] == pytest.approx(POSES[Expression.LISTENING].head_deg, abs=0.5)
    assert wire.run(motion, 5.0) == []


def test_the_head_is_never_sent_against_its_limit() -> None:
    wire, motion = ready()
    motion.express(Expression.SLEEPY, wire.now)
    wire.run(motion, 2.6)
    motion.gesture(Gesture.SHAKE)
    assert min(heads(wire.run(motion, 1.5))) == pytest.approx(HEAD_DEG[0])


def test_being_happy_comes_with_a_nod() -> None:
    wire, motion = ready()
    motion.express(Expression.HAPPY, wire.now)
    assert min(heads(wire.run(motion, 1.5))) < POSES[Expression.HAPPY].head_deg - 4.0


def test_the_head_sways_with_loudness_and_settles() -> None:
    wire, motion = ready()
    motion.express(Expression.SURPRISED, wire.now)
    wire.run(motion, 0.6)
    motion.speaking(1.0)
    loud = heads(wire.run(motion, 0.5))[-1]
    assert loud > POSES[Expression.SURPRISED].head_deg + 2.0
    motion.speaking(None)
    motion.express(Expression.LISTENING, wire.now)
    assert heads(wire.run(motion, 2.0))[-1] == pytest.approx(POSES[Expression.LISTENING].head_deg, abs=0.5)


def test_the_treads_shake_the_body_only_where_they_may() -> None:
    wire, motion = ready(wheels=True)
    motion.gesture(Gesture.SHAKE)
    drives = [(at, values) for at, name, values in wire.run(motion, 2.0) if name == "wheels"]
    assert [values for _, values in drives] == [(-30, 30), (30, -30), (-30, 30), (0, 0)]
    assert all(after - before <= 0.3 for (before, _), (after, _) in pairwise(drives))
    wire.run(motion, TICK_S, status=Status.CLIFF)
    wire.run(motion, 1.5)
    motion.gesture(Gesture.SHAKE)
    names = {name for _, name, _ in wire.run(motion, 2.0)}
    assert names == {"head"}


REASONS: dict[str, dict[str, Any]] = {
    "charger": {"status": Status.ON_CHARGER},
    "cliff": {"status": Status.CLIFF},
    "picked_up": {"status": Status.PICKED_UP},
    "falling": {"status": Status.FALLING},
    "fallen": {"accel_mm_s2": ON_BACK},
}


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_against_moving_stops_everything_once(reason: str) -> None:
    wire, motion = ready(wheels=True)
    motion.gesture(Gesture.SHAKE)
    wire.run(motion, TICK_S)
    motion.express(Expression.SAD, wire.now)
    assert [name for _, name, _ in wire.run(motion, 3.0, **REASONS[reason])] == ["stop"]
    assert motion.reasons() == {reason}
    assert wire.run(motion, 0.9) == []
    sent = wire.run(motion, 2.0)
    assert [name for _, name, _ in sent][:2] == ["lift", "head"]
    assert "wheels" not in [name for _, name, _ in sent]
    assert motion.reasons() == frozenset()


def test_old_telemetry_stops_everything() -> None:
    wire, motion = ready()
    motion.express(Expression.NEUTRAL, wire.now)
    last = replace(STANDING, at=wire.now)
    before = len(wire.sent)
    for _ in range(60):
        wire.now += TICK_S
        motion.tick(wire.now, last)
    assert wire.sent[-1][1] == "stop"
    assert wire.sent[-1][0] == pytest.approx(last.at + 1.5, abs=2 * TICK_S)
    assert [name for _, name, _ in wire.sent[before:]].count("stop") == 1
    assert motion.reasons() == {"no_telemetry"}


def test_stop_needs_no_tick_and_lasts_until_release() -> None:
    wire, motion = ready()
    motion.express(Expression.NEUTRAL, wire.now)
    wire.run(motion, 0.3)
    motion.stop()
    assert wire.sent[-1] == (wire.now, "stop", ())
    assert "stopped" in motion.reasons()
    assert wire.run(motion, 10.0) == []
    motion.gesture(Gesture.NOD)
    motion.release()
    assert wire.run(motion, 0.9) == []
    assert "head" in [name for _, name, _ in wire.run(motion, 1.0)]


def test_a_release_right_after_a_stop_does_not_jerk_on() -> None:
    wire, motion = ready()
    motion.stop()
    motion.release()
    wire.sent.clear()
    assert wire.run(motion, 0.9) == []


def test_disabled_means_nothing_ever() -> None:
    wire, motion = ready(enabled=False, wheels=True)
    motion.express(Expression.HAPPY, wire.now)
    motion.gesture(Gesture.SHAKE)
    wire.run(motion, 5.0, lift_mm=80.0)
    motion.close()
    assert wire.sent == []
    assert "disabled" in motion.reasons()


def test_closing_leaves_a_calm_robot() -> None:
    wire, motion = ready()
    assert motion.close()
    assert [name for _, name, _ in wire.sent] == ["lift", "head"]
    motion.express(Expression.HAPPY, wire.now)
    assert wire.run(motion, 5.0) == []
    wire, motion = ready()
    wire.run(motion, TICK_S, status=Status.PICKED_UP)
    wire.sent.clear()
    motion.close()
    assert wire.sent == []


CALLS: st.SearchStrategy[Callable[[Motion, float], None]] = st.one_of(
    st.sampled_from(Expression).map(lambda expression: lambda motion, now: motion.express(expression, now)),
    st.sampled_from(Gesture).map(lambda gesture: lambda motion, now: motion.gesture(gesture)),
    st.one_of(st.none(), st.floats()).map(lambda loudness: lambda motion, now: motion.speaking(loudness)),
    st.just(lambda motion, now: motion.stop()),
    st.just(lambda motion, now: motion.release()),
)
STATES: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.sampled_from(list(REASONS.values())),
    st.builds(lambda head, lift: {"head_rad": head, "lift_mm": lift}, st.floats(), st.floats()),
)
LIVES = st.lists(st.tuples(CALLS, STATES, st.integers(1, 45), st.floats(0.01, 0.2)), min_size=1, max_size=20)
Life = list[tuple[Callable[[Motion, float], None], dict[str, Any], int, float]]


def live(life: Life) -> tuple[Wire, list[tuple[int, int]]]:
    """Live it; the spans of commands that were sent from a tick in which there was a reason against moving."""
    wire = Wire()
    motion = Motion(wire, 3, wheels=True)
    against: list[tuple[int, int]] = []
    wire.run(motion, 3.0)
    for call, state, ticks, tick_s in life:
        call(motion, wire.now)
        for _ in range(ticks):
            wire.now += tick_s
            before = len(wire.sent)
            motion.tick(wire.now, replace(STANDING, at=wire.now, **state))
            if motion.reasons():
                against.append((before, len(wire.sent)))
    return wire, against


@given(LIVES)
def test_whatever_happens_it_keeps_its_limits(life: Life) -> None:
    wire, against = live(life)
    low, high = HEAD_DEG
    assert all(low - 1e-9 <= angle <= high + 1e-9 for angle in heads(wire.sent))
    for (_, one, before), (_, two, after) in pairwise(wire.sent):
        assert not one == two == "head" or abs(after[0] - before[0]) > 0.5
    assert all(0.1 <= values[1] <= 1.0 for _, name, values in wire.sent if name in ("head", "lift"))
    times = [at for at, name, _ in wire.sent if name != "stop"]
    assert all(last - first >= 1.0 for first, last in zip(times, times[8:], strict=False))
    assert all(abs(speed) <= 30 for _, name, values in wire.sent if name == "wheels" for speed in values)
    for start, end in against:
        assert {name for _, name, _ in wire.sent[start:end]} <= {"stop"}


@given(LIVES)
def test_treads_that_drive_are_stopped(life: Life) -> None:
    life = [*life, (lambda motion, now: motion.speaking(None), {}, 15, TICK_S)]
    wire, _ = live(life)
    driving = [(name, values) for _, name, values in wire.sent if name in ("wheels", "stop")]
    assert not driving or driving[-1] in (("wheels", (0.0, 0.0)), ("stop", ()))


@given(LIVES)
def test_the_same_life_gives_the_same_commands(life: Life) -> None:
    assert repr(live(life)) == repr(live(life))

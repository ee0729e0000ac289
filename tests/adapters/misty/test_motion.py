from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from misty_adapter.body.gestures import LIMITS, Gesture
from misty_adapter.body.lights import DIM, Light, command
from misty_adapter.body.motion import Command, Motion, arms, calm
from robot_runtime.robot import Expression

TICK_S = 0.05

steps = st.lists(
    st.tuples(
        st.sampled_from([*Expression, *Gesture, "look", "stop", "release", "forget"]),
        st.floats(-90, 90),
        st.integers(1, 60),
    ),
    max_size=20,
)


def live(motion: Motion, script: list[tuple[object, float, int]]) -> list[tuple[float, Command, bool]]:
    """Every command with its time, and whether motion was stopped."""
    sent, now, stopped = [], 0.0, False
    for what, value, ticks in script:
        if isinstance(what, Expression):
            motion.express(what)
        elif isinstance(what, Gesture):
            motion.gesture(what)
        elif what == "look":
            motion.look(value, -value / 2, now)
        else:
            getattr(motion, str(what))()
            stopped = {"stop": True, "release": False}.get(str(what), stopped)
        for _ in range(ticks):
            if command := motion.due(now):
                sent.append((now, command, stopped))
            now += TICK_S
    return sent


@given(steps, st.integers(0, 3))
def test_whatever_happens_the_motors_get_only_what_they_may(script: list[tuple[object, float, int]], seed: int) -> None:
    sent = live(Motion(seed), script)
    assert not any(stopped for _, _, stopped in sent)
    times = [at for at, _, _ in sent]
    assert all(later - earlier >= 0.25 for earlier, later in itertools.pairwise(times))
    for _, (path, fields), _ in sent:
        if path == "head":
            assert ("Velocity" in fields) != ("Duration" in fields)
            for name, (low, high) in LIMITS.items():
                assert low <= fields[name.capitalize()] <= high
        else:
            assert path == "arms/set"
            assert -29 <= fields["LeftArmPosition"] <= 90
            assert -29 <= fields["RightArmPosition"] <= 90


@given(steps)
def test_the_same_gives_the_same(script: list[tuple[object, float, int]]) -> None:
    assert live(Motion(5), script) == live(Motion(5), script)


def test_what_may_not_move_does_not() -> None:
    script: list[tuple[object, float, int]] = [(Expression.HAPPY, 0, 100), (Gesture.NOD, 0, 100)]
    assert not live(Motion(1, head=False, arms=False), script)
    assert {path for _, (path, _), _ in live(Motion(1, arms=False), script)} == {"head"}


def test_arms_go_up_for_joy_and_come_down_again() -> None:
    sent = live(Motion(1), [(Expression.HAPPY, 0, 60), (Expression.LISTENING, 0, 60)])
    positions = [fields["LeftArmPosition"] for _, (path, fields), _ in sent if path == "arms/set"]
    assert positions == [20.0, 88.0]


def test_it_is_still_while_it_listens() -> None:
    sent = live(Motion(1), [(Expression.LISTENING, 0, 2000)])
    assert max(at for at, _, _ in sent) < 2


def test_it_lives_while_nothing_happens() -> None:
    sent = live(Motion(1), [(Expression.NEUTRAL, 0, 2000)])
    yaws = {fields["Yaw"] for _, (path, fields), _ in sent if path == "head"}
    assert len(yaws) > 3


def test_it_looks_at_a_face_and_away_when_it_has_gone() -> None:
    motion = Motion(1)
    sent = live(motion, [(Expression.LISTENING, 0, 30), ("look", 20, 30), ("look", 20, 30)])
    assert sent[-1][1][1]["Yaw"] > 15
    late = motion.due(60.0)
    assert late
    assert late[1]["Yaw"] == 0


def test_the_calm_pose_has_arms_down() -> None:
    head, both = calm()
    assert head[0] == "head"
    assert both == arms(88.0, 88.0)


def test_lights_breathe_where_they_can() -> None:
    breathing = Light((128, 255, 255), 0.8)
    path, fields = command(breathing, transitions=True)
    assert (path, fields["TransitionType"], fields["TimeMs"]) == ("led/transition", "Breathe", 800)
    assert command(breathing, transitions=False) == ("led", {"red": 128, "green": 255, "blue": 255})
    assert command(DIM, transitions=True)[0] == "led"

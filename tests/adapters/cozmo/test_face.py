"""The face that Cozmo shows."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from cozmo_adapter.body.expressions import POSES
from cozmo_adapter.body.eyes import BLINK_EVERY_S, BLINK_S, Blinks, Glances
from cozmo_adapter.body.face import CHANGE_S, Face
from cozmo_adapter.body.features import Eye, draw_eye, draw_mouth
from robot_runtime.robot import Expression

Pixels = npt.NDArray[np.bool_]

AHEAD = (0.0, 0.0)
TALKING = np.linspace(0, 1, 11)


def shown(expression: Expression, mouth: float | None = None) -> Pixels:
    """The expression a second after it began, well before the first blink."""
    face = Face(0)
    face.express(expression, 0.0)
    for now in (0.0, 0.5):
        face.frame(now)
    return face.frame(1.0, mouth)


def first_blink(seed: int) -> float:
    blinks = Blinks(seed)
    return next(tick / 100 for tick in range(600) if blinks.shut(tick / 100) == 1)


@pytest.mark.parametrize(("one", "other"), list(combinations(Expression, 2)))
def test_no_two_expressions_look_alike(one: Expression, other: Expression) -> None:
    first, second = shown(one), shown(other)
    assert (first ^ second).sum() > 0.25 * max(first.sum(), second.sum())


@pytest.mark.parametrize("expression", Expression)
def test_there_is_a_face_and_it_lights_less_than_half_of_the_display(expression: Expression) -> None:
    assert 200 < shown(expression).sum() < 32 * 128 / 2


@pytest.mark.parametrize("expression", [e for e in Expression if POSES[e].left == POSES[e].right])
def test_eyes_that_are_alike_mirror_each_other(expression: Expression) -> None:
    eye = POSES[expression].left._replace(pupil=0)
    assert np.array_equal(draw_eye(eye, -1, AHEAD, 0), draw_eye(eye, 1, AHEAD, 0)[:, ::-1])
    mouth = draw_mouth(POSES[expression].mouth)
    assert np.array_equal(mouth, mouth[:, ::-1])


def test_a_change_takes_its_time_and_then_is_complete() -> None:
    face = Face(0)
    before = face.frame(0.0)
    face.express(Expression.HAPPY, 0.5)
    assert np.array_equal(face.frame(0.5), before)
    steps = [face.frame(0.5 + CHANGE_S * share) for share in (0.25, 0.5, 0.75, 1)]
    changes = [(step ^ before).sum() for step in steps]
    assert 0 < changes[0] < changes[1] < min(changes[2:])
    assert np.array_equal(steps[-1], face.frame(0.5 + 1.5 * CHANGE_S))


def test_a_change_of_mind_goes_on_from_where_the_face_is() -> None:
    face = Face(0)
    face.express(Expression.SURPRISED, 0.0)
    halfway = face.frame(0.5 * CHANGE_S)
    face.express(Expression.SAD, 0.5 * CHANGE_S)
    assert np.array_equal(face.frame(0.5 * CHANGE_S), halfway)


def test_saying_the_same_again_changes_nothing() -> None:
    once, twice = Face(0), Face(0)
    for face in (once, twice):
        face.express(Expression.HAPPY, 0.0)
        face.frame(0.0)
    twice.express(Expression.HAPPY, 0.1)
    assert np.array_equal(once.frame(0.15), twice.frame(0.15))


def test_a_blink_shuts_the_eyes() -> None:
    blink = first_blink(seed=4)
    face = Face(4)
    open_eyes = face.frame(0.0)[:20]
    shut_eyes = face.frame(blink)[:20]
    assert 0 < shut_eyes.any(axis=1).sum() <= 3
    assert open_eyes.any(axis=1).sum() > 15


def test_wide_eyes_do_not_blink() -> None:
    face = Face(4)
    face.express(Expression.SURPRISED, 0.0)
    face.frame(0.0)
    assert face.frame(first_blink(seed=4))[:20].any(axis=1).sum() > 15


def test_blinks_come_every_few_seconds() -> None:
    blinks = Blinks(7)
    shut = np.array([blinks.shut(tick / 200) > 0 for tick in range(200 * 120)])
    began = np.flatnonzero(np.diff(shut.astype(int)) == 1) / 200
    assert BLINK_EVERY_S[0] - 0.01 <= np.diff(began).min() and np.diff(began).max() <= BLINK_EVERY_S[1] + 0.01
    assert shut.mean() == pytest.approx(BLINK_S / 4, rel=0.2)


def test_glances_do_not_depend_on_how_often_they_are_asked_for() -> None:
    often, seldom = Glances(3), Glances(3)
    places = [often.place(tick / 100) for tick in range(3001)]
    assert [seldom.place(second) for second in (0, 10, 20, 30)] == places[::1000]
    assert len(set(places)) > 8


@pytest.mark.parametrize("expression", Expression)
def test_the_mouth_opens_with_the_voice(expression: Expression) -> None:
    eyes_end = 20
    heights = [shown(expression, opening)[eyes_end:, 50:90].any(axis=1).sum() for opening in TALKING]
    mouths = [draw_mouth(POSES[expression].mouth._replace(open=opening)).sum() for opening in TALKING]
    assert heights[-1] >= 5
    assert mouths == sorted(mouths) and mouths[-1] > 1.5 * mouths[0]


def test_the_eyes_follow_what_they_look_at() -> None:
    def middle(look: tuple[float, float], pupil: float = 0.0) -> tuple[float, float]:
        rows, columns = np.nonzero(draw_eye(Eye(pupil=pupil), 1, look, 0))
        return float(columns.mean()), float(rows.mean())

    assert middle((-1, 0))[0] + 3 < middle(AHEAD)[0] < middle((1, 0))[0] - 3
    assert middle((0, 1))[1] + 1 < middle(AHEAD)[1] < middle((0, -1))[1] - 1
    # The dark pupil goes further than the eye, so that the lit rest is left behind.
    assert middle((1, 0), pupil=0.6)[0] < middle((1, 0))[0] - 1
    assert middle((0, 1), pupil=0.6)[1] > middle((0, 1))[1] + 0.5


def test_thinking_looks_away() -> None:
    def middle(expression: Expression) -> npt.NDArray[np.float64]:
        centre: npt.NDArray[np.float64] = np.argwhere(shown(expression)[:20]).mean(axis=0)
        return centre

    assert np.hypot(*(middle(Expression.THINKING) - middle(Expression.LISTENING))) > 1.5


def test_seed_and_times_settle_every_pixel() -> None:
    def film(seed: int) -> list[bytes]:
        face = Face(seed)
        frames = []
        for tick in range(300):
            if tick == 100:
                face.express(Expression.CONFUSED, tick / 30)
            frames.append(face.frame(tick / 30, mouth=tick % 7 / 6 if tick > 200 else None).tobytes())
        return frames

    assert film(5) == film(5)
    assert film(5) != film(6)

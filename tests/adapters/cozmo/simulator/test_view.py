"""The simulated Cozmo as text: its picture, and what changes about it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cozmo_adapter.body.face import Face
from cozmo_adapter.simulator.live import KEYS
from cozmo_adapter.simulator.look import Look
from cozmo_adapter.simulator.narration import changes
from cozmo_adapter.simulator.robot import SimulatedCozmo
from cozmo_adapter.simulator.view import ESCAPE, FACE_HEIGHT, FACE_WIDTH, QUADRANTS, draw

DARK = (0, 0, 0)

AT_REST = Look(
    face=Face().frame(0.0),
    message="",
    head_deg=0.0,
    lift_mm=32.0,
    backpack=(DARK, (0, 255, 0), (0, 255, 0), (0, 255, 0), DARK),
    cubes={},
    battery_v=4.0,
    on_charger=False,
    picked_up=False,
    cliff=False,
    speaking=False,
    volume=0.5,
    client="127.0.0.1:40000",
    firmware="2381",
    counters={"frames_in": 12, "frames_out": 34},
)


def plain(look: Look, width: int = 80) -> list[str]:
    return ESCAPE.sub("", draw(look, width)).splitlines()


def test_every_pixel_of_the_face_is_there() -> None:
    pixels = np.random.default_rng(1).random((32, 128)) < 0.5
    rows = [line[1:-1] for line in plain(replace(AT_REST, face=pixels)) if line.startswith("│")]
    assert len(rows) == FACE_HEIGHT and {len(row) for row in rows} == {FACE_WIDTH}
    numbers = np.array([[QUADRANTS.index(character) for character in row] for row in rows])
    seen = np.zeros_like(pixels)
    for bit, (row, column) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
        seen[row::2, column::2] = numbers >> bit & 1
    assert np.array_equal(seen, pixels)


def test_what_is_known_about_the_robot_is_written_below() -> None:
    text = "\n".join(plain(AT_REST))
    for part in ("2381", "127.0.0.1:40000", "+0.0°", "32.0 mm", "4.00 V", "50%", "frames in 12", "back ○●●●○"):
        assert part in text
    assert "low" not in text and "speaking" not in text


def test_unusual_states_are_named() -> None:
    text = "\n".join(
        plain(
            replace(
                AT_REST,
                battery_v=3.6,
                speaking=True,
                picked_up=True,
                cliff=True,
                on_charger=True,
                client="",
                cubes={1: ((255, 0, 0),) * 4},
            ),
            width=120,
        )
    )
    for part in ("3.60 V low", "speaking", "picked up", "at an edge", "on its charger", "no client", "cube 1 ●●●●"):
        assert part in text


def test_lamps_shine_in_their_colours() -> None:
    assert "\033[38;2;0;255;0m●" in draw(AT_REST)


def test_a_message_of_the_robot_replaces_the_face() -> None:
    text = "\n".join(plain(replace(AT_REST, message="COZMO 01")))
    assert "COZMO 01" in text and "█" not in text


@pytest.mark.parametrize("face", [None, AT_REST.face])
@pytest.mark.parametrize("width", [20, 80, 200])
def test_it_fits_the_terminal(face: None, width: int) -> None:
    lines = plain(replace(AT_REST, face=face), width)
    assert len(lines) == 21
    assert max(map(len, lines)) <= width


def test_the_head_moves_the_gauge() -> None:
    up, down = (next(line for line in plain(replace(AT_REST, head_deg=deg)) if "head" in line) for deg in (44.5, -25))
    assert up.index("●") - down.index("●") == 13


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"client": ""}, "client 127.0.0.1:40000 is gone"),
        ({"message": "COZMO 01"}, "display: COZMO 01"),
        ({"face": None}, "the display is dark"),
        ({"volume": 0.0}, "volume 0%"),
        ({"speaking": True}, "speaks"),
        ({"picked_up": True}, "picked up"),
        ({"cliff": True}, "at an edge"),
        ({"on_charger": True}, "on its charger"),
        ({"battery_v": 3.6}, "battery 3.60 V, low"),
        ({"head_deg": 10.0, "battery_v": 3.9}, None),
    ],
)
def test_what_a_person_would_mention(change: dict[str, object], line: str | None) -> None:
    after = replace(AT_REST, **change)  # type: ignore[arg-type]
    assert list(changes(AT_REST, after)) == ([line] if line else [])
    assert len(list(changes(after, AT_REST))) == (1 if line else 0)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("battery", [3.0, 4.2])
async def test_every_key_is_an_event_that_the_robot_knows(key: str, battery: float) -> None:
    robot = SimulatedCozmo()
    robot.inject(f"battery={battery}")
    for _ in range(2):
        robot.inject(KEYS[key][1](robot.look()))
    assert 3.0 <= robot.look().battery_v <= 4.2

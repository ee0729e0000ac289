"""Talks in a simulated room whose ear is open while the robot speaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from robot_runtime.ear.settings import EarSettings
from robot_runtime.settings import SessionSettings, Settings
from robot_runtime.stand.scenario import scenarios_in
from robot_runtime.stand.stand import run

SCENARIOS = scenarios_in(Path(__file__).parent / "duplex")
EAR = EarSettings(model=Path(__file__).parents[1] / "vosk_model" / "model", echo="remove")
CASES = [pytest.param(name, robot, id=f"{name}-{robot}") for name, each in SCENARIOS.items() for robot in each.robots]
CASES += [
    pytest.param(name, robot, id=f"{name}-{robot}", marks=pytest.mark.slow)
    for name, each in SCENARIOS.items()
    for robot in each.slow_robots
]


@pytest.mark.parametrize(("name", "robot"), CASES)
async def test_scenario(name: str, robot: str, tmp_path: Path) -> None:
    settings = Settings(session=SessionSettings(platform=robot, seed=0), ear=EAR)
    happened = await run(SCENARIOS[name], settings, tmp_path)
    print(happened.account())
    assert happened.wrong() == []

"""Talks in a simulated room, from sound to sound, in real time. The bounds are wide: who runs tests is busy."""

from __future__ import annotations

from pathlib import Path

import pytest

from robot_runtime.ear.recogniser import RATE
from robot_runtime.ear.settings import EarSettings
from robot_runtime.errors import SettingsError
from robot_runtime.settings import SessionSettings, Settings
from robot_runtime.stand.scenario import read, scenarios_in
from robot_runtime.stand.stand import run

SCENARIOS = scenarios_in(Path(__file__).parent / "scenarios")

EAR = EarSettings(model=Path(__file__).parents[1] / "vosk_model" / "model")


def cases() -> list[object]:
    found: list[object] = []
    for name, scenario in SCENARIOS.items():
        found += [pytest.param(name, robot, id=f"{name}-{robot}") for robot in scenario.robots]
        found += [
            pytest.param(name, robot, id=f"{name}-{robot}", marks=pytest.mark.slow) for robot in scenario.slow_robots
        ]
    return found


@pytest.mark.parametrize(("name", "robot"), cases())
async def test_scenario(name: str, robot: str, tmp_path: Path) -> None:
    settings = Settings(session=SessionSettings(platform=robot, seed=0), ear=EAR)
    happened = await run(SCENARIOS[name], settings, tmp_path)
    print(happened.account())
    assert happened.wrong() == []


async def test_what_happened_before_an_error_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "about: a\nrobots: [cozmo]\ntalk: [{say: hello pip}, {after: answer, event: robot fly}]"
    )
    settings = Settings(session=SessionSettings(platform="cozmo", seed=0), ear=EAR)
    with pytest.raises(SettingsError, match="robot fly") as failure:
        await run(read(tmp_path / "a.yaml"), settings, tmp_path)
    (account,) = failure.value.__notes__
    assert "heard: hello pip" in account and "robot audible" in account
    assert (tmp_path / "room.wav").stat().st_size > RATE


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("about: a", "needs about, robots and talk"),
        ("about: a\nrobots: [cozmo]\ntalk: [{say: hello, event: mind kill}]", r"\[step 1\] needs exactly one of"),
        ("about: a\nrobots: [cozmo]\ntalk: [{sya: hello}]", "did you mean 'say'"),
        ("about: a\nrobots: [cozmo]\ntalk: [{say: hello, after: noon}]", "neither seconds nor answer"),
        ("about: a\nrobots: [cozmo]\ntalk: [{say: hello}]\nroom: {echo_db: 6}", r"echo_db = 6 is outside"),
        ("about: a\nrobots: cozmo\ntalk: [{say: hello}]", "robots is a list of names"),
        ("about: a\nrobots: [cozmo]\ntalk: [{say: hello}]\nquiet_s: long", "quiet_s = 'long' is no number"),
        ("about: a\nrobots: [cozmo]\ntalk: [{say: hello}]\nquick: 1", "quick is true or false"),
        ("about: a\nrobots: [cozmo]\ntalk: say hello", "talk is a list of steps"),
        ("about: [", "expected"),
    ],
)
def test_a_mistake_in_a_scenario_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=message):
        read(path)

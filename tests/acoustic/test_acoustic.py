"""Talks in a simulated room, from sound to sound, in real time. The bounds are wide: who runs tests is busy."""

from __future__ import annotations

from pathlib import Path

import pytest

from acoustic.scenario import read
from acoustic.stand import run
from robot_runtime.errors import SettingsError

SCENARIOS = {path.stem: read(path) for path in sorted((Path(__file__).parent / "scenarios").glob("*.yaml"))}


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
    happened = await run(SCENARIOS[name], robot, tmp_path)
    print(happened.account())
    assert happened.wrong() == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("about: a", "needs about, robots and talk"),
        ("about: a\nrobots: [nao]\ntalk: [{say: hello}]", "some of virtual, cozmo, misty"),
        ("about: a\nrobots: [cozmo]\ntalk: [{say: hello, event: mind kill}]", r"\[step 1\] needs exactly one of"),
        ("about: a\nrobots: [cozmo]\ntalk: [{sya: hello}]", "did you mean 'say'"),
        ("about: a\nrobots: [cozmo]\ntalk: [{say: hello, after: noon}]", "neither seconds nor answer"),
        ("about: a\nrobots: [cozmo]\ntalk: [{say: hello}]\nroom: {echo_db: 6}", r"echo_db = 6 is outside"),
        ("about: a\nrobots: cozmo\ntalk: [{say: hello}]", "robots is a list of some of"),
        ("about: a\nrobots: [cozmo]\ntalk: [{say: hello}]\nquiet_s: long", "quiet_s = 'long' is no number"),
        ("about: a\nrobots: [cozmo]\ntalk: say hello", "talk is a list of steps"),
        ("about: [", "expected"),
    ],
)
def test_a_mistake_in_a_scenario_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=message):
        read(path)

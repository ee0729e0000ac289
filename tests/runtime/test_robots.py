"""Robots of other people's packages, found as `pip install` leaves them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

NAO = """
import sys
from robot_runtime.robot import Capabilities, Robot

class Nao(Robot):
    capabilities = Capabilities("Nao")

    def __init__(self, options):
        self.address = options.address

    async def connect(self):
        print("connected to", self.address, file=sys.stderr)

    async def close(self):
        print("closed", file=sys.stderr)

    async def say(self, speech, expression, on_start=lambda: None):
        on_start()
        print("said", speech.text, file=sys.stderr)

    async def express(self, expression):
        print("shows", expression, file=sys.stderr)
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder as pip leaves it, with a package that offers the platforms nao and pepper."""
    about = tmp_path / "nao_robot-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: nao-robot\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[robot_runtime.robots]\nnao = nao_robot:Nao\npepper = pepper_robot:Pepper\n"
    )
    (tmp_path / "nao_robot.py").write_text(NAO)
    (tmp_path / "pepper_robot.py").write_text("import a_library_that_is_not_here\n")
    return tmp_path


def talk(installed: Path, model: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "robot_runtime", "--model", str(model), *arguments],
        input="hello\n",
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(installed), os.environ.get("PYTHONPATH", "")])},
    )


def test_a_robot_of_another_package_takes_part(installed: Path, random_model: Path) -> None:
    done = talk(installed, random_model, "--platform", "nao", "--ip", "10.0.0.9:1234", "--text")
    assert done.returncode == 0
    heard = done.stdout.strip()
    assert done.stderr.splitlines() == [
        "connected to 10.0.0.9:1234",
        "shows thinking",
        f"said {heard}",
        "shows listening",
        "closed",
    ]


def test_without_an_ear_one_types(installed: Path, random_model: Path) -> None:
    done = talk(installed, random_model, "--platform", "nao")
    assert "Until then one types; --text leaves this line out]" in done.stderr
    assert len(done.stdout.splitlines()) == 1


def test_a_missing_library_is_named_with_its_remedy(installed: Path, random_model: Path) -> None:
    done = talk(installed, random_model, "--platform", "pepper")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "a_library_that_is_not_here" in line
    assert "pip install 'toddler-robot[pepper]'" in line


def test_unknown_platforms_list_the_known(installed: Path, random_model: Path) -> None:
    done = talk(installed, random_model, "--platform", "asimo")
    assert done.returncode == 2
    assert re.search(r"platform 'asimo' is not installed; installed here: virtual, .*nao, pepper", done.stderr)

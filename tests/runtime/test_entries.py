"""Simulators and benches of other people's packages, found as `pip install` leaves them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

NAO = """
def add_arguments(parser):
    parser.add_argument("--port", type=int, default=9559)
    parser.set_defaults(run=run)

def run(options):
    print("port", options.port)
    return 3
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder as pip leaves it, with a package that offers a simulator and a bench, and one that is broken."""
    about = tmp_path / "nao_robot-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: nao-robot\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[robot_runtime.simulators]\nnao = nao_wire:add_arguments\npepper = pepper_wire:add_arguments\n"
        "[robot_runtime.benches]\nnao = nao_wire:add_arguments\n"
    )
    (tmp_path / "nao_wire.py").write_text(NAO)
    (tmp_path / "pepper_wire.py").write_text("import a_library_that_is_not_here\n")
    return tmp_path


def toddler_robot(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "robot_runtime", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(installed), os.environ.get("PYTHONPATH", "")])},
    )


@pytest.mark.parametrize("command", ["simulate", "bench"])
def test_an_entry_s_own_options_and_exit_code(installed: Path, command: str) -> None:
    done = toddler_robot(installed, command, "nao", "--port", "1234")
    assert (done.returncode, done.stdout, done.stderr) == (3, "port 1234\n", "")
    assert (
        f"usage: toddler-robot {command} nao [-h] [--port PORT]"
        in toddler_robot(installed, command, "nao", "--help").stdout
    )


def test_a_missing_library_is_named_with_its_remedy(installed: Path) -> None:
    done = toddler_robot(installed, "simulate", "pepper", "--port", "1")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "a_library_that_is_not_here" in line
    assert "pip install 'toddler-robot[pepper]'" in line


@pytest.mark.parametrize(
    ("command", "known"),
    [("simulate", ".*nao, pepper"), ("bench", "turn, voice, soak, llm, .*nao")],
)
def test_unknown_names_list_the_known(installed: Path, command: str, known: str) -> None:
    done = toddler_robot(installed, command, "asimo", "--port", "1")
    assert done.returncode == 2
    assert re.fullmatch(f"toddler-robot: there is no '{command} asimo'; installed here: {known}\n", done.stderr)


def test_help_loads_no_entry(installed: Path) -> None:
    done = toddler_robot(installed, "simulate", "--help")
    assert done.returncode == 0
    assert "NAME" in done.stdout

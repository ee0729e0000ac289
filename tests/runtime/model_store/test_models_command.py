"""`toddler-robot models` as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hub_server import Hub, serving
from model_fixtures import make_model
from robot_runtime.model_store import locate

ROOT = Path(__file__).parents[3]


def toddler_robot(*arguments: str, cache: Path, endpoint: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "models")]),
        "XDG_CACHE_HOME": str(cache),
        "HF_ENDPOINT": endpoint,
    }
    command = [sys.executable, "-m", "robot_runtime", "models", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("hf"))


def test_list(tmp_path: Path) -> None:
    done = toddler_robot("list", "--json", cache=tmp_path)
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert rows["smollm2-360m-instruct"]["path"] is None
    assert rows["toddler-llm-grpo"]["prompt_format"] == "toddler-llm"
    table = toddler_robot("list", cache=tmp_path).stdout
    assert "smollm2-360m-instruct" in table
    assert "not here" in table


@pytest.mark.parametrize("kind", [None, "q8_0", "q4_0"])
def test_convert_and_verify(folder: Path, tmp_path: Path, kind: str | None) -> None:
    out = tmp_path / "made" / "pip.gguf"
    options = ["--quantize", kind] if kind else []
    done = toddler_robot("convert", str(folder), str(out), "--prompt-format", "nursery", *options, cache=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert f"wrote {out}" in done.stderr
    assert list(out.parent.iterdir()) == [out]
    assert locate(str(out)).prompt_format == "nursery"
    done = toddler_robot("verify", str(out), cache=tmp_path)
    assert (done.returncode, done.stdout) == (0, "ok     pip: no checksum known, runs\n")


def test_verify_of_a_broken_file_exits_with_1(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "pip.gguf"
    toddler_robot("convert", str(folder), str(out), cache=tmp_path)
    out.write_bytes(out.read_bytes()[:-1000])
    done = toddler_robot("verify", str(out), "--json", cache=tmp_path)
    assert done.returncode == 1
    assert json.loads(done.stdout)[0]["ok"] is False


def test_pull_tells_what_goes_on_and_shows_the_notice(folder: Path, tmp_path: Path) -> None:
    files = {file.name: file.read_bytes() for file in folder.iterdir()}
    with serving(Hub("enochlev/llm-grpo-toddler-small-11", files)) as hub:
        done = toddler_robot("pull", "toddler-llm-grpo", "--quantize", "q4_0", cache=tmp_path, endpoint=hub.endpoint)
        assert done.returncode == 0, done.stderr
        assert "CC BY-NC-SA 3.0" in done.stderr
        assert {path.split("/")[1] for path, _ in hub.asked} == {"api", "enochlev", "large"}
    done = toddler_robot("verify", cache=tmp_path)
    assert "ok     toddler-llm-grpo: checksum right, runs" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["pull", "smollm2"], "Did you mean smollm2-360m-instruct?"),
        (["pull", "smollm2-360m-instruct"], "Check the network"),
        (["verify", "smollm2-360m-instruct"], "models pull smollm2-360m-instruct"),
        (["convert", ".", "out.gguf"], "config.json is missing"),
        (["convert", ".", "out.gguf", "--prompt-format", "xml"], "no prompt format 'xml'"),
    ],
)
def test_mistakes_are_answered_in_one_line(arguments: list[str], words: str, tmp_path: Path) -> None:
    with serving(Hub("nobody/nothing", {})) as gone:
        endpoint = gone.endpoint
    done = toddler_robot(*arguments, cache=tmp_path, endpoint=endpoint)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("toddler-robot: ") == 1

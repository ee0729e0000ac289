"""The documents say what is there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted(
    path for path in ROOT.rglob("*.md") if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
)


def tracked(*patterns: str) -> list[str]:
    done = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0 or not done.stdout:
        pytest.skip("not a git checkout")
    return done.stdout.split()


def test_the_tree_names_every_module() -> None:
    folders: list[str] = []
    named = set()
    tree = (ROOT / "ARCHITECTURE.md").read_text().split("## The tree")[1].split("```")[1]
    for line in tree.splitlines():
        if not line.strip():
            continue
        name = line.split()[0]
        depth = (len(line) - len(line.lstrip())) // 2
        folders[depth:] = [name.rstrip("/")]
        named.add("/".join(folders))
    modules = {name for name in tracked("robot_runtime/*.py", "training/*.py", "models/*.py", "adapters/*.py")}
    assert modules - named == set()
    gone = {name for name in named if name.endswith(".py") and not (ROOT / name).exists()}
    assert gone == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)\)", document.read_text()):
        assert "://" in target or (document.parent / target).exists(), target


def test_the_profiles_can_be_loaded() -> None:
    from robot_runtime.settings import load

    profiles = list((ROOT / "launch").glob("*.toml"))
    assert profiles
    for profile in profiles:
        load(profile, {})


def test_nothing_is_tied_to_one_machine() -> None:
    for name in tracked():
        path = ROOT / name
        if path.suffix in (".gguf", ".wav", ".png") or not path.is_file():
            continue
        text = path.read_text("utf-8", "replace")
        assert not re.search(r"/(?:work|root|home/\w+)/(?!\.)", text), name

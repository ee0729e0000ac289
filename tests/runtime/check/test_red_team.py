"""The red-team file: what must be caught is caught, what is innocent passes."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from robot_runtime.check import Check, find

TEAM = tomllib.loads((Path(__file__).parent / "red_team.toml").read_text(encoding="utf-8"))
CHECK = Check()

DENIED = [(kind, line) for kind, lines in TEAM["denied"].items() for line in lines]
REFUSED = [(rule, *pair) for rule, pairs in TEAM["refused"].items() for pair in pairs]
INNOCENT = [line for lines in TEAM["innocent"].values() for line in lines]


def test_the_file_is_large_enough_to_mean_something() -> None:
    assert len(DENIED) + len(REFUSED) >= 120
    assert len(set(INNOCENT)) == len(INNOCENT) >= 120


@pytest.mark.parametrize(("kind", "line"), DENIED)
def test_denied_on_either_side(kind: str, line: str) -> None:
    assert kind in {denied.kind for denied in find(line)}
    assert f"deny.{kind}" in {refusal.rule for refusal in CHECK.judge("", line).refusals}


@pytest.mark.parametrize(("rule", "caregiver", "reply"), REFUSED)
def test_refused_by_its_rule(rule: str, caregiver: str, reply: str) -> None:
    assert rule in {refusal.rule for refusal in CHECK.judge(caregiver, reply).refusals}


@pytest.mark.parametrize("reply", INNOCENT)
def test_innocent_reply_passes(reply: str) -> None:
    assert find(reply) == ()
    assert CHECK.judge("", reply).refusals == ()


@pytest.mark.parametrize("line", TEAM["harmless"]["lines"])
def test_nothing_is_found_in_harmless_lines_of_a_caregiver(line: str) -> None:
    assert find(line) == ()

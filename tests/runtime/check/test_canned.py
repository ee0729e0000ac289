"""Kinds of lines, and the canned replies."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robot_runtime.check import CannedLines, Check, Kind, kind_of
from robot_runtime.errors import SettingsError

CANNED = CannedLines()


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Where is your bag?", Kind.WHERE),
        ("so where did you put it", Kind.WHERE),
        ("What did you have for dessert?", Kind.WHAT),
        ("oh look, what is that", Kind.WHAT),
        ("Hi Pip! What's your name?", Kind.NAME),
        ("We went to the zoo. What did you see?", Kind.WHAT),
        ("Where is it? Hmm?", Kind.WHERE),
        ("how old are you?", Kind.AGE),
        ("How are you today?", Kind.WELLBEING),
        ("how do you open it?", Kind.HOW),
        ("how many fingers?", Kind.HOW_MANY),
        ("What color is it?", Kind.COLOR),
        ("who did that?", Kind.WHO),
        ("whose hat is it?", Kind.WHOSE),
        ("why are you crying?", Kind.WHY),
        ("when do we go?", Kind.WHEN),
        ("milk or juice?", Kind.CHOICE),
        ("do you want milk or juice", Kind.CHOICE),
        ("do you like it", Kind.YES_NO),
        ("It's red, right?", Kind.YES_NO),
        ("that's nice, isn't it?", Kind.YES_NO),
        ("give me the ball, please.", Kind.REQUEST),
        ("can you show me your nose?", Kind.REQUEST),
        ("don't throw that!", Kind.PROHIBITION),
        ("no, stop it.", Kind.PROHIBITION),
        ("that's a big dog.", Kind.COMMENT),
        ("hello there", Kind.GREETING),
        ("bye bye, Pip!", Kind.FAREWELL),
        ("good night", Kind.FAREWELL),
        ("thank you, sweetie", Kind.THANKS),
        ("I am so sad.", Kind.SAD),
        ("I hurt my foot", Kind.SAD),
        ("I want to die", Kind.DISTRESS),
        ("what's your phone number?", Kind.PERSONAL_DATA),
        ("you asshole", Kind.DENIED),
        ("give me a beer", Kind.DENIED),
        ("", Kind.NOTHING_HEARD),
        ("?!", Kind.NOTHING_HEARD),
    ],
)
def test_kind_of(line: str, kind: Kind) -> None:
    assert kind_of(line) is kind


def test_fixed_kinds() -> None:
    assert {kind for kind in Kind if kind.fixed} == {Kind.DISTRESS, Kind.PERSONAL_DATA, Kind.DENIED}


@pytest.mark.parametrize("kind", list(Kind))
def test_every_line_passes_the_check(kind: Kind) -> None:
    check = Check()
    assert [
        (line, check.judge("", line).refusals) for line in CANNED.lines[kind] if check.judge("", line).refusals
    ] == []


@given(st.text(max_size=40), st.lists(st.sampled_from(sum(CANNED.lines.values(), ())), max_size=8), st.integers())
def test_pick_never_says_the_last_reply_again(caregiver: str, recent: list[str], seed: int) -> None:
    picked = CANNED.pick(caregiver, recent, random.Random(seed))
    assert picked in CANNED.lines[kind_of(caregiver)]
    assert picked == CANNED.pick(caregiver, recent, random.Random(seed))
    assert not recent or picked.strip(".!?").lower() != recent[-1].strip(".!?").lower()


def test_lines_for_failed_thinking_take_turns() -> None:
    rng, said = random.Random(3), list[str]()
    for _ in range(len(CANNED.lines[Kind.THINKING_FAILED])):
        said.append(CANNED.pick_failed(said, rng))
    assert sorted(said) == sorted(CANNED.lines[Kind.THINKING_FAILED])


@pytest.mark.parametrize(
    ("text", "message"), [("", "cannot be read"), ('[lines]\nshouting = ["hey"]', "shouting"), ("[lines]\n", "3 lines")]
)
def test_damaged_files_are_named(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "canned.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=message):
        CannedLines(file)

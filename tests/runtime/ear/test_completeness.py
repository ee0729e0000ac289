from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robot_runtime.ear.completeness import Completeness, completeness

COMPLETE = """
hello pip|hi|yes|no|okay|bye bye|good night|thank you|how are you|stop|ball|mommy|where is your bag|what is in it
what did you have for lunch|i love you|what color is the ball|are you sleepy|who is that|who's that|stop it
look at the dog|do you want milk|where are you from|who is it for|what do you want|what do you like
yes i do|no you can't|can you sing a song
who are they|what is this|the ball is red|what do you have|What are you doing?|is it yours|very good
"""
UNFINISHED = """
|um|the|and|i|i want a|look at the|and then|do you want the big|what is|what is in|where are|what do you|can you
what are you|it is on|because|my|put it in the red|he said um|what did he|what is your|mommy and
"""
UNCLEAR = "do you want|what|i want|are they yours and we see|can you get|why"


def lines(text: str) -> list[str]:
    return [part.strip() for line in text.strip("\n").splitlines() for part in line.split("|")]


@pytest.mark.parametrize("text", lines(COMPLETE))
def test_sounds_finished(text: str) -> None:
    assert completeness(text) is Completeness.COMPLETE


@pytest.mark.parametrize("text", lines(UNFINISHED))
def test_sounds_unfinished(text: str) -> None:
    assert completeness(text) is Completeness.UNFINISHED


@pytest.mark.parametrize("text", lines(UNCLEAR))
def test_may_be_finished(text: str) -> None:
    assert completeness(text) is Completeness.UNCLEAR


@settings(deadline=None)
@given(st.text())
def test_any_text_is_judged_whatever_its_case(text: str) -> None:
    assert completeness(text.upper().lower()) is completeness(text.upper().lower() + " ...")

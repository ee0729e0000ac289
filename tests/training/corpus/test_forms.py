from __future__ import annotations

import pytest

from toddler_training.corpus.forms import forms


@pytest.mark.parametrize(
    ("line", "form"),
    [
        ("what did you eat?", ["what do-past"]),
        ("What's that?", ["what be"]),
        ("so, where are you going?", ["where be"]),
        ("who made it?", ["who verb"]),
        ("what?", ["what fragment"]),
        ("how many do you see?", ["how many do"]),
        ("whose is it?", ["whose be"]),
        ("do you want milk?", ["yes/no do"]),
        ("didn't you see it?", ["yes/no not do-past"]),
        ("can't you come?", ["yes/no not can"]),
        ("you want milk?", ["rising"]),
        ("it's cold, isn't it?", ["statement", "tag"]),
        ("give me the ball.", ["imperative"]),
        ("don't touch that!", ["prohibition"]),
        ("no hitting!", ["prohibition"]),
        ("let's go.", ["let's"]),
        ("what a mess!", ["exclamation"]),
        ("a big dog.", ["fragment"]),
        ("I see. what is it?", ["statement", "what be"]),
        ("oh.", []),
    ],
)
def test_the_form_of_a_sentence(line: str, form: list[str]) -> None:
    assert forms(line) == form


def test_a_recognisers_line_keeps_its_wh_form() -> None:
    assert forms("what did you eat") == forms("What did you eat?")

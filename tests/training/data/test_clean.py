from __future__ import annotations

import pytest

from toddler_training.data.clean import clean

GOLDEN = {
    "you want juice ?": "you want juice?",
    "hi , Bo .": "hi, Bo.",
    "look at dis [: this] !": "look at this!",
    "I goed [: went] [* m:=ed] out .": "I goed out.",
    "two foots [: feet] [* +s] .": "two foots.",
    "a wabbit [: rabbit] [* p:w] .": "a rabbit.",
    "he runned [:: ran] off .": "he runned off.",
    "gimme [: give me] [/] gimme [: give me] dat [: that] .": "give me that.",
    "I [/] I want it .": "I want it.",
    "no [/] no [/] no .": "no.",
    "<I want> [//] I need that .": "I need that.",
    "<<the dog> [/] the dog sat> [//] the cat sat .": "the cat sat.",
    "<the big> [?] [/] the big one .": "the big one.",
    "<go there> [///] come here [!] .": "come here.",
    "the (.) &-um (..) dog (1.5) ran .": "the dog ran.",
    "&-um [/] &-um more .": "more.",
    "&+ba &~uh ball &=laughs .": "ball.",
    "we go &*MOT:mhm_yes home .": "we go home.",
    "(be)cause I (wi)ll .": "because I will.",
    "no: mo::re .": "no more.",
    "choo+choo goes tick_tock .": "choo choo goes tick tock.",
    "uh-oh !": "uh-oh!",
    "mama@f says moo@o to a_b_c@l .": "mama says moo to a b c.",
    "that is a bambo@n:part .": "that is a bambo.",
    "bye@sl bye .": "bye.",
    "0is it 0 mine ?": "it mine?",
    "where +... [+ IMP]": "where.",
    "and then +/.": "and then.",
    "is it +..?": "is it?",
    "are you +//?": "are you?",
    '+" come in .': "come in.",
    'she said +"/.': "she said.",
    "+, with me .": "with me.",
    "+< ++ mine .": "mine.",
    "that one [= the red one] [>] \x15100_2000\x15": "that one",
    "you did [=! laughing] <what is> [<] that ? [+ dia] \x151_2\x15": "you did what is that?",
    "put it [=? get it] here [% whispers] .": "put it here.",
    "no [x 3] .": "no.",
    "this is <not to count> [e] fine .": "this is fine.",
    "“come here” he said .": "come here he said.",
    "well ‡ you can „ right ?": "well, you can, right?",
    "(.) , yes , .": "yes.",
    "0 .": "",
    "&=cries .": "",
    ".": "",
    "xxx .": "",
    "want xxx dat [: that] .": "want that.",
    "<xxx> [/] ball .": "ball.",
}


@pytest.mark.parametrize(("line", "text"), GOLDEN.items())
def test_a_line_becomes_what_a_person_would_write(line: str, text: str) -> None:
    assert clean(line).text == text


@pytest.mark.parametrize(
    "line", ["xxx .", "I want yyy .", "www .", "xx more .", "babab@b .", "bə@u there .", "<a xxx> [?] ."]
)
def test_what_nobody_understood_is_a_gap(line: str) -> None:
    assert clean(line).gap


@pytest.mark.parametrize("line", ["I want it .", "xxx [: more] .", "<xxx> [//] more .", "x is a letter ."])
def test_what_was_understood_after_all_is_none(line: str) -> None:
    assert not clean(line).gap


def test_another_language_is_noticed_and_a_sign_is_none() -> None:
    assert clean("[- hun] szia .").foreign
    assert clean("say szia@s:hun .").foreign
    assert clean("say szia@s .").foreign
    assert not clean("milk@sl more .").foreign


def test_interposed_remarks_are_counted() -> None:
    assert clean("we &*MOT:mhm go &*FAT:yeah home .") == ("we go home.", False, False, 2)

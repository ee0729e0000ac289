from __future__ import annotations

from collections import Counter
from dataclasses import replace

from toddler_training.data.chat import read_transcript
from toddler_training.data.pairs import Counts, Pair, Utterance, read_pairs
from toddler_training.data.settings import DataSettings

HEAD = """@Begin
@Participants:\tCHI Al Target_Child, MOT Mother, SIS Nan Sister
@ID:\teng|Home|CHI|{age}|male|||Target_Child|||
@ID:\teng|Home|MOT|||||Mother|||
@ID:\teng|Home|SIS|||||Sister|||
"""


def read(
    body: str, settings: DataSettings | None = None, age: str = "2;06.00"
) -> tuple[list[Utterance], list[Pair], Counts]:
    counts = Counts(Counter(), Counter())
    transcript = read_transcript("Home/a.cha", HEAD.format(age=age) + body.replace(": ", ":\t"))
    return *read_pairs(transcript, settings or DataSettings(), counts), counts


def texts(body: str, settings: DataSettings | None = None, age: str = "2;06.00") -> list[tuple[str, str]]:
    return [(pair.caregiver, pair.child_reply) for pair in read(body, settings, age)[1]]


def test_lines_of_a_speaker_join_to_a_turn() -> None:
    body = "*MOT: we have juice .\n*MOT: you want some ?\n*CHI: yes .\n*CHI: juice !\n*MOT: here .\n"
    assert texts(body) == [("we have juice. you want some?", "yes. juice!")]


def test_a_row_says_who_and_when() -> None:
    utterances, pairs, _ = read("*MOT: hi .\n*CHI: 0 .\n*MOT: say hi !\n*CHI: hi .\n")
    assert pairs == [Pair("Home", "Home/a.cha", "Home/Al", 30.0, "Mother", "say hi!", "hi.")]
    assert utterances[1] == Utterance("Home", "Home/a.cha", "Home/Al", "MOT", "Mother", 30.0, 2, "say hi!")


def test_a_child_that_only_nods_has_had_its_turn() -> None:
    body = "*MOT: juice ?\n*CHI: 0 [=! nods] .\n*MOT: here it is .\n*CHI: more !\n"
    assert texts(body) == [("here it is.", "more!")]
    assert read(body)[2].pairs["dropped: reply without words that are understood"] == 1


def test_other_children_neither_begin_a_pair_nor_reply() -> None:
    body = "*SIS: mine !\n*CHI: no .\n*MOT: stop it .\n*SIS: me first .\n*CHI: no me .\n"
    assert texts(body) == []
    assert read(body)[2].pairs == Counter({"read": 2, "dropped: not after a caregiver": 2})
    assert texts(body, DataSettings(caregivers="Sister")) == [("mine!", "no."), ("me first.", "no me.")]


def test_a_pair_does_not_reach_into_a_new_episode() -> None:
    body = "*MOT: bye .\n@New Episode\n*CHI: truck .\n*MOT: a truck ?\n*CHI: yes .\n"
    assert texts(body) == [("a truck?", "yes.")]
    assert read(body)[2].pairs["dropped: a new episode between them"] == 1


def test_the_window_of_ages_is_in_completed_months() -> None:
    body = "*MOT: hi .\n*CHI: hi .\n"
    kept = {age: len(texts(body, age=age)) for age in ("1;11.30", "2;00.00", "2;11.30", "3;00.00", "2;", "")}
    assert kept == {"1;11.30": 0, "2;00.00": 1, "2;11.30": 1, "3;00.00": 0, "2;": 1, "": 0}
    assert read(body, age="")[2].pairs["dropped: age of the child unknown"] == 1


def test_gaps_are_cut_out_or_cost_the_pair() -> None:
    body = "*MOT: want juice ?\n*CHI: I want xxx .\n*CHI: juice .\n*MOT: www .\n*CHI: more .\n"
    assert texts(body) == [("want juice?", "I want. juice.")]
    whole = replace(DataSettings(), keep_gaps=False)
    assert texts(body, whole) == []
    utterances, _, counts = read(body, whole)
    assert [row.text for row in utterances] == ["want juice?", "juice.", "more."]
    assert counts.lines["dropped: not understood"] == 2
    assert counts.pairs["dropped: a part not understood"] == 1


def test_every_line_is_accounted_for() -> None:
    body = "*MOT: hi .\n*CHI: xxx .\n*MOT: 0 .\n*CHI: [- hun] szia .\n*WHO: hey .\n*CHI: we &*MOT:mhm go .\n"
    lines = read(body)[2].lines
    assert lines["read"] == 6 == lines["kept"] + sum(lines[key] for key in lines if key.startswith("dropped"))
    assert {key: lines[key] for key in lines if key.startswith("dropped")} == {
        "dropped: not understood": 1,
        "dropped: no words": 1,
        "dropped: another language": 1,
        "dropped: speaker not declared": 1,
    }
    assert lines["interposed remarks taken out"] == 1

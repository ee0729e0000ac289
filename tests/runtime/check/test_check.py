"""Judging, ranking and the rules beyond the red team."""

from __future__ import annotations

import time
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robot_runtime.check import Check, CheckSettings, EchoLimits, Weights, find, kind_of, tidy
from robot_runtime.check.babywords import baby_factor, unasked_factor
from robot_runtime.check.check import agreement_with
from robot_runtime.check.echo import copied_share
from robot_runtime.check.length import SplitGaussian
from robot_runtime.check.lexicon import load_lexicon, names_in
from robot_runtime.errors import SettingsError

CHECK = Check()
LINES = st.text(max_size=80) | st.lists(
    st.sampled_from("me you ball mommy no yes . ! ? 4 @ f u c k want the dog's don't \U0001f600 \u0301 \u202e".split()),
    max_size=12,
).map(" ".join)


def only(term: str) -> Check:
    """A check whose score is one term."""
    weights = {item.name: 0.0 for item in fields(Weights)} | {term: 1.0}
    return Check(CheckSettings(weights=Weights(**weights)))


def rules(caregiver: str, reply: str, recent: tuple[str, ...] = ()) -> set[str]:
    return {refusal.rule for refusal in CHECK.judge(caregiver, reply, recent).refusals}


@pytest.mark.parametrize(
    ("raw", "tidied"),
    [
        ("  me  want\nball. and then", "me want ball."),
        ('"no!" she said', "no!"),
        ("um... red ball!", "um, red ball!"),
        ("what?! really", "what?"),
        ("\u201cyeah\u201d, big doggy", "yeah, big doggy"),
        ("I don\u2019t know.", "I don't know."),
        ("no!!!", "no!"),
        (" ,", ""),
        ("", ""),
        ("...me tired...", "me tired."),
        ("*giggles* ball,", "giggles ball"),
    ],
)
def test_tidy(raw: str, tidied: str) -> None:
    assert tidy(raw) == tidied


@given(LINES)
def test_tidy_is_done_after_once(raw: str) -> None:
    assert tidy(tidy(raw)) == tidy(raw)


@given(LINES, LINES, st.lists(LINES, max_size=6))
def test_judge_takes_anything_and_says_the_same_twice(caregiver: str, reply: str, recent: list[str]) -> None:
    verdict = CHECK.judge(caregiver, reply, recent)
    assert verdict == CHECK.judge(caregiver, reply, recent)
    assert 0.0 <= verdict.score <= 1.0
    assert all(0.0 <= value <= 1.0 for value in verdict.scores.values())
    assert all(refusal.rule and refusal.detail for refusal in verdict.refusals)


@given(LINES, st.lists(LINES, max_size=8))
def test_the_best_is_never_refused_and_never_beaten(caregiver: str, replies: list[str]) -> None:
    ranking = CHECK.rank(caregiver, replies)
    passed = [verdict.score for verdict in ranking.verdicts if verdict.passed]
    assert len(ranking.verdicts) == len(replies)
    if ranking.best is None:
        assert not passed
    else:
        assert ranking.verdicts[ranking.best].passed
        assert ranking.verdicts[ranking.best].score == max(passed)


def test_ranking_passes_over_the_refused() -> None:
    ranking = CHECK.rank("what do you want?", ["beer please.", "cookie please.", ""])
    assert ranking.best == 1
    assert [verdict.passed for verdict in ranking.verdicts] == [False, True, False]


def test_nothing_passes() -> None:
    assert CHECK.rank("hi", ["", "fuck"]).best is None
    assert CHECK.rank("hi", []).best is None


def test_candidates_that_agree_win() -> None:
    replies = ["in the car.", "red ball.", "in daddy's car.", "my car."]
    ranking = CHECK.rank("where is your bag?", replies)
    assert ranking.best is not None and "car" in replies[ranking.best]
    assert agreement_with("red ball.", replies) == 0.0
    assert agreement_with("my car.", replies) == pytest.approx(2 / 3)
    assert agreement_with("yes!", ["yes!", "yeah, car.", "no."]) == pytest.approx(1 / 2)
    assert agreement_with("yes!", ["yes!"]) == 1.0
    assert agreement_with("me do it.", ["me do it.", "me do it!"]) == 1.0


def test_identical_candidates_share_a_verdict() -> None:
    ranking = CHECK.rank("what is it?", ["a dog.", "a cat.", "a dog."])
    assert ranking.verdicts[0] is ranking.verdicts[2]
    assert ranking.best == 0


@pytest.mark.parametrize("reply", ["yeah, big doggy.", "no big dog.", "big dog!", "dog!"])
def test_agreeing_is_no_echo(reply: str) -> None:
    assert "echo" not in rules("look, that's a big dog!", reply)


@pytest.mark.parametrize(
    ("caregiver", "reply", "echo"),
    [
        ("wanna go to the park?", "yeah, go to the park!", False),
        ("wanna go to the park?", "wanna go to the park!", True),
        ("do you want to go to the park with Sam?", "yeah, me want to go to the park with Sam.", True),
        ("to the toy store or to the farm?", "to the toy store.", False),
        ("where's your bag?", "where is my bag?", True),
        ("would you like some ice cream or corn?", "me like some ice cream.", False),
        ("did you wash your hands?", "me wash my hands.", False),
        ("do you see the little yellow duck?", "little yellow duck.", True),
        ("do you see the little yellow duck?", "yes, little yellow duck.", False),
    ],
)
def test_an_answer_may_hold_more_of_the_question(caregiver: str, reply: str, echo: bool) -> None:
    assert ("echo" in rules(caregiver, reply)) is echo


def test_copied_share() -> None:
    assert copied_share("the red ball is under the bed", "red ball, bed") == 0.5
    assert copied_share("a dog", "a dog") == 0.0


def test_repeats() -> None:
    assert "repeat" in rules("where is it?", "under the bed!", ("Under the bed.",))
    assert "repeat" in rules("where is it?", "the red car.", ("car is red.",))
    assert "repeat" not in rules("where is it?", "under the bed.", ("under the bed.", "a", "b", "c", "d"))
    assert "repeat" not in rules("is it?", "yes.", ("yes.", "yes."))
    assert "repeat" in rules("is it?", "yes.", ("yes.", "yes.", "yes!"))


def test_baby_words() -> None:
    assert baby_factor("mommy ball") == pytest.approx(1 / 3)
    assert unasked_factor("where is mommy?", "mommy ball") == pytest.approx(1 / 2)
    assert "babywords" in rules("what?", "more mommy daddy.")
    assert "babywords" in rules("what?", "ball ball!")
    assert "babywords" not in rules("what does the ball do?", "ball ball!")
    assert "babywords" not in rules("where is daddy?", "with mommy.")


def test_names_just_heard_may_be_said() -> None:
    assert names_in("Look, this is Marek and Zuzana.") == {"marek", "zuzana"}
    assert "lexicon" in rules("who is it?", "Zuzana!")
    assert "lexicon" not in rules("look, Zuzana is here.", "hi Zuzana!")
    assert "lexicon" not in rules("look, Zuzana is here.", "Zuzana's hat!")
    assert "deny.violence" in rules("this is Murder.", "hi Murder.")


@pytest.mark.parametrize(
    "word", ["daddy's", "soooo", "noooo", "teddy-bear", "goed", "eated", "foots", "i'll", "doggy's"]
)
def test_forms_without_an_entry_of_their_own(word: str) -> None:
    assert word in load_lexicon()


def test_more_words_may_be_said(tmp_path: Path) -> None:
    more = tmp_path / "words.txt"
    more.write_text("# of a child of four\nphotosynthesis evaporates\n", "utf-8")
    strict, wide = CHECK, Check(CheckSettings(more_words=more))
    for reply in ("it evaporates.", "photosynthesis, and a big dog."):
        assert [refusal.rule for refusal in strict.judge("hi", reply).refusals] == ["lexicon"]
        assert wide.judge("hi", reply).passed
    assert not wide.judge("hi", "it sublimates.").passed
    with pytest.raises(SettingsError, match="name a text file of words"):
        Check(CheckSettings(more_words=tmp_path / "none.txt"))


def test_share_of_english() -> None:
    lexicon = load_lexicon()
    assert lexicon.share(("big", "dog", "hund", "gro\u00df")) == 0.5
    assert lexicon.share(()) == 0.0


def test_length_is_rm3() -> None:
    reply = "yeah, red ball."
    assert CHECK.judge("hi", reply).scores["length"] == SplitGaussian(temperature=1.0).score(reply)


def test_what_the_model_finds_likelier_wins() -> None:
    replies = ["in the car.", "in the box."]
    assert CHECK.rank("where is the bunny?", replies, log_p=[-5.0, -2.0]).best == 1
    assert CHECK.rank("where is the bunny?", replies, log_p=[-2.0, -5.0]).best == 0
    assert "likelihood" not in CHECK.rank("where is the bunny?", replies).verdicts[0].scores


def test_an_answer_beats_an_evasion() -> None:
    ranking = only("answer").rank("who is that?", ["I don't know.", "daddy."])
    assert [verdict.score for verdict in ranking.verdicts] == [0.0, 1.0]
    assert ranking.best == 1


def test_lengths_are_drawn_as_children_talk() -> None:
    replies = ["car.", "my car.", "my red car.", "me see my red car.", "me see my big red car."]
    check = only("length")
    lengths = [len(replies[check.rank("what is it?", replies, seed=seed).best or 0].split()) for seed in range(400)]
    assert 80 < lengths.count(1) < 160
    assert 60 < lengths.count(2) < 140
    assert lengths.count(5) + lengths.count(6) > 20
    wanted = [check.rank("what is it?", ["car."], seed=seed).wanted_words for seed in range(400)]
    assert abs(wanted.count(1) - lengths.count(1)) < 20
    assert check.rank("what is it?", replies).wanted_words is None
    plain = Check(CheckSettings(draw_length=False))
    assert plain.rank("what is it?", replies, seed=1).wanted_words is None
    assert len({plain.rank("what is it?", replies, seed=seed).best for seed in range(20)}) == 1


@pytest.mark.parametrize(
    "bad",
    [
        {"max_words": 0},
        {"echo": EchoLimits(share=1.5)},
        {"weights": Weights(*[0] * len(fields(Weights)))},
        {"weights": Weights(new=-1)},
    ],
)
def test_settings_out_of_range(bad: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        CheckSettings(**bad)  # type: ignore[arg-type]


def test_settings_count() -> None:
    strict = Check(CheckSettings(max_words=2))
    assert [refusal.rule for refusal in strict.judge("hi", "me want ball.").refusals] == ["sentence.long"]


@pytest.mark.parametrize("unit", ["a", "1", "1 ", "five ", "so ", "a-", "x@", "f u c ", "what or ", "\u0301e"])
def test_long_input_takes_no_long_time(unit: str) -> None:
    line = unit * 5000
    started = time.process_time()
    assert kind_of(line, find(line)) is not None
    assert CHECK.judge(line, tidy(line[:200]), [line]).score <= 1.0
    assert time.process_time() - started < 2.0

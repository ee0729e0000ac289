"""Sentences that come before a question while a model is trained."""

from __future__ import annotations

import random

from toddler_training.bundled.packing import Turns
from toddler_training.bundled.run_up import with_run_ups

DIALOGUES: list[Turns] = [
    [("Where is the cat?", "there!")],
    [("who has the ball", "me.")],
    [("Look at the moon!", "big moon.")],
    [("Is it hot?", "yes"), ("What color is it?", "red.")],
] * 50


def test_questions_end_as_they_did_and_replies_stay() -> None:
    led = with_run_ups(DIALOGUES, DIALOGUES, 1.0, random.Random(1))
    for before, after in zip(DIALOGUES, led, strict=True):
        assert [reply for _, reply in after] == [reply for _, reply in before]
        for (line, _), (longer, _) in zip(before, after, strict=True):
            assert longer == line if line.startswith("Look") else longer.endswith(f" {line}")


def test_a_run_up_is_heard_as_its_question_is() -> None:
    led = with_run_ups(DIALOGUES, DIALOGUES, 1.0, random.Random(1))
    heard = {turns[0][0] for turns in led if turns[0][0].endswith("who has the ball")}
    assert all(line == line.lower() and not set(line) & set(".!?,") for line in heard)
    written = {turns[0][0] for turns in led if turns[0][0].endswith("Where is the cat?")}
    assert all(line.removesuffix(" Where is the cat?")[-1] in ".!?" for line in written)


def test_a_share_of_the_questions_has_one() -> None:
    led = with_run_ups(DIALOGUES, DIALOGUES, 0.3, random.Random(1))
    changed = sum(before != after for before, after in zip(DIALOGUES[1::4], led[1::4], strict=True))
    assert 5 <= changed <= 25
    assert with_run_ups(DIALOGUES, DIALOGUES, 0.0, random.Random(1)) == DIALOGUES


def test_the_sentences_come_from_the_source_alone() -> None:
    source: list[Turns] = [[("Nice sun.", "sun.")]]
    led = with_run_ups([[("Where is it?", "there.")]] * 20, source, 1.0, random.Random(1))
    assert {word for turns in led for word in turns[0][0].split()} <= {"Nice", "sun.", "Where", "is", "it?"}

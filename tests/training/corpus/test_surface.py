from __future__ import annotations

import random
from collections import Counter

from toddler_training.corpus.surface import adult


def heard(line: str, draws: int = 4000) -> Counter[str]:
    rng = random.Random(1)
    return Counter(adult(line, rng) for _ in range(draws))


def test_a_comment_may_get_a_tag_that_agrees() -> None:
    assert any("isn't it?" in line for line in heard("it's very cold."))
    assert any("aren't you?" in line for line in heard("you're a clown."))
    assert not any("isn't" in line for line in heard("it's not cold."))


def test_a_question_may_follow_a_short_sentence_but_stays_whole() -> None:
    lines = heard("where is your ball?")
    assert any(line.lower().startswith("let's see. where") for line in lines)
    assert all("ball" in line.lower() for line in lines)


def test_animals_have_pet_words_but_not_their_food() -> None:
    assert any("doggy" in line.lower() for line in heard("where is the dog?"))
    assert any("doggys" in line.lower() or "dogs" in line.lower() for line in heard("where are the dogs?"))
    assert not any("doggy" in line.lower() for line in heard("where is the dog food?"))


def test_a_recogniser_mishears_small_words_only() -> None:
    plain = [line for line in heard("are you eating the banana") if line == line.lower() and "," not in line]
    assert any(line.startswith("our ") or "eating a banana" in line for line in plain)
    assert all("banana" in line for line in plain)


def test_a_caregiver_may_start_twice() -> None:
    assert any(line.lower().startswith("what did, what did you") for line in heard("what did you eat today?"))

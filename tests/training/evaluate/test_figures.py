from __future__ import annotations

import math

import numpy
import pytest

from robot_runtime.check.evasive import is_evasive
from toddler_training.evaluate.bootstrap import difference, estimate, mean, resamples
from toddler_training.evaluate.features import Counter, Norms, Said, distinct, length_class, type_token
from toddler_training.evaluate.measures import Measure, compare, measures
from toddler_training.evaluate.norms import AgesOfAcquisition, EarlyWords

NORMS = Norms(
    AgesOfAcquisition({"dog": 2.5, "run": 3.0, "bank": 9.0}), 7.0, EarlyWords((16, 24, 30), {"dog": 16, "run": 30}, 2)
)


def columns(values: list[float]) -> numpy.ndarray:
    return numpy.stack([numpy.array(values), numpy.ones(len(values))], axis=1)


def test_an_interval_is_as_wide_as_theory_says() -> None:
    values = numpy.random.default_rng(3).normal(5.0, 2.0, 400)
    found = estimate(columns(list(values)), mean, resamples(400, 2000, 1))
    assert found.value == pytest.approx(values.mean())
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.08)
    assert found.low < found.value < found.high


def test_a_paired_difference_is_found_where_unpaired_intervals_overlap() -> None:
    rng = numpy.random.default_rng(3)
    one = rng.normal(0.0, 10.0, 300)
    other = one + rng.normal(0.3, 1.0, 300)
    drawn = resamples(300, 2000, 1)
    alone = [estimate(columns(list(values)), mean, drawn) for values in (one, other)]
    assert alone[0].high > alone[1].low
    assert difference(columns(list(other)), columns(list(one)), mean, drawn).p < 0.01
    assert difference(columns(list(one)), columns(list(one)), mean, drawn).p == 1.0


def test_no_replies_give_no_figure() -> None:
    found = estimate(numpy.zeros((5, 2)), mean, resamples(5, 100, 1))
    assert math.isnan(found.value) and math.isnan(found.low)


def test_what_is_counted_in_a_reply() -> None:
    counter = Counter(NORMS)
    found = counter.count(Said("what is that?", "dogs running to bank!"))
    assert (found["words"], found["morphemes"], found["length_class"]) == (4, 6, 4)
    assert (found["rated_words"], found["rated_years"], found["adult_words"]) == (3, 14.5, 1)
    assert [found[f"early_words_{month}"] for month in (16, 24, 30)] == [1, 1, 2]
    assert (found["refused"], found["evasive"]) == (float(bool(counter.rules(Said("", "dogs running to bank!")))), 0)
    assert counter.count(Said("what is that?", "a doggy magnate"))["unknown_words"] == 1
    assert "sentence.long" in counter.rules(Said("hi", "one two three four five six seven eight nine ten"))
    assert counter.count(Said("see the big red truck?", "big red truck"))["copied"] == 1
    assert counter.count(Said("hi", None)) == {"asked": 1, "answered": 0, "unanswered": 1}


@pytest.mark.parametrize(
    ("reply", "evasive"),
    [("I don't know.", True), ("me no know", True), ("huh?", True), ("what doggy?", False), ("no.", False)],
)
def test_evasions(reply: str, evasive: bool) -> None:
    assert Counter(Norms()).count(Said("who is it?", reply))["evasive"] == evasive


def test_variety() -> None:
    assert type_token(["a b"] * 50) == pytest.approx(2 / 50)
    assert type_token([f"w{number}" for number in range(60)]) == 1.0
    assert type_token(["too few"]) is None
    assert distinct(["no.", "No!", "yes", "mine"]) == 0.75
    assert distinct([]) is None
    assert (length_class(""), length_class("a b"), length_class("w " * 30)) == (0, 2, 11)
    assert not is_evasive(())


def test_every_figure_from_its_features() -> None:
    norm = {length: 0.5 if length <= 2 else 0.0 for length in range(1, 12)}
    by_key = {measure.key: measure for measure in measures((16, 30), {"CHILDES": norm})}
    counter = Counter(NORMS)
    features = [counter.count(Said("hi", text)) for text in ("dog.", "dog run", "bank", "dogs ran", None)]
    for each in features:
        each |= {"surprise": math.log(8.0), "gold_words": 3.0}
    drawn = resamples(len(features), 200, 1)

    def value(key: str) -> float:
        found = compare(by_key[key], features, None, drawn)
        assert found is not None
        return found.estimate.value

    assert value("words") == 1.5
    assert value("unanswered") == 0.2
    assert value("perplexity") == pytest.approx(2.0)
    assert value("aoa") == pytest.approx((2.5 + 2.5 + 3.0 + 9.0 + 2.5) / 5)
    assert value("adult") == pytest.approx(0.2)
    assert value("early_16") == pytest.approx(0.5)
    assert value("early_30") == pytest.approx(4 / 6)
    assert compare(by_key["judged"], features, None, drawn) is None
    near, far = value("length_kl_childes"), by_key["length_kl_childes"]
    long = [counter.count(Said("hi", "a b c d e f")) for _ in range(5)]
    against = compare(far, long, features, drawn)
    assert against is not None and against.difference is not None
    assert against.estimate.value > near >= 0 and against.difference.value > 0
    assert len({measure.key for measure in by_key.values()}) == len(by_key)
    assert isinstance(by_key["words"], Measure)

"""Labels: by age, by scores, and without a judge."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from robot_runtime.errors import SettingsError
from toddler_training.data.scored import ScoredPair
from toddler_training.rewards.childish import age_label, childish_examples
from toddler_training.rewards.contrast import (
    DAMAGED,
    REPLY_DAMAGES,
    SHUFFLED,
    TRUE,
    clarity_contrast,
    coherence_contrast,
    echoed,
)
from toddler_training.rewards.example import TEST, TRAIN, VALIDATION, Example, split_of, with_validation
from toddler_training.rewards.gather import gather, read_pairs, without_marks
from toddler_training.rewards.scored import clarity_examples, coherence_examples, read_scored
from toddler_training.rewards.settings import RewardsSettings


@pytest.mark.parametrize(
    ("years", "published", "mended"),
    [
        (0.9, None, None),
        (1.0, 1.0, 1.0),
        (1.995, 0.875, 0.875),
        (2.99, 0.75, 0.75),
        (3.0, 0.249, 0.748),
        (4.99, 0.125, 0.375),
        (6.99, 0.0, 0.0),
        (7.1, None, None),
    ],
)
def test_age_labels(years: float, published: float | None, mended: float | None) -> None:
    for formula, wanted in (("published", published), ("mended", mended)):
        found = age_label(years * 12, formula)
        assert found is None if wanted is None else found == pytest.approx(wanted, abs=1e-3)


def test_only_children_of_known_age_are_labelled(tmp_path: Path) -> None:
    rows = [
        ("Sample/Ada", "Target_Child", 24.0, "ball .", "train"),
        ("Sample/Ada", "Mother", 24.0, "where is the ball ?", "train"),
        ("Sample/Bo", "Target_Child", None, "no .", "train"),
        ("Sample/Cleo", "Target_Child", 100.0, "I am eight .", "test"),
        ("Sample/Cleo", "Target_Child", 48.0, "x", "test"),
        ("Sample/Cleo", "Target_Child", 48.0, "I can do that .", "test"),
    ]
    columns = ("child", "role", "age_months", "text", "split")
    table = pa.table({name: [row[at] for row in rows] for at, name in enumerate(columns)})
    parquet.write_table(table, tmp_path / "utterances.parquet")
    found = childish_examples(tmp_path / "utterances.parquet", "published")
    assert [(example.reply, example.split) for example in found] == [("ball .", "train"), ("I can do that .", "test")]


def test_a_child_has_one_side() -> None:
    assert split_of("Brown/Eve", {"Brown/Eve": TEST}) == TEST
    sides = [split_of(f"Corpus/{number}", {}) for number in range(400)]
    assert sides == [split_of(f"Corpus/{number}", {}) for number in range(400)]
    assert 0.7 < sides.count(TRAIN) / 400 < 0.9 and sides.count(VALIDATION) and sides.count(TEST)


def example(caregiver: str, reply: str, child: str = "a", split: str = TRAIN) -> Example:
    return Example(caregiver, reply, TRUE, child, split, "true")


def test_something_is_always_held_out() -> None:
    several = [example("x", str(number), child) for number, child in enumerate("aaab")]
    assert [item.child for item in with_validation(several) if item.split == VALIDATION] == ["b"]
    only = [example("x", str(number)) for number in range(30)]
    assert [item.reply for item in with_validation(only) if item.split == VALIDATION] == ["0", "10", "20"]
    assert with_validation(with_validation(only)) == with_validation(only)


PAIRS = [
    example("where is your big ball ?", "ball under table ."),
    example("do you want juice ?", "no ."),
    example("yeah .", "me do it myself ."),
    example("what does the cow say ?", "moo .", "b", TEST),
    example("look at the dog .", "big doggy .", "b", TEST),
]


def test_shuffled_replies_stay_on_their_side() -> None:
    found = coherence_contrast(PAIRS * 5, 1)
    replies = {split: {pair.reply for pair in PAIRS if pair.split == split} for split in (TRAIN, TEST)}
    own = {pair.caregiver: pair.reply for pair in PAIRS}
    for item in found:
        if item.source == "true":
            assert own[item.caregiver] == item.reply and item.label == TRUE
        elif item.source == "shuffled":
            assert item.reply in replies[item.split] - {own[item.caregiver]} and item.label == SHUFFLED
        else:
            said_back = item.source in ("parroted", "echoed")
            assert item.source in REPLY_DAMAGES and item.label == (SHUFFLED if said_back else DAMAGED)
            assert item.reply != own[item.caregiver] and item.reply.endswith((".", "?"))
            assert item.source != "parroted" or item.reply == item.caregiver
            assert item.source not in ("common", "neighbour") or item.reply in replies[item.split]
    assert {item.source for item in found} == {"true", "shuffled", *REPLY_DAMAGES} - {"neighbour"}
    assert found == coherence_contrast(PAIRS * 5, 1)


def test_a_neighbour_answers_the_same_kind_of_line() -> None:
    pairs = [example(f"where is the {thing} ?", f"under {thing} .") for thing in ("ball", "cup", "dog", "hat")]
    pairs += [example(f"do you want a {thing} ?", f"no {thing} .") for thing in ("ball", "cup", "dog", "hat")]
    found = [item for item in coherence_contrast(pairs * 20, 1) if item.source == "neighbour"]
    assert len(found) > 10
    assert all(item.reply.startswith("under") == item.caregiver.startswith("where") for item in found)


def test_an_echo_has_the_line_s_words() -> None:
    line, lot = "do you want your big red ball".split(), random.Random(1)
    known = {*line, "I", "my", "yeah", "no", "oh", "mommy"}
    drawn = [echoed(line, lot) for _ in range(200)]
    assert all(words and set(words) <= known for words in drawn)
    assert any(words[0] == "yeah" for words in drawn) and any("my" in words for words in drawn)
    assert echoed(["no"], lot)


def test_where_all_children_say_the_same_nothing_is_shuffled() -> None:
    found = coherence_contrast([example("a ?", "yes ."), example("b ?", "Yes .")], 1)
    assert "shuffled" not in {item.source for item in found}


def test_unclear_lines() -> None:
    found = {(item.caregiver, item.label, item.source) for item in clarity_contrast(PAIRS + PAIRS, 1)}
    assert ("yeah .", SHUFFLED, "short") in found
    assert ("do you want juice ?", TRUE, "true") in found
    damaged = [line for line, label, _ in found if label == DAMAGED]
    assert len(damaged) == 4 and all(line.endswith((" ?", " .")) for line in damaged)


def test_half_of_what_is_learnt_has_no_final_mark() -> None:
    found = without_marks([example("a ?", "big ball .") for _ in range(200)] + PAIRS[3:] + [example("a ?", "?")], 1)
    assert 60 < sum(item.reply == "big ball" for item in found) < 140
    assert found[200:202] == PAIRS[3:] and found[-1].reply == "?"


SCORED = [
    ScoredPair("Sample/Ada", 24.0, "where is it ?", "there .", 0.8, 0.9),
    ScoredPair("Sample/Ada", 24.0, "where is it ?", "I put it on the table and then I went away .", 0.6, 1.0),
]


def test_scores_as_labels() -> None:
    splits = {"Sample/Ada": TEST}
    plain = coherence_examples(SCORED, splits, "plain")
    assert [(item.label, item.split, item.source) for item in plain] == [(0.9, TEST, "scored"), (1.0, TEST, "scored")]
    published = coherence_examples(SCORED, splits, "published")
    assert published[0].label == pytest.approx(0.9 + 0.001 * (7 - 30))  # "there ." is two words to the published code
    assert published[1].label == 1.0
    word = [SCORED[0]._replace(child_reply="there.")]
    assert coherence_examples(word, splits, "published")[0].label == pytest.approx(0.9 * 0.87 + 0.001 * (6 - 30))
    (line,) = clarity_examples(SCORED, splits, "plain")
    assert line.label == pytest.approx(0.7) and (line.caregiver, line.reply) == ("where is it ?", "")


def test_scored_pairs_of_every_kind(tmp_path: Path) -> None:
    rows = [pair._asdict() for pair in SCORED]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    (tmp_path / "a.csv").write_text(
        "folder_name,child_name,years,months,days,text,CHI_response,adult_coherence_score,child_coherence_score\n"
        "Sample/Ada,Ada,2,0,0,where is it ?,there .,0.8,0.9\n"
    )
    assert read_scored(tmp_path / "a.jsonl") == read_scored(tmp_path / "a.parquet") == SCORED
    assert read_scored(tmp_path / "a.csv") == SCORED[:1]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "hold no exchange"),
        ("no JSON\n", "cannot read"),
        ('{"caregiver": "a"}\n', "lack the column 'child_reply'"),
        ('{"caregiver": "a", "child_reply": "b", "caregiver_score": 2, "reply_score": 0}\n', "outside"),
    ],
)
def test_useless_scores_are_named(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text(text)
    with pytest.raises(SettingsError, match=f"{file}.*{why}|{why}.*{file}"):
        read_scored(file)


def test_missing_scores_are_asked_for(tmp_path: Path) -> None:
    table = pa.table({"caregiver": ["a b c ?"], "child_reply": ["d"], "child": ["x/y"], "split": ["train"]})
    for name in ("pairs", "utterances"):
        parquet.write_table(table, tmp_path / f"{name}.parquet")
    with pytest.raises(SettingsError, match="train label"):
        gather(tmp_path, read_pairs(tmp_path / "pairs.parquet"), RewardsSettings(labels="scored"))

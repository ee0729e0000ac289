"""Scoring: what reward models of every form give, and how they are loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer

from robot_runtime.check.length import SplitGaussian
from robot_runtime.errors import SettingsError
from toddler_training.rewards.reward import (
    LearnedReward,
    LengthReward,
    Reading,
    load_learned,
    load_rewards,
    score_all,
)
from toddler_training.rewards.scorer import new_bert, new_tokenizer, read_tokenizer

TEXTS = ["where is the big ball ?", "ball under the table .", "no !", "what does the cow say ?", "moo ."] * 3
LINES, REPLIES = ["where is the big ball?", "What does the cow say?"], ["no! under the table.", "moo"]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return new_tokenizer(TEXTS, 200)


def bert(tokenizer: Tokenizer, reads: str, max_tokens: int = 32, **scale: float) -> LearnedReward:
    torch.manual_seed(3)
    model = new_bert(tokenizer, 32, 1, 2, 0.1)
    model.classifier.bias.data.fill_(0.0)
    return LearnedReward(
        "coherence", model, Tokenizer.from_str(tokenizer.to_str()), Reading(reads, max_tokens, **scale)
    )


@pytest.mark.parametrize("reads", ["reply", "both", "caregiver"])
def test_scores_are_what_transformers_computes(tokenizer: Tokenizer, reads: str) -> None:
    reward = bert(tokenizer, reads)
    scores = reward.score(LINES, REPLIES)
    for line, reply, score in zip(LINES, REPLIES, scores, strict=True):
        encoded = (
            tokenizer.encode(line, reply) if reads == "both" else tokenizer.encode({"reply": reply}.get(reads, line))
        )
        with torch.no_grad():
            logit = reward.model(
                input_ids=torch.tensor([encoded.ids]), token_type_ids=torch.tensor([encoded.type_ids])
            ).logits
        assert score == pytest.approx(torch.sigmoid(logit).item(), abs=1e-6)
    assert len({round(score, 4) for score in scores}) == 2


def test_pairs_have_two_sentences(tokenizer: Tokenizer) -> None:
    encoded = tokenizer.encode("no", "moo")
    assert encoded.tokens == ["[CLS]", "no", "[SEP]", "moo", "[SEP]"] and encoded.type_ids == [0, 0, 0, 1, 1]


def test_the_order_and_company_of_texts_do_not_matter(tokenizer: Tokenizer) -> None:
    reward = bert(tokenizer, "both")
    lines, replies = (LINES * 300)[:500], (REPLIES * 300)[:500]
    together = reward.score(lines, replies)
    assert together == pytest.approx(reward.score(LINES, REPLIES) * 250, abs=1e-6)
    longer = reward.score([*LINES, TEXTS[0] * 3], [*REPLIES, TEXTS[3]])
    assert longer[:2] == pytest.approx(together[:2], abs=1e-6)
    assert reward.score([], []) == []


@pytest.mark.parametrize("silence", ["", " ", "...", "?!"])
def test_silence_is_no_reply(tokenizer: Tokenizer, silence: str) -> None:
    for reads in ("reply", "both"):
        assert bert(tokenizer, reads).score(LINES[:1], [silence]) == [0.0]
    assert bert(tokenizer, "caregiver").score(LINES[:1], [silence])[0] > 0


def test_long_texts_are_cut(tokenizer: Tokenizer) -> None:
    reward = bert(tokenizer, "reply", 8)
    assert reward.score(["", ""], ["no " * 6, "no " * 500]) == pytest.approx(reward.score([""], ["no " * 6]) * 2)


def test_scaling(tokenizer: Tokenizer) -> None:
    plain = bert(tokenizer, "reply").score(LINES, REPLIES)
    low, high = min(plain), max(plain)
    scaled = bert(tokenizer, "reply", low=low, high=high).score(LINES, REPLIES)
    assert sorted(scaled) == pytest.approx([0.0, 1.0], abs=1e-5)
    middle = bert(tokenizer, "reply", low=(low + high) / 2, high=1.0).score(LINES, REPLIES)
    assert min(middle) == 0.0


def test_saved_and_loaded_again(tokenizer: Tokenizer, tmp_path: Path) -> None:
    reward = bert(tokenizer, "both", low=0.1, high=0.9)
    reward.save(tmp_path)
    again = load_learned("coherence", tmp_path)
    assert again.reading == reward.reading
    assert again.score(LINES, REPLIES) == reward.score(LINES, REPLIES)
    assert (tmp_path / "model.safetensors").is_file()
    assert json.loads((tmp_path / "tokenizer.json").read_text())["truncation"] is None


def published_form(folder: Path, tokenizer: Tokenizer) -> Any:
    """A folder as sentence-transformers' CrossEncoder saves a BERT with one label."""
    from transformers import BertTokenizer

    reward = bert(tokenizer, "both")
    reward.model.config.sentence_transformers = {"activation_fn": "torch.nn.modules.activation.Sigmoid"}
    reward.model.save_pretrained(folder)
    vocabulary = folder / "made.txt"
    words = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    vocabulary.write_text("\n".join(word for word, _ in words))
    BertTokenizer(vocab=str(vocabulary)).save_pretrained(folder)
    vocabulary.rename(folder / "vocab.txt")
    return reward


@pytest.mark.parametrize("file", ["tokenizer.json", "vocab.txt"])
def test_the_published_form_loads(tokenizer: Tokenizer, tmp_path: Path, file: str) -> None:
    reward = published_form(tmp_path, tokenizer)
    if file == "vocab.txt":
        (tmp_path / "tokenizer.json").unlink()
        assert read_tokenizer(tmp_path).encode("no", "moo").type_ids == [0, 0, 0, 1, 1]
    loaded = load_learned("coherence", tmp_path, Reading("both", 32))
    assert loaded.score(LINES, REPLIES) == pytest.approx(reward.score(LINES, REPLIES), abs=1e-6)


def test_other_folders_are_refused(tokenizer: Tokenizer, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=f"{tmp_path} is no reward model"):
        load_learned("childish", tmp_path)
    reward = bert(tokenizer, "both")
    reward.model.config.num_labels = 3
    reward.model.classifier = torch.nn.Linear(32, 3)
    reward.save(tmp_path)
    with pytest.raises(SettingsError, match="has 3 outputs"):
        load_learned("childish", tmp_path)
    with pytest.raises(SettingsError, match="cannot read"):
        Reading("nothing", 32)


def test_all_rewards_of_a_run(tokenizer: Tokenizer, tmp_path: Path) -> None:
    for name, reads in (("childish", "reply"), ("coherence", "both"), ("clarity", "caregiver")):
        bert(tokenizer, reads).save(tmp_path / name)
    with pytest.raises(SettingsError, match=r"length\.json"):
        load_rewards(tmp_path)
    shape = {"median": 2.0, "left_variance": 0.7, "right_variance": 10.3, "temperature": 1.0}
    (tmp_path / "length.json").write_text(json.dumps(shape | {"utterances": 5, "source": "a test"}))
    rewards = load_rewards(tmp_path)
    lines, replies = LINES * 3 + LINES[:1], REPLIES * 3 + ["no"]
    scores = score_all(rewards, lines, replies)
    assert scores.keys() == {"childish", "coherence", "clarity", "length"}
    for name, reward in rewards.items():
        assert reward.name in (name, "coherence")
        assert scores[name] == pytest.approx(reward.score(lines, replies), abs=1e-6)


def test_length_is_the_runtime_s_own_check() -> None:
    shape = SplitGaussian()
    assert LengthReward(shape).score(LINES, REPLIES) == [shape.score(reply) for reply in REPLIES]

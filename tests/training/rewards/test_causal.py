"""A causal language model as the start of a classifier."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from model_fixtures import make_model
from toddler_training.base.base import load_tokenizer
from toddler_training.base.prompting import Prompter
from toddler_training.rewards.causal import is_causal, prompt_tokenizer
from toddler_training.rewards.reward import LearnedReward, Reading, load_learned
from toddler_training.rewards.scorer import new_bert, new_tokenizer, pretrained

LINES = ["Where is your bag?", "What did you have for lunch?", "No?"]
REPLIES = ["In the car.", "2 peas <|im_end|> and more juice, please!", "no"]
READING = Reading("both", 200)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Llama that fills with the very token that ends a reply, as SmolLM2 does."""
    return make_model(tmp_path_factory.mktemp("llama"))


def reward(base: Path) -> LearnedReward:
    torch.manual_seed(1)
    tokenizer, end_id = prompt_tokenizer(base, "toddler-llm", "both")
    return LearnedReward("coherence", pretrained(base, 0.1, pad_id=int(end_id == 0)), tokenizer, READING)


def test_it_is_told_from_an_encoder(base: Path, tmp_path: Path) -> None:
    assert is_causal(base)
    new_bert(new_tokenizer(LINES, 200), 16, 1, 2, 0.0).save_pretrained(tmp_path)
    assert not is_causal(tmp_path)


def test_it_reads_what_the_language_model_reads(base: Path) -> None:
    prompter = Prompter(load_tokenizer(base), "toddler-llm")
    tokenizer, end_id = prompt_tokenizer(base, "toddler-llm", "both")
    READING.apply(tokenizer)
    for line, reply in zip(LINES, REPLIES, strict=True):
        assert tokenizer.encode(line, reply).ids == prompter.prompt_ids(line) + prompter.reply_ids(reply)
    for reads, text in (("reply", REPLIES[1]), ("caregiver", LINES[1])):
        alone, _ = prompt_tokenizer(base, "toddler-llm", reads)
        Reading(reads, 200).apply(alone)
        ids = alone.encode(text).ids
        words = prompter.reply_ids(text)  # and the end
        assert ids[-len(words) :] == words and words[-1] == end_id


def test_what_is_too_long_keeps_its_markup(base: Path) -> None:
    tokenizer, end_id = prompt_tokenizer(base, "toddler-llm", "both")
    whole = tokenizer.encode(LINES[0], REPLIES[0] * 30).ids
    Reading("both", 180).apply(tokenizer)
    cut = tokenizer.encode(LINES[0], REPLIES[0] * 30).ids
    assert len(whole) > len(cut) == 180 and cut[:20] == whole[:20] and cut[-1] == end_id


def test_the_score_is_read_at_the_last_token_whatever_fills_the_batch(base: Path) -> None:
    scorer = reward(base)
    tokenizer: Tokenizer = scorer._tokenizer
    for line, reply, score in zip(LINES, REPLIES, scorer.score(LINES, REPLIES), strict=True):
        ids = torch.tensor([tokenizer.encode(line, reply).ids])
        with torch.no_grad():
            last = scorer.model.score(scorer.model.model(input_ids=ids)[0][0, -1])
        assert score == pytest.approx(torch.sigmoid(last).item(), abs=1e-5)


def test_saved_and_loaded_again(base: Path, tmp_path: Path) -> None:
    scorer = reward(base)
    scorer.save(tmp_path)
    assert load_learned("coherence", tmp_path).score(LINES, REPLIES) == scorer.score(LINES, REPLIES)


def test_it_may_keep_its_lower_layers_only(base: Path) -> None:
    whole, lower = pretrained(base, 0.0), pretrained(base, 0.0, layers=1)
    assert whole.config.num_hidden_layers == 3 and lower.config.num_hidden_layers == 1
    assert torch.equal(whole.model.layers[0].mlp.up_proj.weight, lower.model.layers[0].mlp.up_proj.weight)
    assert pretrained(base, 0.0, layers=9).config.num_hidden_layers == 3

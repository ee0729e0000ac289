from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from robot_runtime.errors import SettingsError
from toddler_training.bundled.tokenizer import (
    SPECIALS,
    load_tokenizer,
    padded_vocabulary,
    save_tokenizer,
    train_tokenizer,
)

LINES = ["where is your ball?", "me throwed ball.", "two balls!", "what did you eat today, Pip?"] * 20
TOKENIZER = train_tokenizer(LINES, 512)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_comes_back(text: str) -> None:
    ids = TOKENIZER.encode(text).ids
    assert TOKENIZER.decode(ids, skip_special_tokens=False) == text


def test_control_tokens_have_the_first_ids() -> None:
    assert TOKENIZER.encode("".join(SPECIALS)).ids == [0, 1, 2, 3]


def test_digits_are_set_apart() -> None:
    assert TOKENIZER.encode("2026").tokens == ["2", "0", "2", "6"]


def test_words_of_the_text_become_tokens() -> None:
    assert TOKENIZER.encode("where is your ball?").tokens[-2:] == ["Ġball", "?"]


def test_the_saved_tokenizer_gives_the_same_ids_in_transformers(tmp_path: Path) -> None:
    from transformers import PreTrainedTokenizerFast

    save_tokenizer(TOKENIZER, tmp_path, 512)
    theirs = PreTrainedTokenizerFast.from_pretrained(tmp_path)
    text = "<|adult|>I've 2 “balls” 🙂<|child|>ball!<|end|>"
    assert theirs(text)["input_ids"] == load_tokenizer(tmp_path).encode(text).ids
    assert (theirs.bos_token_id, theirs.eos_token_id, theirs.pad_token_id) == (0, 3, 0)


def test_the_embedding_is_filled_up_to_a_multiple_of_256() -> None:
    assert TOKENIZER.get_vocab_size() < 512
    assert padded_vocabulary(TOKENIZER) == 512


@pytest.mark.parametrize("vocabulary", [256, 300, -512])
def test_a_vocabulary_that_does_not_fit_is_refused(vocabulary: int) -> None:
    with pytest.raises(SettingsError, match="multiple of 256"):
        train_tokenizer(LINES, vocabulary)


def test_a_missing_tokenizer_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no tokenizer at .*tokenizer\.json"):
        load_tokenizer(tmp_path)


def test_a_foreign_tokenizer_is_refused(tmp_path: Path) -> None:
    save_tokenizer(TOKENIZER, tmp_path, 512)
    path = tmp_path / "tokenizer.json"
    content = json.loads(path.read_text("utf-8"))
    content["added_tokens"] = []
    content["model"]["vocab"] = {
        token.replace("<|child|>", "<|kid|>"): number for token, number in content["model"]["vocab"].items()
    }
    path.write_text(json.dumps(content), "utf-8")
    assert Tokenizer.from_file(str(path)).token_to_id("<|kid|>") == 2
    with pytest.raises(SettingsError, match="lacks the control tokens"):
        load_tokenizer(tmp_path)

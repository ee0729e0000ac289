"""The bundled model's own tokenizer: byte-level BPE with one control token before each speaker.

The pre-tokenizer is the layout that llama.cpp knows as `smollm`: digits one by one, then the GPT-2 split. Every
text has ids, since all 256 bytes are tokens.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from robot_runtime.errors import SettingsError

SPECIALS = ("<|endoftext|>", "<|adult|>", "<|child|>", "<|end|>")
"""Control tokens; the place in the tuple is the id."""
START, ADULT, CHILD, END = range(4)
SMALLEST_VOCABULARY = len(SPECIALS) + 256
"""Control tokens and bytes; fewer cannot spell every text."""
VOCABULARY_STEP = 256
"""Vocabularies are a multiple of this, so that every quantisation of llama.cpp fits the embedding."""


def train_tokenizer(lines: Iterable[str], vocabulary: int) -> Tokenizer:
    """Learn the merges from `lines`.

    Args:
        lines: What people say, one utterance each, without control tokens.
        vocabulary: Tokens wanted, control tokens included; a small text may give fewer.

    Raises:
        SettingsError: `vocabulary` is no multiple of 256 or too small.
    """
    if vocabulary < SMALLEST_VOCABULARY or vocabulary % VOCABULARY_STEP:
        raise SettingsError(
            f"a vocabulary of {vocabulary} tokens does not fit: give a multiple of {VOCABULARY_STEP}, "
            f"{2 * VOCABULARY_STEP} or more"
        )
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(SPECIALS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(lines, trainer)
    return tokenizer


def save_tokenizer(tokenizer: Tokenizer, folder: Path, context: int) -> None:
    """Write tokenizer.json and the two small files that Hugging Face's loaders look for.

    Args:
        tokenizer: The tokenizer.
        folder: Where to write; made when missing.
        context: Longest sequence of the model, in tokens.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = {
        "bos_token": SPECIALS[START],
        "eos_token": SPECIALS[END],
        "unk_token": SPECIALS[START],
        "pad_token": SPECIALS[START],
    }
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "add_bos_token": False,
        "add_eos_token": False,
        "clean_up_tokenization_spaces": False,
        "model_max_length": context,
        **names,
    }
    tokenizer.save(str(folder / "tokenizer.json"))
    for name, content in (("tokenizer_config.json", config), ("special_tokens_map.json", names)):
        (folder / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def load_tokenizer(folder: Path) -> Tokenizer:
    """Read what `save_tokenizer` wrote.

    Raises:
        SettingsError: there is no tokenizer of this kind in `folder`.
    """
    path = folder / "tokenizer.json"
    if not path.is_file():
        raise SettingsError(f"no tokenizer at {path}: train one first")
    tokenizer = Tokenizer.from_file(str(path))
    if [tokenizer.token_to_id(special) for special in SPECIALS] != list(range(len(SPECIALS))):
        raise SettingsError(f"{path} lacks the control tokens {' '.join(SPECIALS)} at ids 0 to 3")
    return tokenizer


def padded_vocabulary(tokenizer: Tokenizer) -> int:
    """Rows that the model's embedding has: the tokens, filled up to a multiple of 256."""
    return -(-tokenizer.get_vocab_size() // VOCABULARY_STEP) * VOCABULARY_STEP

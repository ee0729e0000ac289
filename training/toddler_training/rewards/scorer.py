"""The classifiers that rewards are made of: a new small BERT, or a model that is known by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from robot_runtime.errors import SettingsError

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
"""BERT's special tokens, in the order of their ids here."""


def source_folder(name: str) -> Path:
    """The Hugging Face folder of a model.

    Args:
        name: a folder, or owner/name on the Hugging Face Hub, which is fetched once.

    Raises:
        ModelError: it is neither, or cannot be fetched.
    """
    from toddler_training.base.base import base_folder
    from toddler_training.base.settings import BaseSettings

    return base_folder(BaseSettings(model=name))


def read_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of a model, from tokenizer.json or, where that is missing, vocab.txt.

    Raises:
        SettingsError: it has neither.
    """
    if (folder / "tokenizer.json").is_file():
        return Tokenizer.from_file(str(folder / "tokenizer.json"))
    if not (folder / "vocab.txt").is_file():
        raise SettingsError(f"{folder} holds neither tokenizer.json nor vocab.txt")
    from transformers import BertTokenizer

    tokenizer: Tokenizer = BertTokenizer.from_pretrained(folder).backend_tokenizer
    return tokenizer


def new_tokenizer(texts: Iterable[str], vocabulary: int) -> Tokenizer:
    """A lower-case WordPiece tokenizer that writes a text or a pair of texts as BERT reads it.

    Its pieces are the characters and the commonest whole words of the texts; the others are spelt. The library's own
    trainer numbers its pieces in another order each time, so that no run could be repeated.

    Args:
        texts: what to read.
        vocabulary: most pieces, if the characters leave room for words.
    """
    from tokenizers import models, normalizers, pre_tokenizers, processors

    normalizer, splitter = normalizers.BertNormalizer(lowercase=True), pre_tokenizers.BertPreTokenizer()
    counts = Counter(word for text in texts for word, _ in splitter.pre_tokenize_str(normalizer.normalize_str(text)))
    characters = sorted({character for word in counts for character in word})
    pieces = [*SPECIAL, *characters, *(f"##{character}" for character in characters)]
    words = sorted(counts.keys() - set(characters), key=lambda word: (-counts[word], word))
    pieces += words[: max(0, vocabulary - len(pieces))]
    tokenizer = Tokenizer(models.WordPiece({piece: at for at, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.add_special_tokens(list(SPECIAL))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer, splitter
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")],
    )
    return tokenizer


def new_bert(tokenizer: Tokenizer, hidden: int, layers: int, heads: int, dropout: float) -> Any:
    """A small BERT classifier with one output and random weights.

    Args:
        tokenizer: gives the vocabulary.
        hidden: width; the feed-forward layers are 4 times as wide.
        layers: number of them.
        heads: of each.
        dropout: everywhere, 0 to below 1.
    """
    from transformers import BertConfig, BertForSequenceClassification

    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=4 * hidden,
        max_position_embeddings=128,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        initializer_range=hidden**-0.5,  # BERT's 0.02 suits a width of 768; so narrow a model hardly learns from it
        num_labels=1,  # type: ignore[call-arg]  # of every configuration, not in its signature
    )
    return BertForSequenceClassification(config)


def pretrained(folder: Path, dropout: float, pad_id: int | None = None, layers: int = 0) -> Any:
    """A pretrained model with a new output.

    Args:
        folder: a BERT's, or a causal language model's, whose output is taken at the last token that is no filling.
        dropout: everywhere, 0 to below 1; a Llama has none.
        pad_id: token that fills short texts, None is the model's own. A text must not end with it.
        layers: how many are kept, from below; 0 is all.

    Raises:
        SettingsError: it cannot be loaded.
    """
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification
    from transformers.utils import logging

    before = logging.get_verbosity()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # the output is new: no need to warn of it
    try:
        config = AutoConfig.from_pretrained(folder, num_labels=1)
        for key in ("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout"):
            if hasattr(config, key):
                setattr(config, key, dropout)
        if pad_id is not None:
            config.pad_token_id = pad_id
        if layers:
            config.num_hidden_layers = min(layers, config.num_hidden_layers)
        return AutoModelForSequenceClassification.from_pretrained(
            folder, config=config, use_safetensors=True, dtype=torch.float32
        )
    except (OSError, ValueError) as error:
        raise SettingsError(f"cannot load the model in {folder}: {error}") from error
    finally:
        logging.set_verbosity(before)

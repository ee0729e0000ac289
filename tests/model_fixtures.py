"""Models with the shape of SmolLM2, small enough for a test; and what transformers and bare llama.cpp make of them."""

from __future__ import annotations

import ctypes
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import llama_cpp.llama_cpp as llama
import numpy
import torch
from numpy.typing import NDArray
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

SENTENCES = (
    "Where is your bag? It is in the car.",
    "What did you have for lunch? Me had 2 cookies and 13 peas.",
    'Daddy said "no", and the dog didn\'t come.',
    "Do you want more juice? More juice, please!",
    "Look, a big red ball! The ball is under the table.",
)

CHAT_TEMPLATE = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"

SPECIAL_TOKENS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")


@dataclass(frozen=True)
class Variant:
    """What may differ from the usual test model."""

    dtype: torch.dtype = torch.float32
    tied: bool = True
    shard_size: str = "5GB"
    extra_rows: int = 0
    """Embedding rows beyond the tokenizer."""
    rope_theta: float = 100000.0
    seed: int = 1


def make_tokenizer() -> Tokenizer:
    """A byte-level BPE that sets digits apart, as SmolLM2's."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=384,
        special_tokens=[AddedToken(token, special=True) for token in SPECIAL_TOKENS],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES * 4, trainer)
    return tokenizer


def make_model(folder: Path, variant: Variant = Variant()) -> Path:
    """Write config.json, safetensors and tokenizer files; returns the folder."""
    tokenizer = make_tokenizer()
    torch.manual_seed(variant.seed)
    config = LlamaConfig(
        vocab_size=tokenizer.get_vocab_size() + variant.extra_rows,
        hidden_size=96,
        intermediate_size=256,
        num_hidden_layers=3,
        num_attention_heads=6,
        num_key_value_heads=2,
        max_position_embeddings=256,
        rms_norm_eps=1e-5,
        tie_word_embeddings=variant.tied,
        rope_parameters={"rope_type": "default", "rope_theta": variant.rope_theta},
        initializer_range=0.07,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
    )
    model = LlamaForCausalLM(config)
    torch.nn.Module.to(model, variant.dtype)
    model.save_pretrained(folder, max_shard_size=variant.shard_size)
    tokenizer.save(str(folder / "tokenizer.json"))
    described = {
        "tokenizer_class": "GPT2Tokenizer",
        "bos_token": "<|im_start|>",
        "eos_token": "<|im_end|>",
        "pad_token": "<|im_end|>",
        "unk_token": "<|endoftext|>",
        "chat_template": CHAT_TEMPLATE,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(described))
    return folder


def hugging_face_ids(folder: Path, text: str) -> list[int]:
    """Token ids by transformers."""
    return list(PreTrainedTokenizerFast.from_pretrained(folder).encode(text, add_special_tokens=False))


def hugging_face_logits(folder: Path, tokens: Sequence[int]) -> NDArray[numpy.float32]:
    """Logits by transformers in 32-bit floats, (tokens, vocabulary)."""
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)
    with torch.no_grad():
        logits: NDArray[numpy.float32] = model(torch.tensor([list(tokens)])).logits[0].numpy()
    return logits


class RawLlama:
    """A GGUF file in llama.cpp, without anything of ours."""

    def __init__(self, path: Path) -> None:
        self._log = llama.llama_log_callback(lambda level, text, data: None)
        llama.llama_log_set(self._log, ctypes.c_void_p(0))
        llama.llama_backend_init()
        model_params = llama.llama_model_default_params()
        model_params.use_extra_bufts = False
        self.model = llama.llama_model_load_from_file(os.fsencode(path), model_params)
        assert self.model, f"llama.cpp cannot load {path}"
        params = llama.llama_context_default_params()
        params.n_ctx = 256
        params.n_threads = params.n_threads_batch = 1
        self.context = llama.llama_init_from_model(self.model, params)
        self.vocab = llama.llama_model_get_vocab(self.model)

    def __enter__(self) -> RawLlama:
        return self

    def __exit__(self, *exc: object) -> None:
        llama.llama_free(self.context)
        llama.llama_model_free(self.model)

    def ids(self, text: str) -> list[int]:
        """Token ids, control tokens in the text included, with whatever the file asks to add."""
        raw = text.encode()
        room = (llama.llama_token * (len(raw) + 8))()
        count = llama.llama_tokenize(self.vocab, raw, len(raw), room, len(room), True, True)
        assert count >= 0
        return list(room[:count])

    def logits(self, tokens: Sequence[int]) -> NDArray[numpy.float32]:
        """Logits at every position, (tokens, vocabulary)."""
        batch = llama.llama_batch_init(len(tokens), 0, 1)
        batch.n_tokens = len(tokens)
        for i, token in enumerate(tokens):
            batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.logits[i] = token, i, 1, True
            batch.seq_id[i][0] = 0
        assert llama.llama_decode(self.context, batch) == 0
        llama.llama_batch_free(batch)
        size = llama.llama_vocab_n_tokens(self.vocab)
        rows = [llama.llama_get_logits_ith(self.context, i)[:size] for i in range(len(tokens))]
        llama.llama_memory_clear(llama.llama_get_memory(self.context), True)
        return numpy.array(rows, numpy.float32)

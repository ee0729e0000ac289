"""Models with the shape of a real one and random weights: their speed and size are real, what they say is not.

Their tokenizer knows the words that people use with toddlers, each as one token as in the real one, if their
vocabulary is large enough: so a prompt has as many tokens as it would have there.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from robot_runtime.errors import MissingExtraError, SettingsError


@dataclass(frozen=True)
class Shape:
    """A Llama model's dimensions."""

    hidden: int
    """Width of the residual stream."""
    feed_forward: int
    """Width of the feed-forward layers."""
    layers: int
    """Number of layers."""
    heads: int
    """Attention heads."""
    kv_heads: int
    """Key and value heads."""
    vocabulary: int
    """Tokens."""
    rope_theta: float
    """Base of the rotary embedding."""


SHAPES = {
    "smollm2-360m": Shape(960, 2560, 32, 15, 5, 49152, 100000.0),
    "smollm2-135m": Shape(576, 1536, 30, 9, 3, 49152, 100000.0),
}
"""From the config.json of HuggingFaceTB/SmolLM2-360M and -135M."""

BLOCK = 32
"""Weights that share a scale in Q8_0."""


def shaped_model(name: str, folder: Path) -> Path:
    """A Q8_0 model of that shape, made on first use and kept in `folder`.

    Raises:
        SettingsError: no such shape.
        MissingExtraError: the extra `models` is not installed.
    """
    if name not in SHAPES:
        raise SettingsError(f"no shape '{name}'; there are: {', '.join(SHAPES)}")
    path = folder / f"random-{name}-words-q8_0.gguf"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        write(SHAPES[name], partial)
        partial.rename(path)
    return path


def write(shape: Shape, path: Path) -> None:
    """Write a model with weights drawn at random, quantised as they are drawn."""
    import numpy as np

    try:
        import gguf
    except ModuleNotFoundError as error:
        raise MissingExtraError("making a model", "models") from error

    chance = np.random.default_rng(0)
    writer = gguf.GGUFWriter(path, "llama")
    head = shape.hidden // shape.heads
    writer.add_block_count(shape.layers)
    writer.add_context_length(2048)
    writer.add_embedding_length(shape.hidden)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(shape.rope_theta)
    writer.add_rope_dimension_count(head)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    _vocabulary(writer, shape.vocabulary)

    def matrix(name: str, rows: int, columns: int) -> None:
        # A Q8_0 block is a 16-bit scale and 32 8-bit weights.
        blocks = np.empty((rows, columns // BLOCK, 2 + BLOCK), np.uint8)
        blocks[..., 2:] = chance.integers(0, 256, (rows, columns // BLOCK, BLOCK), np.uint8)
        blocks[..., :2] = np.array([columns**-0.5 / 74], np.float16).view(np.uint8)  # 74: spread of random bytes
        writer.add_tensor(name, blocks.reshape(rows, -1), raw_dtype=gguf.GGMLQuantizationType.Q8_0)

    def ones(name: str) -> None:
        writer.add_tensor(name, np.ones(shape.hidden, np.float32))

    matrix("token_embd.weight", shape.vocabulary, shape.hidden)
    ones("output_norm.weight")
    for layer in range(shape.layers):
        block = f"blk.{layer}"
        ones(f"{block}.attn_norm.weight")
        matrix(f"{block}.attn_q.weight", shape.hidden, shape.hidden)
        matrix(f"{block}.attn_k.weight", shape.kv_heads * head, shape.hidden)
        matrix(f"{block}.attn_v.weight", shape.kv_heads * head, shape.hidden)
        matrix(f"{block}.attn_output.weight", shape.hidden, shape.hidden)
        ones(f"{block}.ffn_norm.weight")
        matrix(f"{block}.ffn_gate.weight", shape.feed_forward, shape.hidden)
        matrix(f"{block}.ffn_up.weight", shape.feed_forward, shape.hidden)
        matrix(f"{block}.ffn_down.weight", shape.hidden, shape.feed_forward)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _vocabulary(writer: object, size: int) -> None:
    """ChatML's control tokens, the 256 bytes, words with their beginnings, and fillers."""
    import gguf

    assert isinstance(writer, gguf.GGUFWriter)
    control = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    # The byte alphabet of GPT-2's BPE: printable bytes stand for themselves, the others for characters from 256 on.
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    other = [byte for byte in range(256) if byte not in plain]
    alphabet = [chr(byte) for byte in plain] + [chr(256 + i) for i in range(len(other))]
    room = size - len(control) - len(alphabet)
    merges = _merges()
    if len(merges) > room:
        merges = ["Ġ w"]
    words = [merge.replace(" ", "") for merge in merges]
    words += [f"Ġw{i}" for i in range(room - len(words))]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list([*control, *alphabet, *words])
    kinds = [gguf.TokenType.CONTROL] * len(control) + [gguf.TokenType.NORMAL] * (size - len(control))
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(False)
    writer.add_string("toddler.prompt_format", "chatml")


def _merges() -> list[str]:
    """Pairs of tokens that become one, the first ones first: a word letter by letter, after a space and without."""
    files = ("check/data/toddler_words.txt", "bench/caregiver_lines.txt", "mind/prompt_formats.toml")
    text = " ".join(resources.files("robot_runtime").joinpath(file).read_text("utf-8") for file in files)
    words = sorted(set(re.findall("[A-Za-z]+", text)))
    spaced = [f"Ġ{word[:end]} {word[end]}" for word in words for end in range(len(word))]
    bare = [f"{word[:end]} {word[end]}" for word in words for end in range(1, len(word))]
    return list(dict.fromkeys(spaced + bare))

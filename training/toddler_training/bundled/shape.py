"""The bundled model's shape, and the empty model of that shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from toddler_training.bundled.tokenizer import END, START


@dataclass(frozen=True)
class ModelShape:
    """Dimensions of a Llama-architecture model; the defaults are the bundled model's.

    All are multiples of 256 (head size apart), so that every quantisation of llama.cpp fits every tensor.
    """

    vocabulary: int = 4096
    """Rows of the embedding, which is also the output matrix; a multiple of 256."""
    hidden: int = 256
    """Width of the residual stream."""
    layers: int = 5
    """Transformer layers."""
    heads: int = 4
    """Attention heads."""
    kv_heads: int = 4
    """Key and value heads; divides `heads`."""
    feed_forward: int = 768
    """Inner width of each feed-forward part."""
    context: int = 128
    """Longest conversation that the model is declared for, in tokens: the length of the rows that it is trained on."""


def new_model(shape: ModelShape) -> Any:
    """A `LlamaForCausalLM` with random weights from torch's generator; embedding and output are one matrix."""
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.feed_forward,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.kv_heads,
        head_dim=shape.hidden // shape.heads,
        max_position_embeddings=shape.context,
        tie_word_embeddings=True,
        bos_token_id=START,
        eos_token_id=END,
        pad_token_id=START,
    )
    return LlamaForCausalLM(config)


def parameter_count(model: Any) -> int:
    """Weights of the model, shared ones counted once."""
    return sum(parameter.numel() for parameter in model.parameters())

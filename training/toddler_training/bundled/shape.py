"""The bundled model's shape, and the empty model of that shape."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from robot_runtime.errors import SettingsError
from toddler_training.bundled.tokenizer import END, START


@dataclass(frozen=True)
class ModelShape:
    """Dimensions of a Llama-architecture model; the defaults are the bundled model's.

    The widths are multiples of 256, so that every quantisation of llama.cpp fits every tensor.
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


def grow(model: Any, smaller: Any) -> None:
    """Give a model the weights of a smaller one that differs in nothing but its number of layers; it computes the same.

    The layers are spread evenly. Where several come from one, the first is that one; the others are copies whose two
    output matrices are zero, so that they add nothing until they learn to (as in C. Wu et al., "LLaMA Pro", 2024).

    Raises:
        SettingsError: they differ in more than that, or the smaller one has more layers.
    """
    import torch

    size, few = model.config.num_hidden_layers, smaller.config.num_hidden_layers
    weights = smaller.state_dict()
    grown = {}
    for name, own in model.state_dict().items():
        source, copied = name, False
        if (found := re.match(r"model\.layers\.(\d+)\.", name)) is not None:
            layer = int(found[1])
            origin = layer * few // size
            copied = layer > 0 and (layer - 1) * few // size == origin
            source = name.replace(f".{layer}.", f".{origin}.", 1)
        if size < few or source not in weights or weights[source].shape != own.shape:
            raise SettingsError(
                "training can start from a model with the same vocabulary and widths and as many layers or fewer; "
                f"{name} does not fit"
            )
        silent = copied and name.endswith(("o_proj.weight", "down_proj.weight"))
        grown[name] = torch.zeros_like(own) if silent else weights[source]
    model.load_state_dict(grown)


def parameter_count(model: Any) -> int:
    """Weights of the model, shared ones counted once."""
    return sum(parameter.numel() for parameter in model.parameters())

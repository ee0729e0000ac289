"""config.json of a Llama model: what the exporter needs of it, and refusal of what it cannot carry over."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robot_runtime.errors import ConversionError


@dataclass(frozen=True)
class LlamaConfig:
    """The shape of a Llama model."""

    layers: int
    """Transformer blocks."""
    hidden: int
    """Numbers in one position's state."""
    feed_forward: int
    """Numbers in the middle of a feed-forward part."""
    heads: int
    """Attention heads."""
    kv_heads: int
    """Key-value heads; divides `heads`."""
    head_size: int
    """Numbers in one head; even."""
    context: int
    """Longest sequence in tokens."""
    vocab_size: int
    """Rows of the embedding; may be larger than the tokenizer."""
    norm_epsilon: float
    """Added to the mean square before its root is taken."""
    rope_theta: float
    """Base of the rotary position frequencies."""
    tied: bool
    """Whether the output uses the embedding matrix."""

    def tensor_shapes(self) -> dict[str, tuple[int, ...]]:
        """Hugging Face name and shape of every tensor that the model must have."""
        queries, keys = self.heads * self.head_size, self.kv_heads * self.head_size
        shapes: dict[str, tuple[int, ...]] = {
            "model.embed_tokens.weight": (self.vocab_size, self.hidden),
            "model.norm.weight": (self.hidden,),
        }
        if not self.tied:
            shapes["lm_head.weight"] = (self.vocab_size, self.hidden)
        for layer in range(self.layers):
            for name, shape in {
                "input_layernorm": (self.hidden,),
                "post_attention_layernorm": (self.hidden,),
                "self_attn.q_proj": (queries, self.hidden),
                "self_attn.k_proj": (keys, self.hidden),
                "self_attn.v_proj": (keys, self.hidden),
                "self_attn.o_proj": (self.hidden, queries),
                "mlp.gate_proj": (self.feed_forward, self.hidden),
                "mlp.up_proj": (self.feed_forward, self.hidden),
                "mlp.down_proj": (self.hidden, self.feed_forward),
            }.items():
                shapes[f"model.layers.{layer}.{name}.weight"] = shape
        return shapes


def read_json(file: Path) -> dict[str, Any]:
    """A JSON object from a model's folder.

    Raises:
        ConversionError: the file is missing or holds no JSON object.
    """
    try:
        value = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise ConversionError(f"{file.parent}: {file.name} is missing; is this a Hugging Face model?") from None
    except (OSError, ValueError) as error:
        raise ConversionError(f"{file} cannot be read: {error}") from error
    if not isinstance(value, dict):
        raise ConversionError(f"{file} does not hold a JSON object")
    return value


def read_config(model_dir: Path) -> LlamaConfig:
    """Read config.json.

    Raises:
        ConversionError: it is missing or describes a model that is not a plain Llama.
    """
    config = read_json(model_dir / "config.json")
    _refuse_unfaithful(model_dir, config)
    # transformers 5 keeps all of the rotary settings in one table, transformers 4 keeps theta beside it.
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    try:
        hidden, heads = int(config["hidden_size"]), int(config["num_attention_heads"])
        return LlamaConfig(
            layers=int(config["num_hidden_layers"]),
            hidden=hidden,
            feed_forward=int(config["intermediate_size"]),
            heads=heads,
            kv_heads=int(config.get("num_key_value_heads") or heads),
            head_size=int(config.get("head_dim") or hidden // heads),
            context=int(config["max_position_embeddings"]),
            vocab_size=int(config["vocab_size"]),
            norm_epsilon=float(config["rms_norm_eps"]),
            rope_theta=float(rope.get("rope_theta") or config.get("rope_theta") or 10000.0),
            tied=bool(config.get("tie_word_embeddings", False)),
        )
    except KeyError as error:
        raise ConversionError(f"{model_dir}: config.json has no {error}") from error
    except (TypeError, ValueError) as error:
        raise ConversionError(f"{model_dir}: config.json holds something that is no number: {error}") from error


def _refuse_unfaithful(model_dir: Path, config: dict[str, Any]) -> None:
    """Raise for everything that a plain `llama` GGUF cannot express."""
    kinds = config.get("architectures") or []
    if "LlamaForCausalLM" not in kinds:
        raise ConversionError(f"{model_dir}: only LlamaForCausalLM can be converted, not {', '.join(kinds) or 'this'}")
    for key in ("attention_bias", "mlp_bias"):
        if config.get(key):
            raise ConversionError(f"{model_dir}: config.json sets {key}; models with biases cannot be converted")
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    kind = rope.get("rope_type", rope.get("type", "default"))
    if kind != "default":
        raise ConversionError(f"{model_dir}: rope scaling '{kind}' cannot be converted")
    activation = config.get("hidden_act", "silu")
    if activation != "silu":
        raise ConversionError(f"{model_dir}: the activation '{activation}' cannot be converted; Llama's is silu")
    if "quantization_config" in config:
        raise ConversionError(f"{model_dir}: the weights are quantised already; convert the original model")

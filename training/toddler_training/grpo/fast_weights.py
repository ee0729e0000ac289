"""The policy's weights as decoding wants them: few large matrices, the adapter applied, always at the same address.

Decoding through PEFT takes three multiplications and a dozen Python calls for a projection; here q, k and v are one
projection and gate and up another. In 32-bit precision the adapter is added to the weights, exact to rounding. In half
precision that would lose a tenth of what it learnt (measured: merging into a bfloat16 base, 10 % of the mean change),
so there it stays beside the weights, as in training, in two multiplications for the whole group.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from robot_runtime.errors import SettingsError


class Projection:
    """Linear layers that read the same vector, as one."""

    def __init__(self, layers: Sequence[Any]) -> None:
        """Take their weights as they are now.

        Args:
            layers: `nn.Linear`, or PEFT's LoRA around it.

        Raises:
            SettingsError: a layer is of another kind.
        """
        self._layers = [_Layer(layer) for layer in layers]
        first = self._layers[0].weight
        apart = first.dtype != torch.float32 and any(layer.factors for layer in self._layers)
        inputs, outputs = first.shape[1], sum(layer.weight.shape[0] for layer in self._layers)
        ranks = sum(down.shape[0] for layer in self._layers for down, _, _ in layer.factors)
        self._weight = first.new_empty(outputs, inputs)
        self._down = first.new_empty(ranks, inputs) if apart else None
        self._up = first.new_zeros(outputs, ranks) if apart else None
        self.refresh()

    def refresh(self) -> None:
        """Take the weights as they are now, in place: what reads them by address stays valid."""
        row = rank = 0
        for layer in self._layers:
            rows = slice(row, row + layer.weight.shape[0])
            self._weight[rows].copy_(layer.weight)
            for down, up, scale in layer.factors:
                if self._down is None or self._up is None:
                    self._weight[rows].addmm_(up, down, alpha=scale)
                else:
                    ranks = slice(rank, rank + down.shape[0])
                    self._down[ranks].copy_(down)
                    self._up[rows, ranks].copy_(up * scale)
                    rank = ranks.stop
            row = rows.stop

    def __call__(self, x: Tensor) -> Tensor:
        """Their outputs side by side, (..., sum of outputs)."""
        y = F.linear(x, self._weight)
        return y if self._down is None or self._up is None else y + F.linear(F.linear(x, self._down), self._up)


class _Layer:
    """A linear layer's weight, and the factors of the adapters on it."""

    def __init__(self, layer: Any) -> None:
        from peft.tuners.lora import Linear as LoraLinear

        base: Any = layer.base_layer if isinstance(layer, LoraLinear) else layer
        plain = type(base) is nn.Linear and base.bias is None
        names: list[str] = []
        if isinstance(layer, LoraLinear):
            names = [name for name in layer.active_adapters if name in layer.lora_A]
            plain = plain and not layer.merged and not any(layer.lora_variant.get(name) for name in names)
            plain = plain and not any(layer.lora_bias[name] for name in names)
        if not plain:
            raise SettingsError(f"the fast trainer knows plain linear layers and plain LoRA, not {layer}: use TRL's")
        self.weight: Tensor = base.weight.detach()
        # Detached tensors share the parameters' memory, so that they follow the optimiser.
        self.factors = [
            (layer.lora_A[name].weight.detach(), layer.lora_B[name].weight.detach(), float(layer.scaling[name]))
            for name in names
        ]


class Block:
    """One layer of the transformer."""

    def __init__(self, layer: Any) -> None:
        """Take its weights."""
        attention, forward = layer.self_attn, layer.mlp
        self.before_attention: Tensor = layer.input_layernorm.weight.detach()
        self.qkv = Projection([attention.q_proj, attention.k_proj, attention.v_proj])
        self.out = Projection([attention.o_proj])
        self.before_forward: Tensor = layer.post_attention_layernorm.weight.detach()
        self.gate_up = Projection([forward.gate_proj, forward.up_proj])
        self.down = Projection([forward.down_proj])

    def refresh(self) -> None:
        """Take the weights as they are now."""
        for projection in (self.qkv, self.out, self.gate_up, self.down):
            projection.refresh()


class Weights:
    """All weights of a Llama-architecture model."""

    def __init__(self, model: Any) -> None:
        """Take them as they are now.

        Args:
            model: `LlamaForCausalLM`, LoRA on its linear layers or not; without PEFT's wrapper.

        Raises:
            SettingsError: another architecture, or an adapter of another kind.
        """
        from transformers import LlamaForCausalLM

        embedding, head = model.get_input_embeddings(), model.get_output_embeddings()
        if (
            not isinstance(model, LlamaForCausalLM)
            or type(embedding) is not nn.Embedding
            or type(head) is not nn.Linear
        ):
            raise SettingsError("the fast trainer decodes Llama models with adapters on linear layers only: use TRL's")
        config: Any = model.config
        self.heads: int = config.num_attention_heads
        self.kv_heads: int = config.num_key_value_heads
        self.head_size: int = model.model.layers[0].self_attn.head_dim
        self.epsilon: float = config.rms_norm_eps
        self.activation: Any = model.model.layers[0].mlp.act_fn
        self.embedding: Tensor = embedding.weight.detach()
        self.norm: Tensor = model.model.norm.weight.detach()
        self.head: Tensor = head.weight.detach()
        self.head_bias: Tensor | None = None if head.bias is None else head.bias.detach()
        self.blocks = [Block(layer) for layer in model.model.layers]
        self._rotary = model.model.rotary_emb

    def refresh(self) -> None:
        """Take the weights as they are now, in place."""
        for block in self.blocks:
            block.refresh()

    def rotation(self, length: int) -> tuple[Tensor, Tensor]:
        """Cosine and sine of the rotary embedding for the positions below `length`, (length, head size) each."""
        positions = torch.arange(length, device=self.embedding.device)[None]
        cosine, sine = self._rotary(self.embedding, positions)
        return cosine[0], sine[0]

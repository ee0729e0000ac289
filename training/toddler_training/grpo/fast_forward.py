"""One pass of a Llama model's weights over tokens; how they attend to one another is the caller's affair."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from toddler_training.grpo.fast_weights import Block, Weights

Attend = Callable[[int, Tensor, Tensor, Tensor], Tensor]
"""Layer, query (rows, heads, tokens, head size), key and value (rows, kv heads, tokens, head size) -> as the query."""


def forward(weights: Weights, hidden: Tensor, cosine: Tensor, sine: Tensor, attend: Attend) -> Tensor:
    """All blocks, on (rows, tokens, hidden); the hidden state after the last."""
    for number, block in enumerate(weights.blocks):
        hidden = hidden + _attention(weights, block, number, hidden, cosine, sine, attend)
        gate, up = block.gate_up(_norm(hidden, block.before_forward, weights.epsilon)).chunk(2, -1)
        hidden = hidden + block.down(weights.activation(gate) * up)
    return hidden


def _attention(
    weights: Weights, block: Block, number: int, hidden: Tensor, cosine: Tensor, sine: Tensor, attend: Attend
) -> Tensor:
    heads, kv_heads, size = weights.heads, weights.kv_heads, weights.head_size
    qkv = block.qkv(_norm(hidden, block.before_attention, weights.epsilon))
    qkv = qkv.view(*qkv.shape[:-1], -1, size).transpose(1, 2)
    query_key, value = qkv[:, : heads + kv_heads], qkv[:, heads + kv_heads :]
    left, right = query_key.chunk(2, -1)
    query_key = query_key * cosine + torch.cat((-right, left), -1) * sine
    attended = attend(number, query_key[:, :heads], query_key[:, heads:], value)
    return block.out(attended.transpose(1, 2).flatten(2))


def _norm(hidden: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    return F.rms_norm(hidden, weight.shape, weight, epsilon)


def logits_of(weights: Weights, hidden: Tensor) -> Tensor:
    """Logits of what may follow, (..., vocabulary), from the hidden state after the last block."""
    return F.linear(_norm(hidden, weights.norm, weights.epsilon), weights.head, weights.head_bias)

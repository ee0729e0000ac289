"""What both trainers are given to do: a model, prompts as tokens, and rewards."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

SHAPES = ("small", "smollm2-360m")
"""`small` is the bundled model with its own weights, and small BERTs as rewards. The other is random weights in the
shape of SmolLM2-360M and BERTs of the published size."""

REPLY_TOKENS = 8
"""Mean length of a reply of random weights: the end token is drawn once in so many. Children of two say about three
words at a time; our choice."""

PROMPT_TOKENS = (30, 60)
"""Least and most tokens of a prompt for random weights: system text, markup and a caregiver's line; our choice."""


@dataclass(frozen=True)
class Workload:
    """A piece of work."""

    model: Any
    """`LlamaForCausalLM`."""
    tokenizer: Any
    """Decodes the replies; its end token ends them."""
    prompts: Mapping[str, Sequence[int]]
    """Each caregiver's line, as the tokens of its prompt."""
    rewards: Sequence[Any]
    """Childish, coherence and length, as `Reward`."""


def workload(shape: str) -> Workload:
    """Make the work of a shape of `SHAPES`; the same every time."""
    import torch

    torch.manual_seed(0)
    return _small() if shape == "small" else _random(shape)


def _lines() -> list[str]:
    text = resources.files("toddler_training").joinpath("heldout/everyday.txt").read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _small() -> Workload:
    from toddler_training.base.base import base_folder, load_model, load_tokenizer
    from toddler_training.base.prompting import Prompter
    from toddler_training.base.settings import BaseSettings

    settings = BaseSettings(model="toddler-nursery", prompt_format="nursery")
    folder = base_folder(settings)
    tokenizer = load_tokenizer(folder)
    prompter = Prompter(tokenizer, settings.prompt_format)
    tokenizer.eos_token = tokenizer.convert_ids_to_tokens(prompter.end_id)
    model = load_model(folder)
    model.generation_config.eos_token_id = prompter.end_id
    prompts = {line: prompter.prompt_ids(line) for line in _lines()}
    return Workload(model, tokenizer, prompts, _rewards(hidden=128, layers=2, heads=4))


def _random(shape: str) -> Workload:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from robot_runtime.bench.shape import SHAPES as DIMENSIONS

    size = DIMENSIONS[shape]
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=size.vocabulary,
            hidden_size=size.hidden,
            intermediate_size=size.feed_forward,
            num_hidden_layers=size.layers,
            num_attention_heads=size.heads,
            num_key_value_heads=size.kv_heads,
            tie_word_embeddings=True,
            rope_parameters={"rope_type": "default", "rope_theta": size.rope_theta},
            bos_token_id=1,
            eos_token_id=2,
            pad_token_id=0,
        )
    )
    # Of V tokens that are about equally likely one has the odds 1 : (n - 1).
    bias = torch.zeros(size.vocabulary)
    bias[2] = torch.tensor((size.vocabulary - 1) / (REPLY_TOKENS - 1)).log()
    model.lm_head.bias = torch.nn.Parameter(bias, requires_grad=False)
    lot = random.Random(0)
    prompts = {
        line: [lot.randrange(3, size.vocabulary) for _ in range(lot.randint(*PROMPT_TOKENS))] for line in _lines()
    }
    return Workload(model, _word_tokenizer(size.vocabulary), prompts, _rewards(hidden=768, layers=12, heads=12))


def _word_tokenizer(vocabulary: int) -> Any:
    """A tokenizer whose tokens are words, taken in turn from the caregivers' lines and numbered."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from transformers import PreTrainedTokenizerFast

    words = sorted({word for line in _lines() for word in line.split()})
    names = [
        "<pad>",
        "<s>",
        "</s>",
        *(f"{words[n % len(words)]}{n // len(words) or ''}" for n in range(vocabulary - 3)),
    ]
    model = WordLevel({name: number for number, name in enumerate(names)}, unk_token="<pad>")
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=Tokenizer(model), bos_token="<s>", eos_token="</s>", pad_token="<pad>"
    )


def _rewards(hidden: int, layers: int, heads: int) -> list[Any]:
    from robot_runtime.check.length import SplitGaussian
    from toddler_training.rewards.reward import LearnedReward, LengthReward, Reading
    from toddler_training.rewards.scorer import new_bert, new_tokenizer

    made: list[Any] = []
    for name, reading in (("childish", Reading("reply", 32)), ("coherence", Reading("both", 96))):
        tokenizer = new_tokenizer(_lines(), 4000)
        made.append(LearnedReward(name, new_bert(tokenizer, hidden, layers, heads, 0.1), tokenizer, reading))
    return [*made, LengthReward(SplitGaussian(median=3, left_variance=2, right_variance=8))]

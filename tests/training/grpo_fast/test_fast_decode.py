"""Replies are those of transformers' `generate`: the likeliest tokens are the same, and so are the chances."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, LogitsProcessorList

from robot_runtime.errors import SettingsError
from toddler_training.grpo.draws import Draws
from toddler_training.grpo.fast_decode import Decoder
from toddler_training.grpo.fast_sampling import Sampling

pytestmark = pytest.mark.filterwarnings("ignore:`(is_)?gradient_checkpointing` is deprecated:FutureWarning")

Config: Any = GenerationConfig

END = 3
PROMPTS = [[5, 6, 7], [5, 6, 7], [8], [9, 10, 11, 12, 13, 14], [5, 6, 7], [8]]


def tiny(vocabulary: int = 40, spread: float = 0.3) -> Any:
    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=vocabulary, hidden_size=32, intermediate_size=48, num_hidden_layers=3, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=64, initializer_range=spread, tie_word_embeddings=True,
        bos_token_id=1, eos_token_id=END, pad_token_id=0,
    )  # fmt: skip
    model: Any = LlamaForCausalLM(config)
    return model.eval()


def with_adapter(model: Any) -> Any:
    from peft import LoraConfig, get_peft_model

    model = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, target_modules="all-linear"))
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.2)
    return model


def generated(model: Any, prompts: list[list[int]], logits_processor: Any = (), **settings: Any) -> list[list[int]]:
    """What transformers writes, without what follows the end token."""
    width = max(map(len, prompts))
    ids = torch.tensor([[0] * (width - len(prompt)) + prompt for prompt in prompts])
    mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    written = model.generate(
        input_ids=ids,
        attention_mask=mask,
        generation_config=Config(pad_token_id=0, **settings),
        logits_processor=LogitsProcessorList(logits_processor),
    )[:, width:].tolist()
    return [row[: row.index(END) + 1] if END in row else row for row in written]


@pytest.mark.parametrize("adapter", [False, True])
@pytest.mark.parametrize("penalty", [1.0, 1.4])
@pytest.mark.parametrize("fixed", [False, True])
def test_likeliest_tokens_are_those_of_transformers(adapter: bool, penalty: float, fixed: bool) -> None:
    model = with_adapter(tiny()) if adapter else tiny()
    plain = model.get_base_model() if adapter else model
    prompts = [[place, place + 1, 2 * place] for place in range(4, 20)] + ([] if penalty != 1 else PROMPTS)
    settings = {"do_sample": False, "max_new_tokens": 20, "repetition_penalty": penalty, "eos_token_id": [END, 17]}
    expected = [row[: row.index(17) + 1] if 17 in row else row for row in generated(model, prompts, **settings)]
    replies = Decoder(plain, fixed).replies(prompts, 20, [END, 17], Sampling.of(Config(**settings)))
    assert replies == expected
    assert len({len(reply) for reply in replies}) > 3  # rows did leave at different times


@pytest.mark.parametrize(
    "settings", [{"top_p": 0.7}, {"top_k": 5}, {"min_p": 0.1}, {"temperature": 0.6, "top_p": 0.9, "top_k": 8}]
)
def test_a_token_is_drawn_as_often_as_transformers_would(settings: dict[str, Any]) -> None:
    model, prompt, rows = tiny(), torch.tensor([[5, 6, 7]]), 20000
    config = Config(do_sample=True, **{"top_k": 0} | settings)
    written = model.generate(
        prompt, generation_config=config, max_new_tokens=1, output_scores=True, return_dict_in_generate=True,
    )  # fmt: skip
    chances = written.scores[0][0].softmax(-1)
    numbers = torch.arange(1, rows + 1)[:, None] / rows  # evenly spread: no chance in this test
    replies = Decoder(model).replies(prompt.tolist() * rows, 1, [END], Sampling.of(config), numbers)
    shares = torch.tensor([token for [token] in replies]).bincount(minlength=40) / rows
    torch.testing.assert_close(shares, chances, rtol=0, atol=2 / rows)


@pytest.mark.parametrize("fixed", [False, True])
def test_given_numbers_draw_what_they_draw_in_transformers(fixed: bool) -> None:
    model, temperature, longest = tiny(), 0.9, 16
    prompts = [[place, place + 1] for place in range(4, 30)]
    numbers = 1 - torch.rand(len(prompts), longest)
    draws = Draws(numbers, 2, temperature)
    settings = {"do_sample": True, "top_k": 0, "max_new_tokens": longest, "temperature": temperature}
    expected = generated(model, prompts, eos_token_id=END, logits_processor=[draws], **settings)
    decoder, sampling = Decoder(model, fixed), Sampling.of(Config(**settings))
    assert decoder.replies(prompts, longest, [END], sampling, numbers) == expected
    replies = decoder.replies(prompts[3:9], longest, [END], sampling, numbers[3:9])
    assert replies == expected[3:9]  # in a cache that has been used, and with fewer rows
    assert len({len(reply) for reply in expected}) > 5


def test_drawn_replies_have_the_chances_of_the_model() -> None:
    """Chi-square over all replies of two tokens in a vocabulary of five, with rows that end after the first."""
    model, prompt, rows = tiny(5, 0.6), [1, 2, 4], 20000
    torch.manual_seed(0)
    sampling = Sampling.of(Config(do_sample=True, temperature=1.3, top_k=0))
    replies = Decoder(model).replies([prompt] * rows, 2, [END], sampling)
    with torch.no_grad():
        first = (model(torch.tensor([prompt])).logits[0, -1] / 1.3).softmax(-1)
        second = (model(torch.tensor([[*prompt, token] for token in range(5)])).logits[:, -1] / 1.3).softmax(-1)
    chances: dict[tuple[int, ...], float] = {(END,): first[END].item()} | {
        (one, two): (first[one] * second[one, two]).item() for one in range(5) if one != END for two in range(5)
    }
    drawn = dict.fromkeys(chances, 0)
    for reply in replies:
        drawn[tuple(reply)] += 1
    square = sum((drawn[key] - rows * chance) ** 2 / (rows * chance) for key, chance in chances.items())
    assert square < 45.3  # exceeded by one of a thousand at 20 degrees of freedom


def test_it_follows_the_weights() -> None:
    model = with_adapter(tiny())
    decoder, greedy = Decoder(model.get_base_model()), Sampling.of(Config(do_sample=False))
    before = decoder.replies(PROMPTS, 10, [END], greedy)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.neg_()
    after = decoder.replies(PROMPTS, 10, [END], greedy)
    assert after == generated(model, PROMPTS, do_sample=False, max_new_tokens=10, eos_token_id=END) != before


def test_in_half_precision_the_adapter_stays_beside_the_weights() -> None:
    model = with_adapter(tiny()).to(torch.bfloat16)
    greedy = Sampling.of(Config(do_sample=False))
    [reply] = Decoder(model.get_base_model()).replies([[5, 6, 7]], 1, [END], greedy)
    decoded = Decoder(model.get_base_model())
    block, layer = decoded._weights.blocks[0], model.get_base_model().model.layers[0].self_attn
    x = torch.randn(3, 32, dtype=torch.bfloat16)
    expected = torch.cat([layer.q_proj(x), layer.k_proj(x), layer.v_proj(x)], -1)
    torch.testing.assert_close(block.qkv(x), expected, rtol=0.02, atol=0.02)
    assert reply == generated(model, [[5, 6, 7]], do_sample=False, max_new_tokens=1, eos_token_id=END)[0]


def test_other_models_and_settings_are_refused_by_name() -> None:
    model = tiny()
    model.model.layers[0].mlp.up_proj = torch.nn.Linear(32, 48)
    with pytest.raises(SettingsError, match=r"plain LoRA, not Linear\(in_features=32"):
        Decoder(model)
    with pytest.raises(SettingsError, match="'num_beams'"):
        Sampling.of(Config(), {"num_beams": 3})

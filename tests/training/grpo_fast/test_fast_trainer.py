"""The fast trainer's loss, gradient, reference, metrics and replies are those of TRL's trainer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from datasets import Dataset
from peft import LoraConfig
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from transformers import LlamaConfig, LlamaForCausalLM, LogitsProcessorList, PreTrainedTokenizerFast
from trl.trainer.grpo_config import GRPOConfig
from trl.trainer.grpo_trainer import GRPOTrainer

from robot_runtime.errors import SettingsError
from toddler_training.grpo.draws import Draws
from toddler_training.grpo.fast import FastGRPOTrainer

pytestmark = pytest.mark.filterwarnings("ignore:`(is_)?gradient_checkpointing` is deprecated:FutureWarning")

WORDS = ["<pad>", "<s>", "</s>", *(f"w{number}" for number in range(37))]
PROMPTS = ["w1 w2 w3 w4", "w5", "w6 w7 w8 w9 w10 w11 w12", "w13 w14"]


def tokenizer() -> Any:
    words = Tokenizer(WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="<pad>"))
    words.pre_tokenizer = WhitespaceSplit()
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=words, bos_token="<s>", eos_token="</s>", pad_token="<pad>",
        model_input_names=["input_ids", "attention_mask"],
    )  # fmt: skip


def trainer(kind: Any, folder: Path, attention: str = "sdpa", **settings: Any) -> Any:
    torch.manual_seed(1)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(WORDS), hidden_size=32, intermediate_size=48, num_hidden_layers=3, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=64, initializer_range=0.2, tie_word_embeddings=True,
            bos_token_id=1, eos_token_id=2, pad_token_id=0,
        )
    )  # fmt: skip
    model.config._attn_implementation = attention
    model.lm_head.bias = torch.nn.Parameter(torch.zeros(len(WORDS)))
    torch.nn.init.constant_(model.lm_head.bias[2:3], 3.0)  # so that replies end, at various lengths
    arguments: dict[str, Any] = {
        "per_device_train_batch_size": 16, "num_generations": 4, "max_completion_length": 12, "temperature": 0.9,
        "max_steps": 3, "learning_rate": 0.02, "gradient_checkpointing": False, "logging_steps": 1,
        "save_strategy": "no", "report_to": "none", "use_cpu": True, "bf16": False, "disable_tqdm": True,
        "dataloader_pin_memory": False,
    }  # fmt: skip

    def evenness(completion_ids: list[list[int]], **_: Any) -> list[float]:
        return [sum(token % 2 == 0 for token in reply) / len(reply) for reply in completion_ids]

    made = kind(
        model=model,
        reward_funcs=[evenness],
        args=GRPOConfig(output_dir=str(folder), **arguments | settings),
        train_dataset=Dataset.from_dict({"prompt": PROMPTS}),
        processing_class=tokenizer(),
        peft_config=LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM"),
    )
    torch.manual_seed(2)
    for name, parameter in made.model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.2)
    made.current_gradient_accumulation_steps = 1
    made.model.train()
    return made


def loss_and_gradient(made: Any, batch: dict[str, Any]) -> tuple[float, dict[str, torch.Tensor]]:
    made.model.zero_grad()
    loss = made.compute_loss(made.model, batch)
    loss.backward()
    return loss.item(), {n: p.grad.clone() for n, p in made.model.named_parameters() if p.requires_grad}


@pytest.mark.parametrize("loss_type", ["grpo", "bnpo", "dr_grpo", "dapo", "cispo"])
@pytest.mark.parametrize("beta", [0.0, 0.04])
def test_loss_and_gradient_are_those_of_trl(tmp_path: Path, loss_type: str, beta: float) -> None:
    settings: dict[str, Any] = {"loss_type": loss_type, "beta": beta, "mask_truncated_completions": loss_type == "dapo"}
    theirs, ours = trainer(GRPOTrainer, tmp_path, **settings), trainer(FastGRPOTrainer, tmp_path, **settings)
    batch = theirs._generate_and_score_completions([{"prompt": prompt} for prompt in PROMPTS for _ in range(4)])
    order = torch.randperm(16)  # as TRL shuffles them: replies to a prompt are not neighbours
    batch = {key: value[order] if value.dim() else value for key, value in batch.items()}
    assert len(set(batch["completion_mask"].sum(1).tolist())) > 3
    for ratio_is_one in (True, False):
        if not ratio_is_one:
            batch["old_per_token_logps"] = torch.randn_like(batch["completion_ids"], dtype=torch.float) * 0.3 - 3
        (expected, expected_gradient), (loss, gradient) = (loss_and_gradient(it, batch) for it in (theirs, ours))
        assert loss == pytest.approx(expected, abs=1e-5)
        for name, value in expected_gradient.items():
            torch.testing.assert_close(gradient[name], value, rtol=1e-3, atol=1e-6, msg=name)
    assert ours._metrics["train"].keys() <= theirs._metrics["train"].keys()
    for name, values in ours._metrics["train"].items():
        assert values == pytest.approx(theirs._metrics["train"][name][-len(values) :], abs=1e-5), name


def test_the_reference_and_chunks_of_a_batch_are_those_of_trl(tmp_path: Path) -> None:
    theirs, ours = trainer(GRPOTrainer, tmp_path), trainer(FastGRPOTrainer, tmp_path)
    ids = torch.randint(1, len(WORDS), (10, 9))
    mask = torch.ones_like(ids)
    mask[1, :2] = mask[2, 6:] = mask[3, 4:] = 0  # a shorter prompt, a shorter reply, no reply
    with torch.no_grad(), ours.model.disable_adapter(), theirs.model.disable_adapter():
        expected = theirs._get_per_token_logps_and_entropies(theirs.model, ids, mask, 5, 4, compute_entropy=True)
        found = ours._get_per_token_logps_and_entropies(ours.model, ids, mask, 5, 4, compute_entropy=True)
    torch.testing.assert_close(found[0], expected[0])
    torch.testing.assert_close(found[1], expected[1])


def test_training_with_given_numbers_is_training_with_trl(tmp_path: Path) -> None:
    """Three steps by the same random numbers: the same replies, and so the same rewards, losses and weights."""
    theirs, ours = (trainer(kind, tmp_path, beta=0.04, loss_type="bnpo") for kind in (GRPOTrainer, FastGRPOTrainer))
    plain = theirs.model.get_base_model()
    generate = plain.generate

    def numbers(made: Any, rows: int) -> torch.Tensor:
        return 1 - torch.rand(rows, 12, generator=torch.Generator().manual_seed(made.state.global_step))

    def drawn(**inputs: Any) -> Any:
        rows, width = inputs["input_ids"].shape
        return generate(**inputs, logits_processor=LogitsProcessorList([Draws(numbers(theirs, rows), width, 0.9)]))

    plain.generate = drawn
    ours.numbers = lambda prompts: numbers(ours, len(prompts))
    for made in (theirs, ours):
        made.train()
    assert len(ours.state.log_history) == 4  # and the summary
    for expected, found in zip(theirs.state.log_history[:-1], ours.state.log_history[:-1], strict=True):
        assert found.keys() == expected.keys()
        for name in expected.keys() - {"step_time"}:
            assert found[name] == pytest.approx(expected[name], abs=1e-4), name
    weights = dict(ours.model.named_parameters())
    for name, value in theirs.model.named_parameters():
        torch.testing.assert_close(weights[name], value, rtol=1e-3, atol=1e-4, msg=name)


def test_what_only_trl_can_do_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="attention 'eager'"):
        trainer(FastGRPOTrainer, tmp_path, attention="eager")
    with pytest.raises(SettingsError, match="'num_beams'"):
        trainer(FastGRPOTrainer, tmp_path, generation_kwargs={"num_beams": 2})

"""TRL's trainer, set up so that it sees what the runtime's worker will see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset
from peft import LoraConfig
from transformers import LogitsProcessorList, PrinterCallback
from trl.trainer.grpo_config import GRPOConfig
from trl.trainer.grpo_trainer import GRPOTrainer

from robot_runtime.errors import SettingsError
from toddler_training.base.prompting import Prompter
from toddler_training.grpo.draws import HELD_OUT, Draws, numbers_for
from toddler_training.grpo.monitors import MONITORS, Monitor
from toddler_training.grpo.processes import processes
from toddler_training.grpo.settings import GrpoSettings
from toddler_training.rewards.reward import Reward


class RuntimePrompts:
    """Mixed into a trainer: a prompt is a caregiver's line, and its ids are those of the runtime."""

    prompter: Prompter
    """Makes the ids."""

    def _tokenize_prompts(self, prompts: list[str]) -> tuple[list[list[int]], None, dict[str, Any]]:
        return [self.prompter.prompt_ids(prompt) for prompt in prompts], None, {}


def trainer_class(name: str) -> Any:
    """The class for `grpo.trainer`."""
    if name == "fast":
        from toddler_training.grpo.fast import FastGRPOTrainer

        return type("FastRuntimeTrainer", (RuntimePrompts, FastGRPOTrainer), {})
    return type("RuntimeTrainer", (RuntimePrompts, GRPOTrainer), {})


def make_trainer(
    model: Any,
    tokenizer: Any,
    prompter: Prompter,
    rewards: Mapping[str, Reward],
    settings: GrpoSettings,
    *,
    seed: int,
    bf16: bool,
    out: Path,
    train: Sequence[str],
    held_out: Sequence[str],
) -> Any:
    """A trainer of the kind that the settings name.

    Args:
        model: the base, without adapter.
        tokenizer: its own; its end token becomes that of the prompt format.
        prompter: makes prompts.
        rewards: by name.
        settings: how to train.
        seed: of everything that is drawn.
        bf16: whether the frozen weights are in bf16.
        out: folder for checkpoints.
        train: prompts of all steps, in their order.
        held_out: prompts that checkpoints are scored on.

    Raises:
        SettingsError: a weighted reward is missing.
    """
    missing = sorted(set(settings.weights) - set(rewards))
    if missing:
        raise SettingsError(f"the reward '{missing[0]}' is missing: run the step rewards")
    tokenizer.eos_token = tokenizer.convert_ids_to_tokens(prompter.end_id)
    model.generation_config.eos_token_id = [prompter.end_id]
    functions = [_reward_function(name, rewards[name].score) for name in settings.weights]
    functions += [_reward_function(name, monitor) for name, monitor in MONITORS.items()]
    trainer = trainer_class(settings.trainer)(
        model=model,
        reward_funcs=functions,
        args=_arguments(settings, seed, bf16, out),
        train_dataset=Dataset.from_dict({"prompt": train}),
        eval_dataset=Dataset.from_dict({"prompt": held_out}),
        processing_class=tokenizer,
        peft_config=LoraConfig(
            r=settings.lora_rank,
            lora_alpha=settings.lora_alpha,
            target_modules=[name.strip() for name in settings.lora_targets.split(",")],
            task_type="CAUSAL_LM",
        ),
    )
    trainer.remove_callback(PrinterCallback)
    trainer.prompter = prompter
    trainer.numbers = _numbers(trainer, settings, seed)
    model.generate = _drawing(model.generate, trainer, settings.temperature)
    return trainer


def _arguments(settings: GrpoSettings, seed: int, bf16: bool, out: Path) -> GRPOConfig:
    state = processes()
    rows = settings.rows(state.num_processes)
    return GRPOConfig(
        output_dir=str(out),
        seed=seed,
        max_steps=settings.steps,
        per_device_train_batch_size=rows,
        per_device_eval_batch_size=rows,
        gradient_accumulation_steps=settings.micro_batches,
        shuffle_dataset=False,
        num_generations=settings.generations,
        num_generations_eval=1,
        max_completion_length=settings.max_reply_tokens,
        temperature=settings.temperature,
        reward_weights=[*settings.weights.values(), *(0.0 for _ in MONITORS)],
        multi_objective_aggregation=settings.aggregation,
        scale_rewards=settings.scale_rewards,
        loss_type=settings.loss,
        beta=settings.beta,
        epsilon=settings.epsilon,
        num_iterations=1,
        learning_rate=settings.learning_rate,
        lr_scheduler_type=settings.schedule,
        warmup_steps=round(settings.warmup * settings.steps),
        optim=settings.optimizer,
        max_grad_norm=settings.max_grad_norm,
        gradient_checkpointing=settings.gradient_checkpointing,
        bf16=bf16 and state.device.type == "cuda",
        use_cpu=state.device.type == "cpu",
        ddp_find_unused_parameters=False,  # the loss depends on all that are trained
        use_vllm=settings.use_vllm,
        vllm_mode="colocate",
        logging_steps=1,
        save_strategy="steps",
        save_steps=settings.save_every,
        eval_strategy="steps",
        eval_steps=settings.save_every,
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=state.device.type == "cuda",
    )


def _reward_function(name: str, score: Monitor) -> Callable[..., list[float]]:
    """What TRL calls for a reward or a monitor."""

    def function(prompts: Sequence[str], completions: Sequence[str], **_: Any) -> list[float]:
        return score(prompts, [completion.strip() for completion in completions])

    function.__name__ = name
    return function


def _numbers(trainer: Any, settings: GrpoSettings, seed: int) -> Callable[[Sequence[Sequence[int]]], Any]:
    """The random numbers of a batch of prompts, for the step at which the trainer is."""

    def numbers(prompts: Sequence[Sequence[int]]) -> Any:
        training = trainer.model.training
        return numbers_for(
            prompts,
            seed=seed,
            step=trainer.state.global_step if training else HELD_OUT,
            first_row=trainer.accelerator.process_index * len(prompts) if training else 0,
            generations=settings.generations if training else 1,
            tokens=settings.max_reply_tokens,
        ).to(trainer.accelerator.device)

    return numbers


def _drawing(generate: Callable[..., Any], trainer: Any, temperature: float) -> Callable[..., Any]:
    """`model.generate` with the trainer's numbers."""

    def drawing(**inputs: Any) -> Any:
        ids, mask = inputs["input_ids"], inputs["attention_mask"].bool()
        numbers = trainer.numbers([row[seen].tolist() for row, seen in zip(ids, mask, strict=True)])
        return generate(**inputs, logits_processor=LogitsProcessorList([Draws(numbers, ids.shape[1], temperature)]))

    return drawing

"""Supervised fine-tuning: the model learns to write the children's replies; what the caregiver says is only read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from transformers import PrinterCallback, Trainer, TrainingArguments

from robot_runtime.errors import SettingsError, TrainingStopped
from toddler_training.base.base import load_model, load_tokenizer
from toddler_training.base.prompting import Prompter
from toddler_training.base.quiet import quiet_libraries
from toddler_training.base.settings import BaseSettings
from toddler_training.base.tokenizer_copy import copy_tokenizer
from toddler_training.grpo.processes import processes
from toddler_training.grpo.progress import Progress
from toddler_training.grpo.settings import GrpoSettings
from toddler_training.grpo.train import in_order, last_checkpoint
from toddler_training.merge.merge import merge_adapter
from toddler_training.sft.settings import SftSettings

LORA_TARGETS = GrpoSettings.lora_targets.split(",")
"""The adapted matrices: all of a Llama layer, as in GRPO."""

LOSS = "eval_reply_loss"
"""Where the trainer's log has what `held_out_loss` returns."""

Row = tuple[list[int], list[int]]
"""Token ids of a prompt and of the reply."""


def train_sft(
    folder: Path,
    train: Sequence[tuple[str, str]],
    validation: Sequence[tuple[str, str]],
    base: BaseSettings,
    settings: SftSettings,
    out: Path,
    *,
    stop: Callable[[], bool] = lambda: False,
    tell: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Train, or go on from the last checkpoint in `out`; leaves `model/` and `checkpoint-N/`.

    Args:
        folder: Hugging Face folder of the base model.
        train: caregiver's line and child's reply each.
        validation: the same, for the held-out loss.
        base: prompt format, system text, seed and precision.
        settings: how to train.
        out: folder for the results.
        stop: asked after each step; when true, a checkpoint is saved and `TrainingStopped` raised.
        tell: called with each line for the user.

    Returns:
        The report: `pairs` learnt from, `too_long` ones left out, `steps`, and `losses` (mean negative log-likelihood
        of a reply's token on validation pairs, by step).

    Raises:
        SettingsError: there are no pairs.
        TrainingStopped: `stop` said so.
    """
    prompter = Prompter(load_tokenizer(folder), base.prompt_format, base.system)
    rows = [(prompter.prompt_ids(line), prompter.reply_ids(reply)) for line, reply in train]
    fitting = [row for row in rows if len(row[0]) + len(row[1]) <= settings.longest]
    held_out = [(prompter.prompt_ids(line), prompter.reply_ids(reply)) for line, reply in validation]
    held_out = [row for row in held_out if len(row[0]) + len(row[1]) <= settings.longest][: settings.held_out_pairs]
    if not fitting or not held_out:
        raise SettingsError("there are no pairs to learn from, or none to measure on: see the report of the step data")
    watch = Watch(stop, tell)
    with quiet_libraries():
        model = load_model(folder, base.precision if settings.lora_rank else "fp32")
        trainer = _trainer(model, fitting, held_out, base, settings, out)
        trainer.add_callback(watch)
        checkpoint = last_checkpoint(out)
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        if watch.stopped:
            raise TrainingStopped(f"stopped after {trainer.state.global_step} steps; run the same command to go on")
        _save(trainer.model, folder, out, settings)
    losses = {log["step"]: log[LOSS] for log in trainer.state.log_history if LOSS in log}
    return {
        "enabled": True,
        "pairs": len(fitting),
        "too_long": len(rows) - len(fitting),
        "steps": trainer.state.global_step,
        "losses": {str(step): round(loss, 4) for step, loss in losses.items()},
    }


def collate(rows: Sequence[Row]) -> dict[str, torch.Tensor]:
    """A batch, padded on the right; -100 marks what is not learnt."""
    longest = max(len(prompt) + len(reply) for prompt, reply in rows)
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    mask, labels = torch.zeros_like(ids), torch.full_like(ids, -100)
    for row, (prompt, reply) in enumerate(rows):
        end = len(prompt) + len(reply)
        ids[row, :end] = torch.tensor([*prompt, *reply])
        mask[row, :end] = 1
        labels[row, len(prompt) : end] = torch.tensor(reply)
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def unlikeliness(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Of each row, the summed negative log-likelihood of what is to be learnt, and its tokens: shape (rows, 2).

    Args:
        logits: (rows, tokens, vocabulary).
        labels: (rows, tokens), or more tokens where another process has longer rows; -100 is not learnt.
    """
    labels = labels[:, 1 : logits.shape[1]]
    losses = F.cross_entropy(logits[:, :-1].float().transpose(1, 2), labels, reduction="none")
    return torch.stack([losses.sum(1), (labels != -100).sum(1)], 1)


def held_out_loss(found: Any) -> dict[str, float]:
    """Mean over the tokens of all held-out replies, in whatever batches the processes have read them."""
    total, tokens = found.predictions.sum(0)
    return {"reply_loss": float(total / tokens)}


class Watch(Progress):
    """Tells the held-out loss, too."""

    def __init__(self, stop: Callable[[], bool], tell: Callable[[str], None]) -> None:
        """Ask and tell these."""
        super().__init__("sft", stop)
        self._tell = tell

    def on_evaluate(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Tell."""
        if state.is_world_process_zero:
            loss = kwargs["metrics"][LOSS]
            self._tell(f"sft: step {state.global_step} of {state.max_steps}, held-out loss {loss:.3f}")


def _trainer(
    model: Any, train: list[Row], held_out: list[Row], base: BaseSettings, settings: SftSettings, out: Path
) -> Any:
    state = processes()
    if settings.batch % state.num_processes:
        raise SettingsError(f"sft.batch = {settings.batch} must be a multiple of {state.num_processes} processes")
    torch.manual_seed(base.seed)
    if settings.lora_rank:
        adapter = LoraConfig(r=settings.lora_rank, lora_alpha=settings.lora_rank, target_modules=LORA_TARGETS)
        model = get_peft_model(model, adapter)
    arguments = TrainingArguments(
        output_dir=str(out),
        seed=base.seed,
        max_steps=settings.steps,
        per_device_train_batch_size=settings.batch // state.num_processes,
        per_device_eval_batch_size=settings.batch // state.num_processes,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=round(settings.steps / 20),
        logging_steps=10,
        eval_strategy="steps",
        eval_steps=settings.save_every,
        eval_on_start=last_checkpoint(out) is None,
        save_strategy="steps",
        save_steps=settings.save_every,
        save_total_limit=1,
        bf16=base.precision == "bf16" and state.device.type == "cuda",
        use_cpu=state.device.type == "cpu",
        ddp_find_unused_parameters=False,  # the loss depends on all that are trained
        dataloader_pin_memory=state.device.type == "cuda",
        remove_unused_columns=False,
        train_sampling_strategy="sequential",  # they are mixed already
        report_to="none",
        disable_tqdm=True,
    )
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=in_order(train, settings.steps * settings.batch, base.seed),
        eval_dataset=held_out,
        data_collator=collate,
        compute_metrics=held_out_loss,
        preprocess_logits_for_metrics=unlikeliness,
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _save(model: Any, folder: Path, out: Path, settings: SftSettings) -> None:
    """Write `model/`."""
    state = processes()
    if state.is_main_process and settings.lora_rank:
        model.save_pretrained(str(out / "adapter"))
        merge_adapter(folder, out / "adapter", out / "model")
    elif state.is_main_process:
        model.save_pretrained(out / "model")
        copy_tokenizer(folder, out / "model")
    state.wait_for_everyone()

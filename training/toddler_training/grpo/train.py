"""GRPO on a language model: replies are sampled, rewards judge them, an adapter learns to give the better ones."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from robot_runtime.errors import SettingsError, ToddlerRobotError, TrainingStopped
from toddler_training.base.base import load_model, load_tokenizer
from toddler_training.base.prompting import Prompter
from toddler_training.base.quiet import quiet_libraries
from toddler_training.base.settings import BaseSettings
from toddler_training.grpo.processes import processes
from toddler_training.grpo.settings import GrpoSettings
from toddler_training.rewards.reward import Reward

ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")
"""What of a checkpoint is the adapter; the rest of it serves to go on training."""

Item = TypeVar("Item")


@dataclass(frozen=True)
class Prompts:
    """Caregivers' lines."""

    train: Sequence[str]
    """What the model is trained on."""
    validation: Sequence[str]
    """What checkpoints are scored on."""


@quiet_libraries()
def train_grpo(
    folder: Path,
    prompts: Prompts,
    rewards: Mapping[str, Reward],
    base: BaseSettings,
    settings: GrpoSettings,
    out: Path,
    *,
    stop: Callable[[], bool] = lambda: False,
    tell: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Train, or go on from the last checkpoint in `out`.

    Leaves `best/` (the adapter of the checkpoint with the highest weighted held-out reward among those that do not give
    one reply to everything, see `GrpoSettings.max_commonest`), `checkpoint-N/`, `log.jsonl` and `base.json`. Under
    torchrun each process calls this; the first one writes.

    Args:
        folder: Hugging Face folder of the base model.
        prompts: both kinds.
        rewards: by name; those of `settings.weights` must be there.
        base: prompt format, system text, seed and precision.
        settings: how to train.
        out: folder for the results.
        stop: asked after each step; when true, a checkpoint is saved and `TrainingStopped` raised.
        tell: called with each line for the user.

    Returns:
        The report: `steps` done, `best_step`, `collapse` (why a guard ended it, or null), `held_out` with the scores
        `before` and at the `best` checkpoint, `prompts` and `parameters` (total and trained).

    Raises:
        SettingsError: settings that do not fit together, or no prompts.
        ToddlerRobotError: training collapsed before the first checkpoint.
        TrainingStopped: `stop` said so.
    """
    if not prompts.train or not prompts.validation:
        raise SettingsError("there are no prompts to train or to score on: lower the threshold of the step filter")
    if settings.use_vllm and find_spec("vllm") is None:
        raise SettingsError("grpo.use_vllm needs vLLM, which is not installed: pip install 'trl[vllm]' (GPU only)")
    from toddler_training.grpo.trainer import make_trainer
    from toddler_training.grpo.watch import Log, Watch, read_log

    together = processes()
    settings.rows(together.num_processes)
    first = together.is_main_process
    together.wait_for_everyone()
    checkpoint = last_checkpoint(out)
    step = step_of(checkpoint) if checkpoint else 0
    if first:
        out.mkdir(parents=True, exist_ok=True)
        (out / "base.json").write_text(json.dumps({"folder": str(folder.resolve())}) + "\n", "utf-8")
    watch = Watch(settings, Log(out / "log.jsonl", step) if first else None, stop, tell if first else lambda line: None)
    tokenizer = load_tokenizer(folder)
    trainer = make_trainer(
        load_model(folder, base.precision),
        tokenizer,
        Prompter(tokenizer, base.prompt_format, base.system),
        rewards,
        settings,
        seed=base.seed,
        bf16=base.precision == "bf16",
        out=out,
        train=in_order(prompts.train, settings.steps * settings.completions // settings.generations, base.seed),
        held_out=list(prompts.validation[: settings.held_out_prompts]),
    )
    trainer.add_callback(watch)
    if step < settings.steps:
        trainer.args.eval_on_start = not checkpoint  # what the base scores
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    if watch.stopped:
        raise TrainingStopped(f"stopped after {trainer.state.global_step} steps; run the same command to go on")
    together.wait_for_everyone()
    if watch.collapse:
        tell(f"grpo: stopped at step {trainer.state.global_step}: {watch.collapse}")
    scored = [line for line in read_log(out / "log.jsonl") if "held_out" in line]
    kept = [line for line in scored if (out / f"checkpoint-{line['step']}").is_dir()]
    if not kept:
        raise ToddlerRobotError(f"training collapsed before its first checkpoint: {watch.collapse}")
    varied = [line for line in kept if (line["held_out"].get("commonest") or 0.0) <= settings.max_commonest]
    best = max(varied or kept, key=lambda line: line["held_out"]["reward"])
    if first:
        keep_adapter(out / f"checkpoint-{best['step']}", out / "best")
    together.wait_for_everyone()
    weights = list(trainer.model.parameters())
    return {
        "steps": max(step, trainer.state.global_step),
        "best_step": best["step"],
        "collapse": watch.collapse,
        "held_out": {"before": scored[0]["held_out"], "best": best["held_out"]},
        "prompts": {"train": len(prompts.train), "held_out": min(len(prompts.validation), settings.held_out_prompts)},
        "parameters": {
            "total": sum(weight.numel() for weight in weights),
            "trained": sum(weight.numel() for weight in weights if weight.requires_grad),
        },
        "processes": together.num_processes,
    }


def in_order(items: Sequence[Item], count: int, seed: int) -> list[Item]:
    """`count` prompts or pairs in rounds, each with all of them in a new random order.

    The libraries shuffle by themselves, but TRL begins with the first round's order again when it resumes in a later
    one, and the trainer of transformers ends a round with a smaller batch: which, depends on how many processes train.
    """
    lot = random.Random(seed)
    ordered: list[Item] = []
    while len(ordered) < count:
        ordered += lot.sample(items, len(items))
    return ordered[:count]


def last_checkpoint(out: Path) -> Path | None:
    """The newest checkpoint that was written to its end; the trainer writes trainer_state.json last."""
    whole = [state.parent for state in out.glob("checkpoint-*/trainer_state.json")]
    return max(whole, key=step_of, default=None)


def step_of(checkpoint: Path) -> int:
    """The number of steps after which a checkpoint was saved."""
    return int(checkpoint.name.removeprefix("checkpoint-"))


def keep_adapter(checkpoint: Path, target: Path) -> None:
    """Copy a checkpoint's adapter, which appears only when it is complete."""
    unfinished = target.with_name(f"{target.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for name in ADAPTER_FILES:
        shutil.copyfile(checkpoint / name, unfinished / name)
    shutil.rmtree(target, ignore_errors=True)
    unfinished.replace(target)

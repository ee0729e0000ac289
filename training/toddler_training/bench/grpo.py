"""GRPO by TRL's trainer and by ours: completions a second, and where the time of a step goes."""

from __future__ import annotations

import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from robot_runtime.errors import SettingsError
from robot_runtime.mind.threads import QUIET_THREADS

GENERATIONS = 8
"""Replies to a prompt (the published model card)."""


def compare(shape: str, device: str, steps: int, completions: int) -> dict[str, Any]:
    """Measure both trainers, each in a process of its own, so that memory is its own too.

    Args:
        shape: of `workload.SHAPES`.
        device: `cpu` or `cuda`.
        steps: measured ones; one more comes before them.
        completions: replies a step, a multiple of 8.

    Returns:
        `trl` and `fast` with `completions_s`, seconds of a step (`step_s`, of which `generate_s`, `rewards_s` and
        `train_s`), `reply_tokens` (mean) and `peak_memory_mb`; and their `ratio` for speed, parts and memory, TRL's
        time over ours.

    Raises:
        SettingsError: there is no GPU.
    """
    figures: dict[str, Any] = {"shape": shape, "device": device, "steps": steps, "completions": completions}
    for name in ("trl", "fast"):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            figures[name] = process.submit(measure, name, shape, device, steps, completions).result()
    parts = ("step_s", "generate_s", "rewards_s", "train_s", "peak_memory_mb")
    figures["ratio"] = {
        part: round(figures["trl"][part] / figures["fast"][part], 2) for part in parts if figures["fast"][part]
    }
    return figures


def measure(name: str, shape: str, device: str, steps: int, completions: int) -> dict[str, Any]:
    """Measure `trl` or `fast` in this process.

    Raises:
        SettingsError: there is no GPU.
    """
    os.environ |= QUIET_THREADS  # before torch, which starts its threads with what it finds
    import torch

    if device == "cuda" and not torch.cuda.is_available():
        raise SettingsError("--device cuda: torch finds no GPU here")
    os.environ |= {"HF_HUB_OFFLINE": "1", "TRL_EXPERIMENTAL_SILENCE": "1"}
    from toddler_training.base.quiet import quiet_libraries
    from toddler_training.base.threads import limit_threads

    limit_threads()
    with quiet_libraries(), tempfile.TemporaryDirectory() as folder:
        trainer = _trainer(name, shape, device, steps, completions, folder)
        trainer.train()
    # The step of median length, so that its parts add up; an interruption by another program does not count.
    times = sorted(trainer.clock.steps[1:], key=lambda parts: parts["step"])[(steps - 1) // 2]
    peak = torch.cuda.max_memory_allocated() if device == "cuda" else _most_resident()
    return {
        "completions_s": round(completions / times["step"], 2),
        "step_s": round(times["step"], 3),
        **{f"{part}_s": round(times[part], 3) for part in ("generate", "rewards")},
        "train_s": round(times["step"] - times["generate"] - times["rewards"], 3),
        "reply_tokens": round(statistics.mean(trainer.clock.lengths), 2),
        "peak_memory_mb": round(peak / 1e6),
    }


def _most_resident() -> int:
    """Bytes that this process has had in memory at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


class Clock:
    """Seconds of every step, in parts."""

    def __init__(self, synchronize: Callable[[], None]) -> None:
        """Start.

        Args:
            synchronize: waits until the device has done what it was told.
        """
        self.steps: list[dict[str, float]] = []
        self.lengths: list[int] = []
        """Tokens of each reply."""
        self._synchronize = synchronize

    def begin(self) -> None:
        """A step begins."""
        self.steps.append({"generate": 0.0, "rewards": 0.0, "step": -self._now()})

    def end(self) -> None:
        """It ends."""
        self.steps[-1]["step"] += self._now()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """What runs within is that part of the step."""
        began = self._now()
        yield
        self.steps[-1][name] += self._now() - began

    def _now(self) -> float:
        self._synchronize()
        return time.perf_counter()


def _trainer(name: str, shape: str, device: str, steps: int, completions: int, folder: str) -> Any:
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import PrinterCallback, TrainerCallback
    from trl.trainer.grpo_config import GRPOConfig
    from trl.trainer.grpo_trainer import GRPOTrainer

    from toddler_training.bench.workload import workload
    from toddler_training.grpo.fast import FastGRPOTrainer

    work = workload(shape)
    gpu = device == "cuda"
    clock = Clock(torch.cuda.synchronize if gpu else lambda: None)
    if gpu:
        for reward in work.rewards:
            if hasattr(reward, "model"):
                reward.model.to(device)

    class Timed(GRPOTrainer if name == "trl" else FastGRPOTrainer):  # type: ignore[misc]
        def _tokenize_prompts(self, prompts: list[str]) -> tuple[list[list[int]], None, dict[str, Any]]:
            return [list(work.prompts[prompt]) for prompt in prompts], None, {}

        def _generate_single_turn(self, *args: Any, **kwargs: Any) -> Any:
            with clock.part("generate"):
                replies, lots = super()._generate_single_turn(*args, **kwargs)
            clock.lengths += map(len, replies)
            return replies, lots

        def _calculate_rewards(self, *args: Any, **kwargs: Any) -> Any:
            with clock.part("rewards"):
                return super()._calculate_rewards(*args, **kwargs)

    class Steps(TrainerCallback):
        def on_step_begin(self, *_: Any, **__: Any) -> None:
            clock.begin()

        def on_step_end(self, *_: Any, **__: Any) -> None:
            clock.end()

    trainer = Timed(
        model=work.model.to(torch.bfloat16) if gpu else work.model,
        reward_funcs=[_function(reward) for reward in work.rewards],
        # Sampling and adapter of the published card; KL and loss of the library when it was trained, as in the presets.
        args=GRPOConfig(
            output_dir=folder,
            max_steps=steps + 1,
            per_device_train_batch_size=completions,
            num_generations=GENERATIONS,
            max_completion_length=96,
            reward_weights=[1.0, 0.2, 0.5],
            beta=0.04,
            loss_type="bnpo",
            learning_rate=5e-6,
            gradient_checkpointing=False,
            bf16=gpu,
            use_cpu=not gpu,
            report_to="none",
            logging_strategy="no",
            save_strategy="no",
            disable_tqdm=True,
            dataloader_pin_memory=gpu,
        ),
        train_dataset=Dataset.from_dict({"prompt": list(work.prompts)}),
        processing_class=work.tokenizer,
        peft_config=LoraConfig(
            r=64,
            lora_alpha=64,
            target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
            task_type="CAUSAL_LM",
        ),
        callbacks=[Steps()],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.clock = clock
    return trainer


def _function(reward: Any) -> Callable[..., list[float]]:
    def function(prompts: Sequence[str], completions: Sequence[str], **_: Any) -> list[float]:
        return list(reward.score(prompts, completions))

    function.__name__ = reward.name
    return function

"""What a model with an adapter answers to prompts, in PyTorch: a cell of the grid needs no GGUF file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from toddler_training.base.base import load_model, load_tokenizer
from toddler_training.base.prompting import Prompter
from toddler_training.base.quiet import quiet_libraries
from toddler_training.base.settings import BaseSettings
from toddler_training.grpo.draws import HELD_OUT, Draws, numbers_for

BATCH = 64
"""Prompts answered at a time."""


def answers(
    folder: Path, adapter: Path | None, base: BaseSettings, lines: Sequence[str], temperature: float, max_tokens: int
) -> list[str]:
    """One reply to each line, as a first turn.

    The random numbers belong to the line, so replies of two adapters differ by their weights alone.

    Args:
        folder: Hugging Face folder of the base.
        adapter: PEFT folder; None is the base itself.
        base: prompt format, system text, seed and precision.
        lines: what the caregiver says.
        temperature: of the sampling, above 0.
        max_tokens: longest reply.
    """
    import torch
    from peft import PeftModel
    from transformers import LogitsProcessorList

    model = load_model(folder, base.precision)
    if adapter is not None:
        with quiet_libraries():
            model = PeftModel.from_pretrained(model, str(adapter))
    model = model.eval().to("cuda" if torch.cuda.is_available() else "cpu")
    tokenizer = load_tokenizer(folder)
    prompter = Prompter(tokenizer, base.prompt_format, base.system)
    replies: list[str] = []
    for start in range(0, len(lines), BATCH):
        prompts = [prompter.prompt_ids(line) for line in lines[start : start + BATCH]]
        longest = max(map(len, prompts))
        ids = torch.tensor([[prompter.end_id] * (longest - len(prompt)) + prompt for prompt in prompts])
        mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts])
        inputs = {"input_ids": ids.to(model.device), "attention_mask": mask.to(model.device)}
        numbers = numbers_for(prompts, seed=base.seed, step=HELD_OUT, first_row=0, generations=1, tokens=max_tokens).to(
            model.device
        )
        with torch.inference_mode():
            written = model.generate(
                **inputs,
                do_sample=False,
                logits_processor=LogitsProcessorList([Draws(numbers, longest, temperature)]),
                max_new_tokens=max_tokens,
                eos_token_id=prompter.end_id,
                pad_token_id=prompter.end_id,
            )
        replies += [prompter.decode(row) for row in written[:, longest:].tolist()]
    return replies

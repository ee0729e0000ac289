"""The model card and the catalogue entry of a run, written from what its steps reported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from toddler_training.config import TrainingConfig
from toddler_training.work import summary_of

TOLD = ("data", "rewards", "filter", "sft", "grpo", "merge")
"""Steps whose reports go into the card."""

INTENDED = """For research on human-robot interaction with a robot that talks like a child of two or three years; not
for diagnosis or assessment of children. It knows no facts and may say things that no toddler says: use it together with
the runtime's check. English only."""

CHILDES = """The training data were transcripts of the CHILDES database (MacWhinney, B. (2000). The CHILDES Project:
Tools for Analyzing Talk. Third Edition. Mahwah, NJ: Lawrence Erlbaum Associates), which are CC BY-NC-SA 3.0: these
weights are derived from them. Do not use them commercially, share them only under the same terms, and cite CHILDES and
the corpora."""

FILES = """## Files

| file | MB | logits differ from the merged model's by | same likeliest token |
|---|---|---|---|
"""


def model_card(root: Path, config: TrainingConfig, files: dict[str, dict[str, Any]]) -> str:
    """README.md.

    Args:
        root: folder of the run.
        config: its settings.
        files: by file name, its size in bytes and how it agrees with the merged model.
    """
    export, base, grpo = config.export, config.base, config.grpo
    parts = [
        f"---\nlicense: {export.licence.lower()}\nlanguage: en\nbase_model: {base.model}\n---\n",
        f"# {export.name}\n\n{INTENDED}\n",
        f"## Licence\n\n{export.licence}."
        + (f" {CHILDES}" if "NC" in export.licence else " See what the data below allow.")
        + f"\nThe base model {base.model} has terms of its own.\n",
        FILES
        + "\n".join(
            f"| {name} | {about['bytes'] / 1e6:.1f} | {about['relative_difference']:.2%} of their standard deviation "
            f"| {about['same_choice']:.0%} of {about['lines']} lines |"
            for name, about in files.items()
        )
        + "\n",
        "## How it was trained\n\n"
        f"Base {base.model}, prompt format `{base.prompt_format}`, seed {base.seed}, {base.precision}. GRPO: at "
        f"most {grpo.steps} steps of {grpo.completions} replies, {grpo.generations} to a prompt; LoRA rank "
        f"{grpo.lora_rank}, alpha {grpo.lora_alpha}; learning rate {grpo.learning_rate}, KL weight {grpo.beta}, "
        f"loss {grpo.loss}; reward weights "
        + ", ".join(f"{name} {weight}" for name, weight in grpo.weights.items())
        + ".\n",
    ]
    for step in TOLD:
        summary = summary_of(root / step)
        rows = list(_rows(summary["report"])) if summary else []
        if summary and rows:
            table = "\n".join(f"| {name} | {value} |" for name, value in rows)
            parts.append(f"### {step} ({summary['seconds']:.0f} s)\n\n| | |\n|---|---|\n{table}\n")
    return "\n".join(parts)


def catalogue_entry(config: TrainingConfig, file: str) -> str:
    """catalogue-entry.toml: what the runtime reads beside the file, and what its catalogue would take.

    Args:
        config: settings of the run.
        file: name of the preferred GGUF file.
    """
    export, base = config.export, config.base
    lines = [
        "# What `toddler-robot` has to know of the model in this folder.",
        f"[{json.dumps(export.name)}]",
        f"about = {json.dumps(f'Trained from {base.model} by GRPO with toddler_training.')}",
        f"licence = {json.dumps(export.licence)}",
        f"prompt_format = {json.dumps(base.prompt_format)}",
        f"bundled = {json.dumps(file)}",
        *([f"system = {json.dumps(base.system)}"] if base.system is not None else []),
        f"\n[{json.dumps(export.name)}.sampling]",
        f"temperature = {float(export.temperature)}",
        f"top_p = {float(export.top_p)}",
    ]
    return "\n".join(lines) + "\n"


def _rows(report: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every number and text of a report, its place as a path."""
    if isinstance(report, dict):
        for key, value in report.items():
            yield from _rows(value, f"{prefix}{key} / ")
    elif isinstance(report, float):
        yield prefix.removesuffix(" / "), f"{report:.4g}"
    elif isinstance(report, int | str):
        yield prefix.removesuffix(" / "), str(report)

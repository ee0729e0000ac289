"""Does llama.cpp compute with a GGUF file what transformers computes with the model that it was made of?"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from robot_runtime.errors import ConversionError
from robot_runtime.model_store.child import run_child
from toddler_training.base.base import load_model, load_tokenizer
from toddler_training.base.prompting import Prompter
from toddler_training.base.settings import BaseSettings

LINES = (
    "Where is your bag?",
    "Do you want some more juice?",
    "What did you have for lunch?",
    "The 2 dogs don't come, do they?",
    'Say "please" <|im_end|>!',
    "Look, a big red ball!",
    "Are you tired, sweetie?",
    "Let's read a book.",
)
"""Lines with digits, quotes, and markup that is only spoken; our own."""

TOLERANCES = {"f16": 0.01, "q8_0": 0.05, "q4_0": 0.3}
"""Largest root mean square difference of the logits over their standard deviation, by kind of file; our choice.
Measured on the bundled model: 0.0008, 0.016 and 0.10; with queries and keys in the wrong order of rows 0.42."""

TIMEOUT_S = 300.0
"""Seconds after which llama.cpp counts as hung."""


def expected(folder: Path, base: BaseSettings) -> list[tuple[list[int], Any]]:
    """For each line the prompt's ids, and the logits of the token after it by transformers in fp32."""
    import torch

    model = load_model(folder, "fp32").eval()
    prompter = Prompter(load_tokenizer(folder), base.prompt_format, base.system)
    found = []
    with torch.inference_mode():
        for line in LINES:
            ids = prompter.prompt_ids(line)
            found.append((ids, model(torch.tensor([ids])).logits[0, -1].numpy()))
    return found


def compare(file: Path, kind: str, base: BaseSettings, wanted: list[tuple[list[int], Any]]) -> dict[str, float]:
    """Let llama.cpp read the same lines.

    Returns:
        `relative_difference` (see `TOLERANCES`), `largest_difference` of a logit, `same_choice`: on which share of the
        lines the likeliest token is the same.

    Raises:
        ConversionError: llama.cpp fails, or reads other ids, or its logits are too far off.
    """
    import numpy

    with tempfile.TemporaryDirectory() as folder:
        lines, out = Path(folder) / "lines.json", Path(folder) / "out.npz"
        lines.write_text(json.dumps(LINES), "utf-8")
        arguments = [str(file), base.prompt_format, json.dumps(base.system), str(lines), str(out)]
        end = run_child("toddler_training.export.decode", arguments, TIMEOUT_S)
        if end.failed:
            raise ConversionError(f"llama.cpp cannot run {file}: {end.why}")
        with numpy.load(out) as arrays:
            found = [(arrays[f"ids_{n}"].tolist(), arrays[f"logits_{n}"]) for n in range(len(LINES))]
    for line, (ids, _), (other, _) in zip(LINES, wanted, found, strict=True):
        if ids != other:
            raise ConversionError(f"{file}: llama.cpp reads {line!r} as the tokens {other}, transformers as {ids}")
    first, second = (numpy.array([logits for _, logits in side]) for side in (wanted, found))
    report = {
        "relative_difference": float(numpy.sqrt(((first - second) ** 2).mean()) / first.std()),
        "largest_difference": float(numpy.abs(first - second).max()),
        "same_choice": float((first.argmax(1) == second.argmax(1)).mean()),
    }
    if not report["relative_difference"] <= TOLERANCES[kind]:
        raise ConversionError(
            f"{file}: llama.cpp's logits differ from transformers' by {report['relative_difference']:.2g} of their "
            f"standard deviation, {TOLERANCES[kind]} is tolerated"
        )
    return report

"""An adapter and its base become one model.

In 32-bit floats and from there straight to F16: merged into a bf16 base, the error is ten times as large (10.3 % of the
mean change of a weight instead of 1.0 %, measured at SmolLM2-360M's shape).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from robot_runtime.errors import ModelError
from toddler_training.base.base import load_model
from toddler_training.base.quiet import quiet_libraries
from toddler_training.base.tokenizer_copy import copy_tokenizer


def merge_adapter(base: Path, adapter: Path, target: Path) -> dict[str, Any]:
    """Write the merged model as a Hugging Face folder in fp32, and prove that it computes what base and adapter did.

    Args:
        base: Hugging Face folder.
        adapter: PEFT folder.
        target: where to write.

    Returns:
        `largest_logit_difference` of the two on a row of tokens, and the change of each kind of matrix by its name, as
        the share of its Frobenius norm: `changes`.

    Raises:
        ModelError: base and adapter do not fit together, or the merged model computes something else.
    """
    import torch
    from peft import PeftModel

    model = load_model(base, "fp32").eval()
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    row = torch.arange(min(64, model.config.vocab_size))[None]
    try:
        with quiet_libraries(), torch.inference_mode():
            adapted = PeftModel.from_pretrained(model, adapter).eval()
            wanted = adapted(row).logits
            merged = adapted.merge_and_unload(safe_merge=True)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise ModelError(f"the adapter {adapter} cannot be merged into {base}: {error}") from error
    merged.save_pretrained(target)
    copy_tokenizer(base, target)
    for file in target.iterdir():
        file.chmod(0o644)  # safetensors writes files that only their owner can read
    with torch.inference_mode():
        found = load_model(target, "fp32").eval()(row).logits
    difference = float((found - wanted).abs().max())
    if not difference < 1e-3 * max(1.0, float(wanted.abs().max())):
        raise ModelError(f"the merged model in {target} differs from base and adapter by {difference:.2g} in a logit")
    return {"largest_logit_difference": difference, "changes": _changes(before, merged)}


def _changes(before: dict[str, Any], merged: Any) -> dict[str, float]:
    """Mean relative change over the layers, by the name of the matrix."""
    shares: dict[str, list[float]] = {}
    for name, weight in merged.named_parameters():
        if weight.ndim == 2:
            change = float((weight - before[name]).norm() / before[name].norm())
            shares.setdefault(name.split(".")[-2], []).append(change)
    return {name: sum(values) / len(values) for name, values in shares.items()}

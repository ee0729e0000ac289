"""tokenizer.json of a byte-level BPE tokenizer: its tokens in order, and the splitting rule of llama.cpp that fits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robot_runtime.errors import ConversionError
from robot_runtime.model_store.llama_config import read_json

SPLITTING_RULES = {("Digits", "ByteLevel"): "smollm", ("ByteLevel",): "gpt-2"}
"""Pre-tokenizer steps in tokenizer.json, and the llama.cpp rule (`tokenizer.ggml.pre`) that splits text alike:
SmolLM sets every digit apart and then splits as GPT-2 does."""


@dataclass(frozen=True)
class TokenizerFiles:
    """What a GGUF file says about a tokenizer, apart from merges and special ids."""

    folder: Path
    """Where tokenizer.json and tokenizer_config.json lie."""
    pre: str
    """llama.cpp's name of the splitting rule."""
    tokens: tuple[str, ...]
    """By id, one for each row of the embedding."""
    kinds: tuple[str, ...]
    """By id: `normal`, `control` (markup, never written out), `user` (added text) or `unused` (padding rows)."""


def read_tokenizer(folder: Path, rows: int) -> TokenizerFiles:
    """Read tokenizer.json.

    Args:
        folder: where it lies.
        rows: rows of the embedding. Rows beyond the tokenizer become unused tokens; some tools add one or pad to
            a round number.

    Raises:
        ConversionError: it is missing, or no byte-level BPE of a known kind, or larger than the embedding.
    """
    tokenizer = read_json(folder / "tokenizer.json")
    model = tokenizer.get("model") or {}
    if model.get("type") != "BPE" or not model.get("merges"):
        raise ConversionError(f"{folder}: tokenizer.json is no byte-level BPE but {model.get('type', 'unknown')}")
    if model.get("byte_fallback"):
        raise ConversionError(f"{folder}: SentencePiece-style BPE (byte_fallback) cannot be converted")
    if tokenizer.get("normalizer"):
        raise ConversionError(f"{folder}: tokenizer.json normalises text first, which llama.cpp would not do")
    names: dict[int, str] = {number: token for token, number in model["vocab"].items()}
    kinds = dict.fromkeys(names, "normal")
    for added in tokenizer.get("added_tokens", []):
        names[added["id"]] = added["content"]
        kinds[added["id"]] = "control" if added.get("special") else "user"
    if max(names) >= rows:
        raise ConversionError(f"{folder}: the tokenizer has ids up to {max(names)}, the embedding only {rows} rows")
    return TokenizerFiles(
        folder=folder,
        pre=_splitting_rule(folder, tokenizer.get("pre_tokenizer")),
        tokens=tuple(names.get(number, f"[PAD{number}]") for number in range(rows)),
        kinds=tuple(kinds.get(number, "unused") for number in range(rows)),
    )


def _splitting_rule(folder: Path, pre_tokenizer: dict[str, Any] | None) -> str:
    """Match the pre-tokenizer against `SPLITTING_RULES`, its options included."""
    whole = pre_tokenizer or {}
    steps = whole["pretokenizers"] if whole.get("type") == "Sequence" else [whole]
    rule = SPLITTING_RULES.get(tuple(str(step.get("type")) for step in steps))
    for step in steps:
        if step.get("type") == "Digits" and not step.get("individual_digits"):
            rule = None
        if step.get("type") == "ByteLevel" and (step.get("add_prefix_space") or not step.get("use_regex", True)):
            rule = None
    if rule is None:
        found = ", ".join(str(step.get("type")) for step in steps)
        raise ConversionError(f"{folder}: the way tokenizer.json splits text ({found}) is not known to llama.cpp")
    return rule

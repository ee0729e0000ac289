"""A causal language model as the start of a classifier: it reads an exchange as the runtime's prompt format writes it.

The format is kept in the tokenizer's own post-processor, so that such a reward is a folder like any other.
"""

from __future__ import annotations

import json
from pathlib import Path

from tokenizers import Tokenizer

from robot_runtime.mind.prompt import Piece


def is_causal(folder: Path) -> bool:
    """Whether a Hugging Face folder holds a causal language model."""
    config = json.loads((folder / "config.json").read_text("utf-8"))
    return any(name.endswith("ForCausalLM") for name in config.get("architectures") or ())


def prompt_tokenizer(folder: Path, prompt_format: str, reads: str) -> tuple[Tokenizer, int]:
    """The tokenizer of a causal model, which adds the markup of the prompt format.

    A pair is the prompt of a first turn and the reply with its end token; a single text is that half of it.

    Args:
        folder: the model's.
        prompt_format: a name in robot_runtime/mind/prompt_formats.toml.
        reads: what a single text is, `reply` or `caregiver`; with `both` there are pairs only.

    Returns:
        The tokenizer, and the id of the token that ends each text: a causal model has read everything only there.

    Raises:
        SettingsError: there is no such format, or its markup is no control token of this tokenizer.
        ModelError: the folder holds no tokenizer.json.
    """
    from tokenizers import processors

    from toddler_training.base.base import load_tokenizer
    from toddler_training.base.prompting import Prompter

    given = load_tokenizer(folder)
    prompter = Prompter(given, prompt_format)
    form = prompter.format
    markup = {
        "line": prompter.ids([*form.opening(), Piece(form.caregiver_before, True)]),
        "then": prompter.ids([Piece(form.caregiver_after + form.child_before, True)]),
        "reply": prompter.ids([*form.opening(), Piece(form.child_before, True)]),
        "end": [prompter.end_id],
    }
    tokenizer = Tokenizer.from_str(given.backend_tokenizer.to_str())
    tokenizer.post_processor = processors.TemplateProcessing(
        single="reply $A end" if reads == "reply" else "line $A end",
        pair="line $A then $B end",
        special_tokens=[
            {"id": name, "ids": ids, "tokens": [str(tokenizer.id_to_token(token)) for token in ids]}
            for name, ids in markup.items()
        ],
    )
    return tokenizer, prompter.end_id

"""A tokenizer's files, carried from one folder to another byte for byte."""

from __future__ import annotations

import shutil
from pathlib import Path

TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
    "vocab.json",
    "merges.txt",
    "added_tokens.json",
)
"""What a tokenizer may consist of. Copied, because transformers 5 would write some of it down differently."""


def copy_tokenizer(source: Path, target: Path) -> None:
    """Copy those files that are there."""
    for name in TOKENIZER_FILES:
        if (source / name).is_file():
            shutil.copyfile(source / name, target / name)

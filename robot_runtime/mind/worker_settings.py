"""What a worker process is started with: apart from the worker, which loads llama.cpp on import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class WorkerSettings:
    """What the worker is started with."""

    model: str
    """Path of a GGUF file."""
    prompt_format: str
    """Name of a prompt format."""
    system: str | None
    """System text, None for the prompt format's own."""
    sampling: dict[str, Any]
    """Fields of `model_store.sampling.Sampling`."""
    candidates: int
    """Most replies in one request."""
    max_tokens: int
    """Longest reply in tokens."""
    memory_tokens: int
    """Tokens that history may take."""
    caregiver_tokens: int
    """Tokens of the caregiver's line; the end of a longer one is read."""
    threads: int
    """See `MindSettings.threads`."""
    extra_buffers: bool
    """See `MindSettings.extra_buffers`."""

"""How the next token is drawn: what `transformers` does in `generate`, step for step, with its own processors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from robot_runtime.errors import SettingsError

SAMPLING = {"temperature", "top_k", "top_p", "min_p", "repetition_penalty", "do_sample"}
"""Keys of a generation configuration that are understood here."""


@dataclass(frozen=True)
class Sampling:
    """A choice of the next token."""

    processors: Any
    """A `LogitsProcessorList`."""
    draw: bool = True
    """Whether by lot; else the likeliest token is taken."""

    @classmethod
    def of(cls, config: Any, extra: dict[str, Any] | None = None) -> Sampling:
        """What a `GenerationConfig` asks for.

        Args:
            config: the configuration.
            extra: what a user has added to it, checked against `SAMPLING`.

        Raises:
            SettingsError: it asks for something else as well.
        """
        from transformers.generation.logits_process import (
            LogitsProcessorList,
            MinPLogitsWarper,
            RepetitionPenaltyLogitsProcessor,
            TemperatureLogitsWarper,
            TopKLogitsWarper,
            TopPLogitsWarper,
        )

        if unknown := sorted(set(extra or {}) - SAMPLING):
            raise SettingsError(f"the fast trainer does not know the generation setting '{unknown[0]}': use TRL's")
        processors = LogitsProcessorList()
        if config.repetition_penalty not in (None, 1.0):
            processors.append(RepetitionPenaltyLogitsProcessor(config.repetition_penalty))
        if config.do_sample:
            if config.temperature not in (None, 1.0):
                processors.append(TemperatureLogitsWarper(config.temperature))
            if config.top_k:
                processors.append(TopKLogitsWarper(config.top_k))
            if config.top_p is not None and config.top_p < 1:
                processors.append(TopPLogitsWarper(config.top_p))
            if config.min_p is not None:
                processors.append(MinPLogitsWarper(config.min_p))
        return cls(processors, bool(config.do_sample))

    def __call__(self, tokens: Tensor, logits: Tensor, numbers: Tensor) -> Tensor:
        """The next token of each row.

        Args:
            tokens: (rows, so far) prompt and reply.
            logits: (rows, vocabulary).
            numbers: (rows,) in (0, 1]: the token is drawn at which the cumulated probability reaches the number, as
                in `draws.Draws`: one number a row, where `torch.multinomial` takes one for each of the vocabulary.
        """
        scores: Tensor = self.processors(tokens, logits.float())
        if not self.draw:
            return scores.argmax(-1)
        cumulated = scores.softmax(-1).cumsum(-1)
        # Scaled to the last sum, which rounding leaves a little beside 1.
        drawn = torch.searchsorted(cumulated, numbers[:, None] * cumulated[:, -1:])[:, 0]
        return drawn.clamp_max(scores.shape[-1] - 1)

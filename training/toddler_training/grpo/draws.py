"""Sampling whose random numbers belong to the reply: the same on one process and on eight, and after a resume.

A reply's numbers are drawn from the run's seed, the step, its prompt and its place among the replies to it. So a run
does not depend on how it is spread over processes, and held-out replies of two checkpoints differ by the weights alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy
import torch
from transformers import LogitsProcessor

HELD_OUT = -1
"""Stands for the step when held-out prompts are answered."""


def row_seed(seed: int, step: int, prompt: Sequence[int], place: int) -> int:
    """The seed of one reply.

    Args:
        seed: of the run.
        step: optimiser steps done, or `HELD_OUT`.
        prompt: token ids without padding.
        place: which of the replies to this prompt it is, from 0.
    """
    about = f"{seed} {step} {place} {' '.join(map(str, prompt))}"
    return int.from_bytes(hashlib.sha256(about.encode()).digest()[:8], "little")


def numbers_for(
    prompts: Sequence[Sequence[int]], *, seed: int, step: int, first_row: int, generations: int, tokens: int
) -> torch.Tensor:
    """The random numbers of a batch: float32 in (0, 1], shape (rows, tokens).

    Args:
        prompts: token ids of each row without padding.
        seed: of the run.
        step: optimiser steps done, or `HELD_OUT`.
        first_row: place of the first row in the batch of all processes.
        generations: neighbouring rows with the same prompt.
        tokens: most tokens that are sampled.
    """
    seeds = [row_seed(seed, step, ids, (first_row + row) % generations) for row, ids in enumerate(prompts)]
    drawn = numpy.array([1.0 - numpy.random.default_rng(each).random(tokens) for each in seeds], numpy.float32)
    return torch.from_numpy(drawn)


class Draws(LogitsProcessor):
    """Leaves one token of each row: the one at which the cumulated probability reaches the row's random number."""

    def __init__(self, numbers: torch.Tensor, prompt_length: int, temperature: float) -> None:
        """Draw by these numbers.

        Args:
            numbers: of `numbers_for`, on the device of the model.
            prompt_length: tokens of the padded prompt.
            temperature: divides the logits, above 0.
        """
        self._numbers = numbers
        self._prompt_length = prompt_length
        self._temperature = temperature

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Replace the logits, shape (rows, vocabulary), by 0 for the drawn token and minus infinity for all others."""
        number = self._numbers[:, input_ids.shape[1] - self._prompt_length, None]
        cumulated = torch.softmax(scores.float() / self._temperature, -1).cumsum(-1)
        # Scaled to the last sum, which rounding leaves a little beside 1.
        token = torch.searchsorted(cumulated, number * cumulated[:, -1:])
        return torch.full_like(scores, -torch.inf).scatter_(1, token.clamp_max(scores.shape[1] - 1), 0.0)

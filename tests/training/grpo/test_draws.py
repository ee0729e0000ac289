"""Random numbers that belong to a reply."""

from __future__ import annotations

import torch

from toddler_training.grpo.draws import HELD_OUT, Draws, numbers_for

PROMPTS = [[5, 6, 7]] * 4 + [[8, 9]] * 4


def draw(step: int, first_row: int = 0, prompts: list[list[int]] = PROMPTS) -> torch.Tensor:
    return numbers_for(prompts, seed=1, step=step, first_row=first_row, generations=4, tokens=5)


def test_they_do_not_depend_on_how_the_batch_is_shared_out() -> None:
    whole = draw(7)
    assert whole.shape == (8, 5)
    assert torch.equal(torch.cat([draw(7, 0, PROMPTS[:2]), draw(7, 2, PROMPTS[2:])]), whole)
    assert torch.equal(draw(7), whole)


def test_they_differ_between_replies_prompts_and_steps() -> None:
    rows = torch.cat([draw(7), draw(8), draw(HELD_OUT)])
    assert len({tuple(row) for row in rows.tolist()}) == len(rows)


def test_the_sampling_is_that_of_the_model() -> None:
    logits = torch.tensor([0.0, 1.0, -1.0, 2.5, -torch.inf])
    rows, temperature = 4000, 0.7
    numbers = numbers_for([[1]] * rows, seed=3, step=0, first_row=0, generations=rows, tokens=2)
    drawn = Draws(numbers, 1, temperature)(torch.zeros(rows, 2, dtype=torch.long), logits.expand(rows, 5).clone())
    assert (drawn == 0).sum() == rows
    share = torch.bincount(drawn.argmax(1), minlength=5) / rows
    assert torch.allclose(share, torch.softmax(logits / temperature, 0), atol=0.02)
    assert share[4] == 0

"""A prompt stands once for all its replies, and nobody sees what is not his."""

from __future__ import annotations

import torch

from toddler_training.grpo.fast_packing import ROW, UNSCORED, pack


def test_a_tree_has_its_prompt_once_and_its_replies_side_by_side() -> None:
    packing = pack([[1, 2, 3], [4], [1, 2, 3]], [[7, 8], [9], [5]], "cpu")
    assert packing.ids.tolist() == [[1, 2, 3, 7, 3, 4]]
    assert packing.labels.tolist() == [[UNSCORED, UNSCORED, 7, 8, 5, 9]]
    assert packing.positions.tolist() == [[0, 1, 2, 3, 2, 0]]
    assert packing.sees[0, 0].int().tolist() == [
        [1, 0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 0],
        [1, 1, 1, 0, 0, 0],
        [1, 1, 1, 1, 0, 0],
        [1, 1, 0, 0, 1, 0],  # the second reply does not see the first
        [0, 0, 0, 0, 0, 1],
    ]
    assert packing.spread(packing.labels, (3, 2)).tolist() == [[7, 8], [9, 0], [5, 0]]


def test_trees_fill_rows_and_every_token_sees_something() -> None:
    prompts = [[number] * (number % 50 + 1) for number in range(1, 60)]
    packing = pack(prompts, [[99, 98, 97] for _ in prompts], "cpu")
    tokens = sum(len(prompt) + 2 for prompt in prompts)
    assert packing.ids.shape[1] <= ROW
    assert tokens / packing.ids.numel() > 0.9
    assert packing.sees.any(-1).all()


def test_nothing_to_score_is_a_row_of_padding() -> None:
    packing = pack([[1, 2], [1, 2]], [[], []], "cpu")
    assert packing.ids.shape == (1, 1)
    assert packing.spread(torch.zeros(1, 1), (2, 3)).tolist() == [[0.0] * 3] * 2

"""Prompts with their replies as rows for one forward pass in which no prompt is read twice and little is padding.

The replies to one prompt make a tree: the prompt once, then the replies side by side, each of which sees the prompt and
itself. Every number is what it is when each reply follows a prompt of its own, since a causal model reads a prompt
without regard to what follows. Trees are put into rows by first fit, the longest first.

The last token of the prompt stands at the head of every branch rather than in the stem, because its output is the
first token of each reply; the last token of a reply predicts nothing that is scored, and is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

ROW = 128
"""Tokens of a row, or as many as the longest tree has. In shorter rows more is padding, in longer ones a token is
compared with more that it does not see. Our choice."""

UNSCORED = -100
"""Label of a position whose output is not scored; torch's convention."""


@dataclass(frozen=True)
class Packing:
    """Trees in R rows of L tokens, with N scored positions in all."""

    ids: Tensor
    """(R, L) tokens; 0 in the padding."""
    positions: Tensor
    """(R, L) position of each token in its own conversation."""
    sees: Tensor
    """(R, 1, L, L) booleans: whether a token (third axis) sees another (fourth)."""
    labels: Tensor
    """(R, L) the token that is to follow, `UNSCORED` where none is scored."""
    reply: Tensor
    """(2, N): reply and place in it of each scored token."""
    cell: Tensor
    """(2, N): row and column that predict it."""

    def spread(self, scores: Tensor, shape: tuple[int, int]) -> Tensor:
        """Scores of shape (R, L) as (replies, longest): zero where a reply has no token."""
        return scores.new_zeros(shape).index_put(tuple(self.reply), scores[tuple(self.cell)])


class _Token(NamedTuple):
    id: int
    position: int
    branch: int
    """0 in the stem, then from 1 on."""
    label: int
    reply: int
    place: int


def pack(prompts: Sequence[Sequence[int]], replies: Sequence[Sequence[int]], device: torch.device | str) -> Packing:
    """Pack replies with their prompts.

    Args:
        prompts: the prompt of each reply, one token at least; equal ones share a tree wherever they stand.
        replies: tokens; an empty reply takes no part.
        device: where the tensors are needed.
    """
    trees: dict[tuple[int, ...], list[_Token]] = {}
    for index, (prompt, reply) in enumerate(zip(prompts, replies, strict=True)):
        if not reply:
            continue
        *stem, last = prompt
        tree = trees.setdefault(
            tuple(prompt), [_Token(token, place, 0, UNSCORED, -1, -1) for place, token in enumerate(stem)]
        )
        tree.extend(
            _Token(token, len(stem) + place, index + 1, label, index, place)
            for place, (token, label) in enumerate(zip((last, *reply), reply, strict=False))
        )
    rows = _fill(list(trees.values()))
    length = max((sum(map(len, row)) for row in rows), default=1)
    # Four planes: token, position, branch, tree. Padding is a tree too, so that its softmax has something to see.
    planes = torch.zeros(4, max(len(rows), 1), length, dtype=torch.long)
    labels = torch.full(planes.shape[1:], UNSCORED)
    scored: list[tuple[int, int, int, int]] = []
    for number, row in enumerate(rows):
        tokens = [(number_of_tree, token) for number_of_tree, tree in enumerate(row, 1) for token in tree]
        planes[:, number, : len(tokens)] = torch.tensor(
            [(token.id, token.position, token.branch, tree) for tree, token in tokens]
        ).T
        labels[number, : len(tokens)] = torch.tensor([token.label for _, token in tokens])
        scored += [
            (token.reply, token.place, number, column)
            for column, (_, token) in enumerate(tokens)
            if token.label != UNSCORED
        ]
    ids, positions, branch, tree = planes.to(device)
    places = torch.tensor(scored, dtype=torch.long, device=device).reshape(-1, 4).T
    return Packing(ids, positions, _sight(positions, branch, tree), labels.to(device), places[:2], places[2:])


def _sight(positions: Tensor, branch: Tensor, tree: Tensor) -> Tensor:
    sees = (tree[:, :, None] == tree[:, None, :]) & (positions[:, :, None] >= positions[:, None, :])
    sees &= (branch[:, None, :] == 0) | (branch[:, :, None] == branch[:, None, :])
    return sees[:, None]


def _fill(trees: list[list[_Token]]) -> list[list[list[_Token]]]:
    """First fit, the longest first."""
    trees = sorted(trees, key=len, reverse=True)
    room = [max(ROW, len(trees[0]))] * len(trees) if trees else []
    rows: list[list[list[_Token]]] = [[] for _ in trees]
    for tree in trees:
        number = next(number for number, left in enumerate(room) if left >= len(tree))
        rows[number].append(tree)
        room[number] -= len(tree)
    return [row for row in rows if row]

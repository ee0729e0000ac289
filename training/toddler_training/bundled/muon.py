"""Muon: momentum whose step is made orthogonal, for the weight matrices inside the model.

Method: K. Jordan, "Muon: an optimizer for hidden layers in neural networks" (2024); the step is scaled to the size
of AdamW's as in J. Liu et al., "Muon is scalable for LLM training" (arXiv 2502.16982, section 2.2), so that both
share one learning rate. torch.optim.Muon computes in bfloat16, which processors without such instructions do slowly
(measured on 2 cores with AVX2: 13 s a step); this one computes in 32 bits, all matrices of one shape at once (0.25 s).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import torch

_QUINTIC = (3.4445, -4.7750, 2.0315)
"""Coefficients of the iteration, from Jordan (2024)."""
_ADAM_SIZE = 0.2
"""Root mean square of a typical AdamW step, from Liu et al. (2025)."""


class Muon(torch.optim.Optimizer):
    """Orthogonalised Nesterov momentum with decoupled weight decay."""

    def __init__(
        self,
        parameters: Iterable[torch.Tensor],
        lr: float,
        momentum: float = 0.95,
        weight_decay: float = 0.1,
        iterations: int = 5,
    ) -> None:
        """Set up.

        Args:
            parameters: Matrices only.
            lr: Learning rate, on AdamW's scale.
            momentum: Share of the old direction kept, 0 to 1.
            weight_decay: Shrinkage per step and unit of learning rate.
            iterations: Newton-Schulz iterations.
        """
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        self._iterations = iterations

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Move every matrix that has a gradient."""
        for group in self.param_groups:
            by_shape: dict[torch.Size, list[torch.Tensor]] = defaultdict(list)
            for parameter in group["params"]:
                if parameter.grad is not None:
                    by_shape[parameter.shape].append(parameter)
            for shape, matrices in by_shape.items():
                directions = torch.stack([self._direction(matrix, group["momentum"]) for matrix in matrices])
                steps = orthogonal(directions, self._iterations)
                for matrix, step in zip(matrices, steps, strict=True):
                    matrix.mul_(1 - group["lr"] * group["weight_decay"])
                    matrix.add_(step, alpha=-group["lr"] * _ADAM_SIZE * max(shape) ** 0.5)

    def _direction(self, matrix: torch.Tensor, momentum: float) -> torch.Tensor:
        assert matrix.grad is not None
        state = self.state[matrix]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(matrix)
        average = state["momentum"].lerp_(matrix.grad, 1 - momentum)
        return matrix.grad.lerp(average, momentum)


def orthogonal(matrices: torch.Tensor, iterations: int) -> torch.Tensor:
    """The nearest matrices with singular values about 1 (0.7 to 1.2): Newton-Schulz iteration.

    Args:
        matrices: Shape [count, rows, columns].
        iterations: 5 suffices for any gradient.
    """
    a, b, c = _QUINTIC
    wide = matrices.shape[1] <= matrices.shape[2]
    x: torch.Tensor = matrices if wide else matrices.mT
    x = x / (torch.linalg.matrix_norm(x, keepdim=True) + 1e-7)
    for _ in range(iterations):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return x if wide else x.mT

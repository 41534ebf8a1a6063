"""The optimisers that a run may choose from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import torch
from torch import Tensor, nn

from inference.training.config import TrainingConfig

_FEW: Final = 16
"""Rows below which a matrix is the last of its path and says something itself."""

_COLOURS: Final = 27
"""Columns of a kernel that sees the picture itself, or one map through a window."""

_QUINTIC: Final = (3.4445, -4.7750, 2.0315)
_ITERATIONS: Final = 5


def optimiser(network: nn.Module, config: TrainingConfig) -> torch.optim.Optimizer:
    """What moves the weights; only kernels and matrices shrink."""
    trained = [p for p in network.parameters() if p.requires_grad]
    if config.optimiser == "adamw":
        inner: list[nn.Parameter] = []
    else:
        inner = [p for p in trained if _turned(p)]
    known = {id(p) for p in inner}
    outer = [p for p in trained if p.ndim > 1 and id(p) not in known]
    decay = config.weight_decay
    groups: list[dict[str, Any]] = [
        {"params": inner, "weight_decay": decay, "orthogonal": True},
        {"params": outer, "weight_decay": decay},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    if config.optimiser == "adamw":
        return torch.optim.AdamW(groups, lr=config.rate, fused=True)
    return Muon(groups, config.rate)


def _turned(weights: nn.Parameter) -> bool:
    """Whether these are a kernel over many maps, or a matrix that narrows many numbers."""
    if weights.ndim < 2 or weights[0].numel() <= _COLOURS or len(weights) < _FEW:
        return False
    return bool(weights.ndim > 2 or len(weights) <= weights[0].numel())


class Muon(torch.optim.Optimizer):
    """Steps of equal length in all directions of a matrix; AdamW for all that is no matrix.

    The momentum of a matrix is replaced by the nearest orthogonal one (Jordan et al., "Muon: an
    optimizer for hidden layers in neural networks", 2024), scaled so that one rate serves both
    kinds (Liu et al., "Muon is scalable for LLM training", 2025).

    Parameters
    ----------
    groups : list of dict
        Those with ``orthogonal`` hold matrices, or kernels, which are taken as matrices of one row
        for each map that they make.
    lr : float
    """

    def __init__(self, groups: list[dict[str, Any]], lr: float) -> None:
        defaults = {
            "lr": lr,
            "momentum": 0.95,
            "betas": (0.9, 0.999),
            "eps": 1e-8,
            "weight_decay": 0.0,
            "orthogonal": False,
        }
        super().__init__(groups, defaults)

    def step(self, closure: Callable[[], float] | None = None) -> None:
        """Move all weights that have a gradient."""
        assert closure is None
        with torch.no_grad():
            for group in self.param_groups:
                way = self._orthogonal if group["orthogonal"] else self._adam
                for weights in group["params"]:
                    if weights.grad is not None:
                        weights.mul_(1.0 - group["lr"] * group["weight_decay"])
                        way(weights, weights.grad, group)

    def _orthogonal(self, weights: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        state = self.state[weights]
        if not state:
            state["mean"] = torch.zeros_like(weights)
        mean = state["mean"]
        mean.lerp_(gradient, 1.0 - group["momentum"])
        ahead = gradient.lerp(mean, group["momentum"]).reshape(len(weights), -1)
        scale = 0.2 * max(ahead.shape) ** 0.5
        weights.add_(orthogonalised(ahead).reshape(weights.shape), alpha=-group["lr"] * scale)

    def _adam(self, weights: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        state = self.state[weights]
        if not state:
            state["mean"] = torch.zeros_like(weights)
            state["square"] = torch.zeros_like(weights)
            state["steps"] = 0
        state["steps"] += 1
        first, second = group["betas"]
        mean, square, steps = state["mean"], state["square"], state["steps"]
        mean.lerp_(gradient, 1.0 - first)
        square.lerp_(gradient * gradient, 1.0 - second)
        deviation = (square / (1.0 - second**steps)).sqrt_().add_(group["eps"])
        weights.addcdiv_(mean, deviation, value=-group["lr"] / (1.0 - first**steps))


def orthogonalised(matrix: Tensor) -> Tensor:
    """Nearly the nearest orthogonal matrix: all singular values are drawn to about 1.

    Five steps of the odd quintic of Jordan et al. (2024), which ends between 0.7 and 1.2.

    Parameters
    ----------
    matrix : Tensor, shape (M, N)
    """
    a, b, c = _QUINTIC
    x = (matrix / (matrix.norm() + 1e-7)).bfloat16()
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.T
    for _ in range(_ITERATIONS):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return (x.T if tall else x).to(matrix.dtype)

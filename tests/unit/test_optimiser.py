"""Muon: steps that are equally long in all directions of a matrix."""

from __future__ import annotations

import copy

import msgspec
import pytest

torch = pytest.importorskip("torch", reason="the extra train is absent")

from torch import nn  # noqa: E402

from inference.training.config import TrainingConfig  # noqa: E402
from inference.training.optimiser import Muon, optimiser, orthogonalised  # noqa: E402


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 32, 3)
        self.alone = nn.Conv2d(32, 32, 3, groups=32)
        self.mixed = nn.Conv2d(32, 32, 1)
        self.narrow = nn.Linear(32, 16)
        self.said = nn.Linear(16, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        maps = self.mixed(self.alone(self.first(x)).relu()).relu()
        return self.said(self.narrow(maps.mean((2, 3))).relu())


@pytest.mark.parametrize("shape", [(16, 16), (16, 200), (200, 16), (64, 576)])
def test_all_directions_of_a_matrix_become_equally_long(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    found = orthogonalised(torch.randn(shape) * torch.logspace(-1, 1, shape[1]))
    lengths = torch.linalg.svdvals(found.float())
    assert found.shape == shape and found.dtype is torch.float32
    assert 0.3 < float(lengths.median()) < 1.3 and float(lengths.max()) < 1.4


def test_kernels_and_inner_matrices_alone_are_moved_so() -> None:
    network = Small()
    inner = optimiser(network, TrainingConfig()).param_groups[0]
    assert inner["orthogonal"]
    found = {id(p) for p in inner["params"]}
    names = {name for name, p in network.named_parameters() if id(p) in found}
    assert names == {"mixed.weight", "narrow.weight"}


def test_adamw_has_no_such_group() -> None:
    found = optimiser(Small(), TrainingConfig(optimiser="adamw"))
    assert isinstance(found, torch.optim.AdamW)


@pytest.mark.parametrize("name", ["muon", "adamw"])
def test_a_small_network_learns(name: str) -> None:
    torch.manual_seed(0)
    network = Small()
    moves = optimiser(network, msgspec.structs.replace(TrainingConfig(), optimiser=name))
    x = torch.rand(64, 3, 8, 8)
    wanted = x.mean((2, 3))[:, :2] * 4.0
    losses = []
    for _ in range(150):
        moves.zero_grad()
        loss = nn.functional.mse_loss(network(x), wanted)
        loss.backward()
        moves.step()
        losses.append(loss.item())
    assert losses[-1] < 0.05 * losses[0]


def test_what_is_not_orthogonal_moves_as_adamw_does() -> None:
    torch.manual_seed(0)
    ours, theirs = (nn.Parameter(torch.ones(4, 3)) for _ in range(2))
    a = Muon([{"params": [ours], "weight_decay": 0.1}], 1e-2)
    b = torch.optim.AdamW([theirs], lr=1e-2, weight_decay=0.1)
    for _ in range(20):
        ours.grad = torch.randn(4, 3)
        theirs.grad = ours.grad.clone()
        a.step()
        b.step()
    assert torch.allclose(ours, theirs, atol=1e-6)


def test_it_goes_on_where_it_was() -> None:
    torch.manual_seed(0)
    network = Small()
    x = torch.rand(8, 3, 8, 8)

    def step(moves: torch.optim.Optimizer) -> None:
        moves.zero_grad()
        network(x).square().sum().backward()
        moves.step()

    first = optimiser(network, TrainingConfig())
    step(first)
    state = {name: value.clone() for name, value in network.state_dict().items()}
    kept = copy.deepcopy(first.state_dict())
    second = optimiser(network, TrainingConfig())
    second.load_state_dict(kept)
    step(second)
    once = {name: value.clone() for name, value in network.state_dict().items()}
    network.load_state_dict(state)
    step(first)
    assert all(torch.equal(once[name], value) for name, value in network.state_dict().items())

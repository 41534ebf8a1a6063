"""A learnt way of drawing the 68 points as a network that can be exported."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from inference.models.transfer import FIXED, Alignment


class HabitTransfer(nn.Module):
    """Adds offsets to points that somebody else found: linear in constant, view and shape.

    Parameters
    ----------
    offsets : Tensor, shape (F, 68, 3), metres
        Factors of 1, of three terms of the view where ``view`` is true, of the codes of the shape.
    view : bool
    probed : sequence of int
        Points whose places in the head frame make the codes.
    shape_mean : Tensor, shape (3·M,), metres
    shape_basis : Tensor, shape (3·M, S), 1/metres
    """

    offsets: Tensor
    probed: Tensor
    mean: Tensor
    basis: Tensor

    def __init__(
        self,
        offsets: Tensor,
        view: bool,
        probed: Sequence[int],
        shape_mean: Tensor,
        shape_basis: Tensor,
    ) -> None:
        super().__init__()
        self.align = Alignment()
        self.view = view
        self.register_buffer("offsets", offsets.float())
        self.register_buffer("probed", torch.as_tensor(list(probed)))
        self.register_buffer("mean", shape_mean.float())
        self.register_buffer("basis", shape_basis.float())

    def forward(self, landmarks: Tensor, start: Tensor) -> Tensor:
        """Points (B, 588, 3) and the 68 to start from (B, 68, 3) to (B, 68, 3), crop units."""
        seen = self.align(landmarks)
        said = [torch.ones_like(landmarks[:, 0, :1])]
        if self.view:
            view = seen.view()
            said += [view[:, :2], view[:, :1] * view[:, :1]]
        if self.basis.shape[1]:
            shape = seen.shape.index_select(1, self.probed).flatten(1)
            said.append((shape - self.mean) @ self.basis)
        moved = (torch.cat(said, dim=1) @ self.offsets.flatten(1)).unflatten(1, (FIXED, 3))
        return start + seen.out(moved)


class FromOwnPoints(nn.Module):
    """Starts from a run of 68 of the network's own points.

    Parameters
    ----------
    inner : HabitTransfer
    first : int
        Where the run starts.
    """

    def __init__(self, inner: HabitTransfer, first: int) -> None:
        super().__init__()
        self.inner, self.first = inner, first

    def forward(self, landmarks: Tensor) -> Tensor:
        found: Tensor = self.inner(landmarks, landmarks[:, self.first : self.first + FIXED])
        return found

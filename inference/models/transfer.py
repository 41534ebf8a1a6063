"""From the points that the face network finds to iBUG-68 as somebody draws them.

Both networks here look at the points in the frame of the head, so that what they learn holds for
every place, size, lean and turn of a face, and both start as the identity on the points of
ibug-68-outline.

Frames
------
crop units
    As in `inference.crop`.
head frame
    Camera axes of a head at zero pose (x right, y down, z away), metres on the mean head, origin
    between the eyes.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from app.topology.store import load

DENSE, FIXED = 520, 68
POINTS: Final = DENSE + FIXED
"""The dense points, then those of ibug-68-outline."""

OUTLINE: Final = slice(DENSE, POINTS)

_POLAR_STEPS: Final = 7
_LEAST_SCALE: Final = 1e-4


@functools.cache
def mean_head() -> Tensor:
    """The points at rest on the mean head, shape (588, 3), metres, head frame."""
    dense = np.array([mark.mean for mark in load("dense-520").landmarks])
    world = np.concatenate([dense, dense[:FIXED]])
    camera = np.stack([world[:, 0], -world[:, 2], world[:, 1]], axis=1)
    return torch.from_numpy(camera.astype(np.float32))


@dataclass(frozen=True)
class Aligned:
    """Points of heads, x = centre + scale · rotation · (head frame).

    Attributes
    ----------
    centre : Tensor, shape (B, 1, 3), crop units
    scale : Tensor, shape (B, 1, 1)
        Crop units to a metre.
    rotation : Tensor, shape (B, 3, 3)
    shape : Tensor, shape (B, 588, 3), metres
        What is left in the head frame when the mean head is taken away.
    """

    centre: Tensor
    scale: Tensor
    rotation: Tensor
    shape: Tensor

    def view(self) -> Tensor:
        """Direction of sight in the head frame, shape (B, 3): 0, 0, 1 from straight ahead.

        It does not change when a head leans.
        """
        return self.rotation[:, 2, :]

    def out(self, offsets: Tensor) -> Tensor:
        """Offsets (B, P, 3), metres in the head frame, as offsets in crop units."""
        return self.scale * (offsets @ self.rotation.transpose(1, 2))


class Alignment(nn.Module):
    """Lays the mean head over points by least squares.

    The affine map from mean head to points has the rotation as its polar factor, found by the
    Newton–Schulz iteration (Higham, Functions of Matrices, 2008, section 8.3): products alone, so
    that it can be exported.
    """

    mean: Tensor
    solver: Tensor
    middle: Tensor

    def __init__(self) -> None:
        super().__init__()
        mean = mean_head()
        middle = mean[:DENSE].mean(0, keepdim=True)
        centred = (mean[:DENSE] - middle).double()
        solver = (centred @ torch.linalg.inv(centred.T @ centred)).float()
        self.register_buffer("mean", mean, persistent=False)
        self.register_buffer("middle", middle, persistent=False)
        self.register_buffer("solver", solver, persistent=False)

    def forward(self, landmarks: Tensor) -> Aligned:
        """Points (B, 588, 3), crop units."""
        dense = landmarks[:, :DENSE]
        centroid = dense.mean(1, keepdim=True)
        affine = (dense - centroid).transpose(1, 2) @ self.solver
        squared = (affine * affine).sum((1, 2), keepdim=True)
        scale = torch.sqrt(squared / 3.0 + _LEAST_SCALE**2)
        rotation = affine / scale
        for _ in range(_POLAR_STEPS):
            rotation = 1.5 * rotation - 0.5 * rotation @ (rotation.transpose(1, 2) @ rotation)
        centre = centroid - scale * (self.middle @ rotation.transpose(1, 2))
        shape = (landmarks - centre) @ rotation / scale - self.mean
        return Aligned(centre, scale, rotation, shape)


class TransferNet(nn.Module):
    """The offsets of the 68 points from the shape of all points and the direction of sight.

    Parameters
    ----------
    code : int
        Numbers that the shape is drawn together to.
    hidden : int
    """

    _SHAPE_UNIT: Final = 0.01
    _OFFSET_UNIT: Final = 0.01
    exact: Final = True

    def __init__(self, code: int = 32, hidden: int = 64) -> None:
        super().__init__()
        self.align = Alignment()
        self.code = nn.Linear(POINTS * 3, code)
        self.hidden = nn.Sequential(nn.Linear(code + 3, hidden), nn.SiLU())
        self.offsets = nn.Linear(hidden + code + 3, FIXED * 3)
        nn.init.normal_(self.code.weight, std=POINTS**-0.5)
        nn.init.zeros_(self.code.bias)
        nn.init.zeros_(self.offsets.weight)
        nn.init.zeros_(self.offsets.bias)

    def forward(self, landmarks: Tensor) -> Tensor:
        """Points (B, 588, 3) to iBUG-68 (B, 68, 3), both in crop units."""
        seen = self.align(landmarks)
        said = torch.cat([self.code(seen.shape.flatten(1) / self._SHAPE_UNIT), seen.view()], dim=1)
        found = self.offsets(torch.cat([self.hidden(said), said], dim=1)).unflatten(1, (FIXED, 3))
        return landmarks[:, OUTLINE] + seen.out(found * self._OFFSET_UNIT)

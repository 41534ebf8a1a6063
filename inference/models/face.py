"""One pass for all that is said about a face: landmarks with their uncertainty, pose, presence.

The landmarks are guessed from the whole crop and then corrected, twice, by what is seen where each
was guessed, as cascades of regressors do (Xiong and De la Torre, CVPR 2013). What a person looks
like as a whole differs between renders and photographs more than a corner of an eye does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from inference.models.mobilenet import FUSED_STAGES, MobileNetV2, convolution

SIZE: Final = 128
"""Edge of the square crop in pixels, unless another is asked for."""

STEM: Final = 16

LEAST_LOG_SIGMA, GREATEST_LOG_SIGMA = -6.0, 1.0

_NEAR: Final = 64
"""Channels of the maps in which landmarks look about."""

_REACH: Final = 0.05
"""Crop units by which an output of 1 moves a landmark."""


@dataclass(frozen=True)
class FaceOutput:
    """What is said of a batch of crops.

    Attributes
    ----------
    landmarks : Tensor, shape (B, L, 3)
        x right and y down from -0.5 to 0.5 of the crop about its middle, z in the same unit, less
        is nearer, 0 at the head centre.
    log_sigma : Tensor, shape (B, L)
        Natural logarithm of the deviation of one coordinate in the same unit.
    rotation : Tensor, shape (B, 6)
        First two columns of the head's rotation seen by the camera, not yet orthonormal.
    presence : Tensor, shape (B,)
        Logit of there being a face.
    """

    landmarks: Tensor
    log_sigma: Tensor
    rotation: Tensor
    presence: Tensor


class FaceNet(nn.Module):
    """A MobileNetV2 whose last maps keep their places until a narrow code is drawn from them.

    Its first stages are fused ones: a third less time to train, and finer late stages for it. The
    code is normalised crop by crop: over a batch, one crop far from the rest presses all others
    together.

    Parameters
    ----------
    landmarks : int
    width : float
        Of the backbone.
    code : int
        Numbers from which all heads are linear.
    size : int
        Edge of the crops, a multiple of 32.
    mean : Tensor, shape (landmarks, 3), optional
        Mean landmarks, the start of training.
    """

    def __init__(
        self,
        landmarks: int = 520,
        width: float = 1.0,
        code: int = 256,
        size: int = SIZE,
        mean: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.size = size
        self.backbone = MobileNetV2(width, FUSED_STAGES[:-1], STEM)
        fine, coarse = self.backbone.channels[-2:]
        self.fine = convolution(fine, 24)
        self.coarse = convolution(coarse, 64)
        flat = 24 * (size // 16) ** 2 + 64 * (size // 32) ** 2
        self.code = nn.Sequential(nn.Linear(flat, code), nn.LayerNorm(code), nn.ReLU())
        self.landmarks = nn.Linear(code, landmarks * 3)
        self.spread = nn.Linear(code, landmarks)
        self.rotation = nn.Linear(code, 6)
        self.presence = nn.Linear(code, 1)
        self.near = Near(self.backbone.channels[-3:], _NEAR)
        self.corrections = nn.ParameterList(
            nn.Parameter(torch.zeros(2, landmarks, _NEAR)) for _ in range(2)
        )
        nn.init.normal_(self.landmarks.weight, std=1e-3)
        nn.init.zeros_(self.landmarks.bias)
        nn.init.normal_(self.spread.weight, std=1e-3)
        nn.init.constant_(self.spread.bias, -3.0)
        with torch.no_grad():
            self.rotation.bias.copy_(torch.tensor([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]))
            if mean is not None:
                self.landmarks.bias.copy_(mean.reshape(-1))

    def forward(self, pictures: Tensor) -> FaceOutput:
        """Crops (B, 3, S, S), RGB, 0 to 1; S is ``size``, or less to learn quickly at first."""
        maps = self.backbone(pictures * 2.0 - 1.0)
        fine = _on_grid(self.fine(maps[-2]), self.size // 16)
        coarse = _on_grid(self.coarse(maps[-1]), self.size // 32)
        parts = [fine.flatten(1), coarse.flatten(1)]
        code = self.code(torch.cat(parts, dim=1))
        sigma = self.spread(code).clamp(LEAST_LOG_SIGMA, GREATEST_LOG_SIGMA)
        guessed = self.landmarks(code).unflatten(1, (-1, 3))
        near, found = self.near(maps[-3:]), guessed[..., :2]
        for weights in self.corrections:
            seen = looked_up(near, found.detach())
            moved = [(seen * weights[k]).sum(2) for k in range(2)]
            found = found + _REACH * torch.stack(moved, dim=2)
        return FaceOutput(
            torch.cat([found, guessed[..., 2:]], dim=2),
            sigma,
            self.rotation(code),
            self.presence(code).squeeze(1),
        )


class Near(nn.Module):
    """Maps of three strides, joined at the finest.

    Parameters
    ----------
    inputs : sequence of int
        Channels of the maps, finest first.
    channels : int
    """

    def __init__(self, inputs: Sequence[int], channels: int) -> None:
        super().__init__()
        self.sides = nn.ModuleList(nn.Conv2d(each, channels, 1, bias=False) for each in inputs)
        self.mixed = nn.Sequential(
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
        )

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        edge = maps[0].shape[-1]
        sides = [_on_grid(side(each), edge) for side, each in zip(self.sides, maps, strict=True)]
        return self.mixed(sides[0] + sides[1] + sides[2])


def looked_up(maps: Tensor, places: Tensor) -> Tensor:
    """Values of maps (B, C, E, E) at places (B, L, 2) in crop units, shape (B, L, C).

    Bilinear, beyond the crop those of its border. As a product of matrices: for so many channels
    it takes a tenth of the time that ONNX Runtime's `GridSample` does.
    """
    edge = maps.shape[-1]
    cells = torch.arange(edge, dtype=places.dtype, device=places.device)
    at = ((places + 0.5) * edge - 0.5).clamp(0, edge - 1)
    across, down = ((1.0 - (at[..., k, None] - cells).abs()).clamp(min=0.0) for k in range(2))
    shares = (down[..., :, None] * across[..., None, :]).flatten(2)
    return shares.to(maps.dtype) @ maps.flatten(2).transpose(1, 2)


class ExportedFace(nn.Module):
    """The network as it is shipped: plain numbers in place of logarithms, columns and logits."""

    def __init__(self, network: FaceNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Landmarks (B, L, 3), σ (B, L), rotation (B, 3, 3) and probability of a face (B,)."""
        out: FaceOutput = self.network(pictures)
        return (
            out.landmarks,
            out.log_sigma.exp(),
            orthonormal(out.rotation),
            out.presence.sigmoid(),
        )


def _on_grid(maps: Tensor, edge: int) -> Tensor:
    """Maps of crops of another size, drawn out to the cells that the code is read from."""
    if maps.shape[-1] == edge:
        return maps
    return nn.functional.interpolate(maps, size=(edge, edge), mode="bilinear")


def orthonormal(columns: Tensor) -> Tensor:
    """Rotations (B, 3, 3) from two columns (B, 6) by Gram and Schmidt (Zhou et al., CVPR 2019)."""
    first = nn.functional.normalize(columns[:, :3], dim=1)
    second = columns[:, 3:] - (first * columns[:, 3:]).sum(1, keepdim=True) * first
    second = nn.functional.normalize(second, dim=1)
    return torch.stack([first, second, torch.cross(first, second, dim=1)], dim=2)

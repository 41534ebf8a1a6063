"""Finds faces in a picture: three maps of centres and boxes over a narrow backbone.

Faces are found as points (Zhou, Wang and Krähenbühl, *Objects as Points*, 2019): a map tells for
every cell how likely the middle of a face lies there, others tell its box. Small, middling and
large faces have a map each, at strides 8, 16 and 32, joined from coarse to fine (Lin et al.,
*Feature Pyramid Networks*, CVPR 2017).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDES: Final = (8, 16, 32)

SIZES: Final = ((0.0, 56.0), (56.0, 136.0), (136.0, math.inf))
"""Longer side of the boxes, in pixels, that the map of each stride is to find."""

REFERENCE: Final = 4.0
"""Cells of a stride that a box's side has where the network says 0."""

PRIOR: Final = 0.01
"""Score that every cell has before training."""


GATE: Final = 0.05


@dataclass(frozen=True)
class Maps:
    """What is said of every cell of one stride.

    Attributes
    ----------
    heat : Tensor, shape (B, h, w)
        Logit of a face's middle being here.
    box : Tensor, shape (B, 4, h, w)
        From the middle of the cell to that of the box, in strides, right and down; natural
        logarithm of width and height over `REFERENCE` strides.
    stride : int
    """

    heat: Tensor
    box: Tensor
    stride: int


def _convolution(
    inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1, active: bool = True
) -> nn.Sequential:
    layers: list[nn.Module] = [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    if active:
        layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers)


class Separable(nn.Module):
    """Every channel filtered alone, then mixed; adds what came in where that fits."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1, kernel: int = 3) -> None:
        super().__init__()
        self.alone = _convolution(inputs, inputs, kernel, stride, groups=inputs)
        self.mixed = _convolution(inputs, outputs, 1, active=False)
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.mixed(self.alone(x))
        return functional.relu(x + y if self.adds else y)


class DetectorNet(nn.Module):
    """The network up to its maps.

    Parameters
    ----------
    channels : tuple of 5 int
        Of the backbone at strides 2, 4, 8, 16 and 32.
    blocks : tuple of 4 int
        Blocks at strides 4, 8, 16 and 32 after the one that halves.
    neck : int
        Channels of the joined maps.

    The layers that tell centres and boxes are marked ``exact``: eight bits do not hold a place in
    a picture.
    """

    def __init__(
        self,
        channels: tuple[int, int, int, int, int] = (16, 24, 64, 96, 128),
        blocks: tuple[int, int, int, int] = (1, 3, 3, 2),
        neck: int = 48,
    ) -> None:
        super().__init__()
        stem, *rest = channels
        self.stem = _convolution(3, stem, 3, 2)
        stages: list[nn.Module] = []
        inputs = stem
        for outputs, repeats, kernel in zip(rest, blocks, (3, 3, 3, 5), strict=True):
            stage: list[nn.Module] = [Separable(inputs, outputs, 2)]
            stage += [Separable(outputs, outputs, 1, kernel) for _ in range(repeats)]
            stages.append(nn.Sequential(*stage))
            inputs = outputs
        self.stages = nn.ModuleList(stages)
        self.across = nn.ModuleList(_convolution(c, neck, 1, active=False) for c in rest[1:])
        self.join = nn.ModuleList(Separable(neck, neck) for _ in STRIDES)
        self.heads = nn.ModuleList(
            nn.Sequential(Separable(neck, neck), nn.Conv2d(neck, 5, 1)) for _ in STRIDES
        )
        self.apply(_initialise)
        for head in self.heads:
            assert isinstance(head, nn.Sequential)
            last = head[-1]
            assert isinstance(last, nn.Conv2d) and last.bias is not None
            last.exact = True
            nn.init.normal_(last.weight, std=0.01)
            nn.init.zeros_(last.bias)
            with torch.no_grad():
                last.bias[0] = -math.log((1.0 - PRIOR) / PRIOR)

    def forward(self, pictures: Tensor) -> list[Maps]:
        """Pictures (B, 3, H, W), RGB, 0 to 1, sides multiples of 32, to maps, finest first."""
        x = self.stem(pictures * 2.0 - 1.0)
        levels = []
        for stage in self.stages:
            x = stage(x)
            levels.append(x)
        above: Tensor | None = None
        found: list[Maps] = []
        for k in reversed(range(len(STRIDES))):
            level = self.across[k](levels[k + 1])
            if above is not None:
                level = level + functional.interpolate(above, scale_factor=2.0, mode="nearest")
            above = self.join[k](functional.relu(level))
            said = self.heads[k](above)
            found.append(Maps(said[:, 0], said[:, 1:], STRIDES[k]))
        return found[::-1]


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        if module.groups == module.in_channels:
            fan = module.kernel_size[0] * module.kernel_size[1]
            nn.init.normal_(module.weight, std=math.sqrt(2.0 / fan))


def boxes(maps: Maps) -> Tensor:
    """Every cell's box, (B, h·w, 4): x, y of the corner, width and height.

    Pixels with (0, 0) at the centre of the top-left pixel.
    """
    _, _, rows, columns = maps.box.shape
    kind = {"dtype": maps.box.dtype, "device": maps.box.device}
    x = torch.arange(columns, **kind).view(1, 1, columns)
    y = torch.arange(rows, **kind).view(1, rows, 1)
    stride = float(maps.stride)
    width, height = (torch.exp(maps.box[:, k].clamp(-4.0, 4.0)) * REFERENCE for k in (2, 3))
    left = (x + 0.5 + maps.box[:, 0] - width / 2.0) * stride - 0.5
    top = (y + 0.5 + maps.box[:, 1] - height / 2.0) * stride - 0.5
    return torch.stack([left, top, width * stride, height * stride], dim=3).flatten(1, 2)


class Detector(nn.Module):
    """The network as it is used: a box and a score for every cell of every map.

    A cell keeps its score where none of the eight around it scores more, and loses it over
    `GATE` of score below the best of them; so the least of differences in arithmetic changes
    little. Boxes of neighbours and what two maps both found are left to suppression.

    Parameters
    ----------
    network : Module
        A `DetectorNet`.
    sure : float
        Score of the network that becomes 0.5.
    """

    def __init__(self, network: nn.Module, sure: float = 0.5) -> None:
        super().__init__()
        self.network = network
        self.shift = math.log(sure / (1.0 - sure))

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Pictures (N, 3, H, W) to boxes (N, K, 4) in pixels and scores (N, K), 0 to 1."""
        places, scores = [], []
        for maps in self.network(pictures):
            heat = torch.sigmoid(maps.heat - self.shift)
            highest = functional.max_pool2d(heat[:, None], 3, 1, 1)[:, 0]
            kept = (1.0 - (highest - heat) / GATE).clamp_min(0.0)
            scores.append((heat * kept).flatten(1))
            places.append(boxes(maps))
        return torch.cat(places, dim=1), torch.cat(scores, dim=1)

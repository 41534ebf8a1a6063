"""Where the steering wheel is in a picture of a cabin: a box, and how sure that there is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from inference.models.mobilenet_v3 import MobileNetV3, convolution

CHANNELS: Final = 96


@dataclass(frozen=True)
class RegionOutput:
    """What is said of a batch of pictures.

    Attributes
    ----------
    boxes : Tensor, shape (B, 4)
        Left, top, right, bottom in units of the square picture, whose sides lie at −0.5 and 0.5.
    sure : Tensor, shape (B,)
        Logit of there being a wheel.
    looks : Tensor, shape (B, h, w)
        Logits of where its middle is.
    """

    boxes: Tensor
    sure: Tensor
    looks: Tensor


class RegionNet(nn.Module):
    """Every place of a map tells how far the wheel's sides are; those near its middle count.

    The box is the mean of what the places say, weighted by a softmax (as in integral regression of
    points, Sun et al., ECCV 2018; sides as in FCOS, Tian et al., ICCV 2019).

    Parameters
    ----------
    width : float
        Of the backbone, a MobileNetV3-Small.
    """

    def __init__(self, width: float = 0.5) -> None:
        super().__init__()
        self.backbone = MobileNetV3(width)
        self.neck = nn.Sequential(
            convolution(self.backbone.channels, CHANNELS, swish=True),
            convolution(CHANNELS, CHANNELS, 5, groups=CHANNELS, swish=True),
        )
        self.out = PlacesOutput(CHANNELS)

    def forward(self, pictures: Tensor) -> RegionOutput:
        """Pictures (B, 3, S, S), RGB, 0 to 1, with S a multiple of 32."""
        boxes, sure, looks = self.out(self.neck(self.backbone(pictures * 2.0 - 1.0)))
        return RegionOutput(boxes, sure, looks)


class PlacesOutput(nn.Module):
    """Sides, middle and presence from a map."""

    exact = True

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.look = nn.Conv2d(channels, 1, 1)
        self.sides = nn.Conv2d(channels, 4, 1)
        self.sure = nn.Linear(channels, 1)
        for layer in (self.look, self.sides, self.sure):
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)
        with torch.no_grad():
            self.sides.bias.fill_(0.15)

    def forward(self, seen: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """A map (B, C, h, w) to boxes (B, 4), logits (B,) and logits of places (B, h, w)."""
        height, width = seen.shape[2], seen.shape[3]
        look = self.look(seen)[:, 0]
        weights = torch.softmax(look.flatten(1), dim=1)[:, None]
        sides = (self.sides(seen).flatten(2) * weights).sum(2)
        x = (torch.arange(width, device=seen.device, dtype=seen.dtype) + 0.5) / width - 0.5
        y = (torch.arange(height, device=seen.device, dtype=seen.dtype) + 0.5) / height - 0.5
        across = (x.repeat(height)[None, None] * weights).sum(2)
        down = (y.repeat_interleave(width)[None, None] * weights).sum(2)
        middle = torch.cat([across, down], dim=1)
        boxes = torch.cat([middle - sides[:, :2], middle + sides[:, 2:]], dim=1)
        return boxes, self.sure(seen.mean((2, 3)))[:, 0], look


class ExportedRegion(nn.Module):
    """The network as it is shipped: x, y, width, height in crop units, and a probability."""

    def __init__(self, network: RegionNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """``wheel`` (B, 4) and ``sure`` (B,) of pictures (B, 3, S, S)."""
        found = self.network(pictures)
        corner, far = found.boxes[:, :2], found.boxes[:, 2:]
        box = torch.cat([corner, torch.clamp(far - corner, min=0.0)], dim=1)
        return box, torch.sigmoid(found.sure)

"""Whether the left and the right hand are on the wheel, from a crop about the wheel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from inference.models.mobilenet_v3 import MobileNetV3

HIDDEN: Final = (128, 64)
"""Of the two layers with ReLU in a head."""


@dataclass(frozen=True)
class HandsOutput:
    """What is said of a batch of crops; of the two hands the driver's left one comes first.

    Attributes
    ----------
    logits : Tensor, shape (B, 2)
        Of the hand being on the wheel.
    distances : Tensor, shape (B, 2)
        Of the hand to the rim, in a unit of the training alone.
    looks : Tensor, shape (B, 2, h, w)
        Logits of where each head looks.
    """

    logits: Tensor
    distances: Tensor
    looks: Tensor


class HandHead(nn.Module):
    """Looks at one place of the map, and at all of it; two layers with ReLU, and one number.

    The mean over the places, weighted by a softmax of their own, stands beside the plain mean:
    which of two hands is meant is told by where it is.

    Parameters
    ----------
    channels : int
        Of the map.
    """

    exact = True

    def __init__(self, channels: int) -> None:
        super().__init__()
        first, second = HIDDEN
        self.look = nn.Conv2d(channels, 1, 1)
        self.layers = nn.Sequential(
            nn.Linear(2 * channels, first),
            nn.ReLU(inplace=True),
            nn.Linear(first, second),
            nn.ReLU(inplace=True),
        )
        self.out = nn.Linear(second, 2)
        nn.init.normal_(self.out.weight, std=0.01)
        nn.init.zeros_(self.out.bias)
        nn.init.normal_(self.look.weight, std=0.01)

    def forward(self, seen: Tensor) -> tuple[Tensor, Tensor]:
        """A map (B, C, h, w) to the logit and distance (B, 2), and where it looks (B, h, w)."""
        look = self.look(seen)[:, 0]
        weights = torch.softmax(look.flatten(1), dim=1)
        there = (seen.flatten(2) * weights[:, None]).sum(2)
        said: Tensor = self.out(self.layers(torch.cat([there, seen.mean((2, 3))], dim=1)))
        return said, look


class HandsNet(nn.Module):
    """MobileNetV3-Small and a head for each hand.

    Parameters
    ----------
    width : float
        Of the backbone.
    """

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        self.backbone = MobileNetV3(width)
        self.left = HandHead(self.backbone.channels)
        self.right = HandHead(self.backbone.channels)

    def forward(self, pictures: Tensor) -> HandsOutput:
        """Crops (B, 3, S, S), RGB, 0 to 1, with S a multiple of 32."""
        seen = self.backbone(pictures * 2.0 - 1.0)
        said, looks = zip(*(head(seen) for head in (self.left, self.right)), strict=True)
        both = torch.stack(said, dim=1)
        return HandsOutput(both[..., 0], both[..., 1], torch.stack(looks, dim=1))


class ExportedHands(nn.Module):
    """The network as it is shipped: the probability of each hand."""

    def __init__(self, network: HandsNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor) -> tuple[Tensor]:
        """Probabilities (B, 2), left then right, of crops (B, 3, S, S)."""
        return (torch.sigmoid(self.network(pictures).logits),)

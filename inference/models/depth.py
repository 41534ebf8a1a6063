"""Depth of a face relative to its head's centre, from one crop: an encoder and a decoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from inference.models.mobilenet import STAGES, MobileNetV2, convolution

UNIT: Final = 0.05
"""Metres: what the last layer gives as 1; about as far as a nose stands out before the eyes."""

CHANNELS: Final = (96, 64, 40, 24)
"""After each stage of the decoder but the last, coarsest first."""


@dataclass(frozen=True)
class DepthOutput:
    """What is said of a batch of crops.

    Attributes
    ----------
    depth : Tensor, shape (B, 1, S, S)
        Metres along the camera's axis from the head centre, away positive. Without meaning where
        there is no face.
    mask : Tensor, shape (B, 1, S, S)
        Logit of the pixel showing the face's surface.
    """

    depth: Tensor
    mask: Tensor


class UpSampling(nn.Module):
    """A separable 5×5 convolution, then twice the size; what the encoder saw there is added."""

    def __init__(self, inputs: int, outputs: int, skip: int) -> None:
        super().__init__()
        self.filter = convolution(inputs, inputs, 5, groups=inputs)
        self.mix = convolution(inputs, outputs)
        self.skip = convolution(skip, outputs)

    def forward(self, x: Tensor, seen: Tensor) -> Tensor:
        """Maps (B, C, h, w) and the encoder's (B, ·, 2·h, 2·w) to (B, C', 2·h, 2·w)."""
        wide = nn.functional.interpolate(
            self.mix(self.filter(x)), scale_factor=2.0, mode="bilinear"
        )
        return wide + self.skip(seen)


class DepthNet(nn.Module):
    """FaceDepth's plan (Khan et al., Neural Networks 142, 2021) in a size that runs live.

    A MobileNetV2 down to 1/32, five up-sampling stages of 5×5 convolutions back to the size of
    the crop, skips between them, and pointwise layers at the end. Unlike the paper's, the 5×5
    convolutions are separable and come before the doubling (Wofk et al., FastDepth, ICRA 2019),
    the skips are added rather than joined, and the last stage doubles by sorting channels into
    pixels (Shi et al., CVPR 2016): nothing is convolved at full size.

    Parameters
    ----------
    width : float
        Of the encoder.
    channels : sequence of int
        Of the decoder after each stage but the last, coarsest first.
    """

    def __init__(self, width: float = 1.0, channels: Sequence[int] = CHANNELS) -> None:
        super().__init__()
        if len(channels) != len(CHANNELS):
            raise ValueError(f"the decoder has {len(CHANNELS)} inner stages, not {len(channels)}")
        self.encoder = MobileNetV2(width, STAGES[:-1])
        *fine, coarse = self.encoder.channels
        first, last = channels[0] * 2, channels[-1]
        self.neck = convolution(coarse, first)
        self.context = nn.Linear(first, first)
        self.stages = nn.ModuleList(
            UpSampling(inputs, outputs, skip)
            for inputs, outputs, skip in zip(
                (first, *channels[:-1]), channels, reversed(fine), strict=True
            )
        )
        self.filter = convolution(last, last, 5, groups=last)
        self.out = PixelOutput(last)

    def forward(self, pictures: Tensor) -> DepthOutput:
        """Crops (B, 3, S, S), RGB, 0 to 1, with S a multiple of 32."""
        *fine, coarse = self.encoder(pictures * 2.0 - 1.0)
        x = self.neck(coarse)
        x = x + self.context(x.mean((2, 3)))[:, :, None, None]
        for stage, seen in zip(self.stages, reversed(fine), strict=True):
            x = stage(x, seen)
        out = self.out(self.filter(x))
        return DepthOutput(out[:, :1] * UNIT, out[:, 1:])


class PixelOutput(nn.Module):
    """Two pointwise layers, and four pixels of depth and mask from each place."""

    exact = True

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.mix = convolution(inputs, inputs)
        self.out = nn.Conv2d(inputs, 2 * 4, 1)
        alike = 0.01 * torch.randn(2, 1, inputs, 1, 1).expand(-1, 4, -1, -1, -1)
        with torch.no_grad():
            self.out.weight.copy_(alike.flatten(0, 1))
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Maps (B, C, h, w) to depth and mask (B, 2, 2·h, 2·w)."""
        return nn.functional.pixel_shuffle(self.out(self.mix(x)), 2)


class ExportedDepth(nn.Module):
    """The network as it is shipped: metres, and the mask as a probability."""

    def __init__(self, network: DepthNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Depth and mask, both (B, 1, S, S), of crops (B, 3, S, S)."""
        found = self.network(pictures)
        return found.depth, torch.sigmoid(found.mask)

"""MobileNetV3-Small (Howard et al., ICCV 2019): inverted residuals that weigh their channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from torch import Tensor, nn

from inference.models.mobilenet import rounded


@dataclass(frozen=True)
class Block:
    """One inverted residual.

    Attributes
    ----------
    kernel, wide, channels, stride : int
        Of the depthwise filter; channels within and at the end.
    weighs : bool
        Squeeze and excitation.
    hard_swish : bool
        The activation; ReLU without.
    """

    kernel: int
    wide: int
    channels: int
    stride: int
    weighs: bool
    hard_swish: bool


SMALL: Final = (
    Block(3, 16, 16, 2, True, False),
    Block(3, 72, 24, 2, False, False),
    Block(3, 88, 24, 1, False, False),
    Block(5, 96, 40, 2, True, True),
    Block(5, 240, 40, 1, True, True),
    Block(5, 240, 40, 1, True, True),
    Block(5, 120, 48, 1, True, True),
    Block(5, 144, 48, 1, True, True),
    Block(5, 288, 96, 2, True, True),
    Block(5, 576, 96, 1, True, True),
    Block(5, 576, 96, 1, True, True),
)
"""Table 2 of the paper, between the first convolution (16) and the last (576)."""

STEM: Final = 16
LAST: Final = 576
STRIDE: Final = 32


class Weighing(nn.Module):
    """Squeeze and excitation: a gain between 0 and 1 for each channel from all of the map."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        few = rounded(channels / 4)
        self.squeeze = nn.Conv2d(channels, few, 1)
        self.excite = nn.Conv2d(few, channels, 1)
        self.relu = nn.ReLU(inplace=True)
        self.gain = nn.Hardsigmoid()

    def forward(self, x: Tensor) -> Tensor:
        """Maps (B, C, h, w) to maps of the same shape."""
        mean = x.mean((2, 3), keepdim=True)
        gain: Tensor = self.gain(self.excite(self.relu(self.squeeze(mean))))
        return x * gain


class Residual(nn.Module):
    """Widen, filter each channel alone, weigh, narrow; add the input where it fits."""

    def __init__(self, inputs: int, block: Block, width: float) -> None:
        super().__init__()
        wide, outputs = rounded(block.wide * width), rounded(block.channels * width)
        layers: list[nn.Module] = []
        if wide != inputs:
            layers.append(convolution(inputs, wide, swish=block.hard_swish))
        layers.append(
            convolution(wide, wide, block.kernel, block.stride, wide, swish=block.hard_swish)
        )
        if block.weighs:
            layers.append(Weighing(wide))
        layers += [nn.Conv2d(wide, outputs, 1, bias=False), nn.BatchNorm2d(outputs)]
        self.body = nn.Sequential(*layers)
        self.adds = block.stride == 1 and inputs == outputs
        self.outputs = outputs

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.body(x)
        return x + y if self.adds else y


class MobileNetV3(nn.Module):
    """Pictures to one map at stride 32.

    Parameters
    ----------
    width : float
        Multiplies all channels.

    Attributes
    ----------
    channels : int
        Of the map.
    """

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        inputs = rounded(STEM * width)
        layers: list[nn.Module] = [convolution(3, inputs, 3, 2, swish=True)]
        for block in SMALL:
            residual = Residual(inputs, block, width)
            layers.append(residual)
            inputs = residual.outputs
        self.channels = rounded(LAST * width)
        layers.append(convolution(inputs, self.channels, swish=True))
        self.layers = nn.Sequential(*layers)
        self.apply(_initialise)

    def forward(self, pictures: Tensor) -> Tensor:
        """Pictures (B, 3, H, W) to maps (B, C, H/32, W/32)."""
        x: Tensor = self.layers(pictures)
        return x


def convolution(
    inputs: int,
    outputs: int,
    kernel: int = 1,
    stride: int = 1,
    groups: int = 1,
    *,
    swish: bool,
) -> nn.Sequential:
    """Convolution, normalisation, hard swish or ReLU; the size changes by the stride alone."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.Hardswish(inplace=True) if swish else nn.ReLU(inplace=True),
    )


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out")
        if module.bias is not None:
            nn.init.zeros_(module.bias)

"""MobileNetV2 (Sandler et al., CVPR 2018): inverted residuals with linear bottlenecks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from torch import Tensor, nn


@dataclass(frozen=True)
class Stage:
    """``repeats`` blocks of ``channels``; the first has the stride.

    In ``fused`` ones a 3×3 convolution widens and filters at once.
    """

    expansion: int
    channels: int
    repeats: int
    stride: int
    fused: bool = False


STAGES: Final = (
    Stage(1, 16, 1, 1),
    Stage(6, 24, 2, 2),
    Stage(6, 32, 3, 2),
    Stage(6, 64, 4, 2),
    Stage(6, 96, 3, 1),
    Stage(6, 160, 3, 2),
    Stage(6, 320, 1, 1),
)
"""Table 2 of the paper, without the first and the last convolution."""

FUSED_STAGES: Final = (
    Stage(3, 24, 2, 2, fused=True),
    *STAGES[2:],
)
"""The same with another start, as of EfficientNetV2 (Tan and Le, ICML 2021).

On a processor the first stages of the original cost most, since their many channels at high
resolution go through memory five times a block.
"""

STEM: Final = 32


def rounded(channels: float, divisor: int = 8) -> int:
    """Nearest multiple of ``divisor``, at least that and never below nine tenths of the value."""
    nearest = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return nearest + divisor if nearest < 0.9 * channels else nearest


def convolution(
    inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    """Convolution, batch normalisation, ReLU6; the size changes by the stride alone."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU6(inplace=True),
    )


class InvertedResidual(nn.Module):
    """Widen, filter each channel alone, narrow without activation; add the input where it fits."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inputs * expansion
        layers: list[nn.Module] = [convolution(inputs, wide)] if expansion != 1 else []
        layers += [
            convolution(wide, wide, 3, stride, groups=wide),
            nn.Conv2d(wide, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        ]
        self.body = nn.Sequential(*layers)
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.body(x)
        return x + y if self.adds else y


class FusedResidual(nn.Module):
    """Widen and filter at once, narrow without activation; add the input where it fits."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inputs * expansion
        self.body = nn.Sequential(
            convolution(inputs, wide, 3, stride),
            nn.Conv2d(wide, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.body(x)
        return x + y if self.adds else y


class MobileNetV2(nn.Module):
    """Feature maps at strides 2 to 32.

    Parameters
    ----------
    width : float
        Multiplies all channels.
    stages : sequence of Stage
    stem : int
        Channels of the first convolution before they are multiplied.

    Attributes
    ----------
    channels : tuple of int
        Of the maps that `forward` gives, finest first.
    """

    def __init__(
        self, width: float = 1.0, stages: Iterable[Stage] = STAGES, stem: int = STEM
    ) -> None:
        super().__init__()
        inputs = rounded(stem * width)
        self.stem = convolution(3, inputs, 3, 2)
        levels: list[nn.Sequential] = []
        blocks: list[nn.Module] = []
        channels: list[int] = []
        for stage in stages:
            outputs = rounded(stage.channels * width)
            for k in range(stage.repeats):
                stride = stage.stride if k == 0 else 1
                if stride == 2:
                    levels.append(nn.Sequential(*blocks))
                    channels.append(inputs)
                    blocks = []
                kind = FusedResidual if stage.fused else InvertedResidual
                blocks.append(kind(inputs, outputs, stride, stage.expansion))
                inputs = outputs
        levels.append(nn.Sequential(*blocks))
        channels.append(inputs)
        self.levels = nn.ModuleList(levels)
        self.channels = tuple(channels)
        self.apply(_initialise)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Pictures (B, 3, H, W) to maps (B, C, H/2, W/2), (B, C, H/4, W/4) and so on."""
        x = self.stem(pictures)
        maps = []
        for level in self.levels:
            x = level(x)
            maps.append(x)
        return maps


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out")

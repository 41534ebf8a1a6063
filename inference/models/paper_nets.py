"""Networks of the source papers, for comparison: direct regression, and one like FaceMesh."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from inference.models.mobilenet import MobileNetV2, convolution


class DirectRegression(nn.Module):
    """MobileNetV2, pooled, and one linear layer to 520 × 3 numbers (Basak et al., IMVIP 2023).

    Takes crops (B, 3, 256, 256), 0 to 1; gives landmarks (B, L, 3) in pixels of the crop.
    """

    size: Final = 256

    def __init__(self, landmarks: int = 520) -> None:
        super().__init__()
        self.backbone = MobileNetV2(1.0)
        self.last = convolution(self.backbone.channels[-1], 1280)
        self.out = nn.Linear(1280, landmarks * 3)

    def forward(self, pictures: Tensor) -> Tensor:
        maps = self.backbone(pictures * 2.0 - 1.0)
        pooled = self.last(maps[-1]).mean((2, 3))
        found: Tensor = self.out(pooled).unflatten(1, (-1, 3))
        return found


class FaceMeshBlock(nn.Module):
    """A 5×5 depthwise and a 1×1 convolution, the (pooled, widened) input added, then PReLU."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.filter = nn.Conv2d(inputs, inputs, 5, stride, 2, groups=inputs)
        self.mix = nn.Conv2d(inputs, outputs, 1)
        self.pool = nn.MaxPool2d(stride) if stride > 1 else nn.Identity()
        self.more = outputs - inputs
        self.activation = nn.PReLU(outputs)

    def forward(self, x: Tensor) -> Tensor:
        y = self.mix(self.filter(x))
        kept = self.pool(x)
        if self.more:
            kept = nn.functional.pad(kept, (0, 0, 0, 0, 0, self.more))
        activated: Tensor = self.activation(y + kept)
        return activated


class FaceMeshNet(nn.Module):
    """192×192 in, landmarks (B, 68, 3) in pixels and a confidence logit (B,) out.

    Two convolutions and PReLU make a block; the backbone has 14 of them and the branch of the
    coordinates 4, in the trimmed variant 9 and 3 (the course report of the sources).

    The layer of the coordinates is marked ``exact``: eight bits hold whole pixels at best.
    """

    size: Final = 192

    def __init__(self, landmarks: int = 68, trimmed: bool = False) -> None:
        super().__init__()
        per_level = (2, 2, 2, 1, 2) if trimmed else (3, 3, 3, 2, 3)
        widths = (16, 32, 64, 64, 128)
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1), nn.PReLU(16))
        blocks: list[nn.Module] = []
        inputs = 16
        for level, (count, outputs) in enumerate(zip(per_level, widths, strict=True)):
            for k in range(count):
                stride = 2 if k == 0 and level else 1
                blocks.append(FaceMeshBlock(inputs, outputs, stride))
                inputs = outputs
        self.backbone = nn.Sequential(*blocks)
        branch = 3 if trimmed else 4
        points = [FaceMeshBlock(inputs, inputs, 2 if k == 0 else 1) for k in range(branch)]
        self.points = nn.Sequential(*points, nn.Conv2d(inputs, 32, 1), nn.PReLU(32))
        self.coordinates = nn.Conv2d(32, landmarks * 3, 3)
        self.coordinates.exact = True
        self.confidence = nn.Sequential(
            FaceMeshBlock(inputs, inputs, 2), nn.Conv2d(inputs, 16, 1), nn.PReLU(16)
        )
        self.present = nn.Conv2d(16, 1, 3)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        maps = self.backbone(self.stem(pictures * 2.0 - 1.0))
        places = self.coordinates(self.points(maps)).mean((2, 3))
        logit = self.present(self.confidence(maps)).mean((2, 3))
        return places.unflatten(1, (-1, 3)), logit.squeeze(1)


class ExportedLandmarks(nn.Module):
    """One of these networks as it is shipped: landmarks (B, L, 3) in crop units."""

    def __init__(self, network: nn.Module, size: int) -> None:
        super().__init__()
        self.network, self.size = network, size

    def forward(self, pictures: Tensor) -> tuple[Tensor]:
        found = self.network(pictures)
        points = found[0] if isinstance(found, tuple) else found
        return (in_units(points, self.size),)


def in_pixels(units: Tensor, size: int) -> Tensor:
    """Crop units (..., 3) to pixels of a crop, (0, 0) the centre of the top-left one."""
    return units * size + _middle(units, size)


def in_units(pixels: Tensor, size: int) -> Tensor:
    """The inverse of `in_pixels`."""
    return (pixels - _middle(pixels, size)) / size


def _middle(points: Tensor, size: int) -> Tensor:
    middle = (size - 1) / 2.0
    return torch.tensor([middle, middle, 0.0], dtype=points.dtype, device=points.device)


def parameters(module: nn.Module) -> int:
    """Number of trained values."""
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def multiply_adds(module: nn.Module, *inputs: Tensor) -> int:
    """Multiplications with addition of one pass, of convolutions and linear layers."""
    total = 0

    def convolved(layer: nn.Module, given: tuple[Tensor, ...], made: Tensor) -> None:
        nonlocal total
        if isinstance(layer, nn.Conv2d):
            kernel = layer.kernel_size[0] * layer.kernel_size[1]
            total += made[0].numel() * kernel * layer.in_channels // layer.groups
        elif isinstance(layer, nn.Linear):
            total += made[0].numel() * layer.in_features

    hooks = [m.register_forward_hook(convolved) for m in module.modules()]
    try:
        with torch.no_grad():
            module.eval()(*inputs)
    finally:
        for hook in hooks:
            hook.remove()
    return total

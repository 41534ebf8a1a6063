"""Head pose from a small crop by fine-grained structure and soft stages (FSA-Net).

Yang et al., CVPR 2019 ("FSA-Net"), on the two streams and the soft stagewise regression of
Yang et al., IJCAI 2018 ("SSR-Net") and the capsules of Sabour et al., NIPS 2017. The variance is
the scoring function, as in Basak et al., IEEE Access 2021.

What is regressed is a parameter. The papers regress yaw, pitch and roll. Near yaw ±90 pitch and
roll jump while the picture hardly changes, so the same stages can also give the first two columns
of the rotation, which are continuous everywhere (Zhou et al., CVPR 2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import torch
from torch import Tensor, nn

from inference.models.face import orthonormal
from inference.models.pose_angles import angles_from_rotations, rotations_from_angles

Form = Literal["angles", "columns"]

SIZE: Final = 64
"""Edge of the square crop in pixels."""

GRID: Final = 8
"""Edge of the feature maps that are aggregated, in cells."""

STAGES: Final = 3
CHANNELS: Final = (16, 32, 64, 128)
"""Of the four levels of a stream at width 1."""

FEATURES: Final = 64
"""Channels of the three maps that are aggregated."""

GROUPS: Final = 5
"""Rows of the structure of one stage, m of the paper."""

REPRESENTATIVES: Final = 7
"""Representative features drawn for one stage, n' of the paper."""

CAPSULE: Final = 16
"""Length of a capsule at width 1."""

ROUTINGS: Final = 2
BINS: Final = 3
"""Of each stage and each number."""

SPAN: Final[dict[Form, float]] = {"angles": 99.0, "columns": 2.0}
"""What the stages' sum is multiplied by; with shifted bins it reaches ±0.96 and beyond."""

COUNT: Final[dict[Form, int]] = {"angles": 3, "columns": 6}


@dataclass(frozen=True)
class Pose:
    """What is said of a batch of crops.

    Attributes
    ----------
    angles : Tensor, shape (B, 3)
        Yaw, pitch and roll, degrees, ``pose_para``.
    rotation : Tensor, shape (B, 3, 3)
        The same head pose in the camera's axes.
    features : Tensor, shape (B, D)
        The representative features that the pose was drawn from.
    """

    angles: Tensor
    rotation: Tensor
    features: Tensor


def separable(inputs: int, outputs: int, activation: nn.Module) -> nn.Sequential:
    """A 3×3 depthwise and a 1×1 convolution, batch normalisation, and the activation."""
    return nn.Sequential(
        nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False),
        nn.Conv2d(inputs, outputs, 1, bias=False),
        nn.BatchNorm2d(outputs),
        activation,
    )


class Stream(nn.Module):
    """One of SSR-Net's two streams: three feature maps (B, `FEATURES`, `GRID`, `GRID`).

    The one takes ReLU and mean pooling, the other tanh and the greatest value. The maps come from
    the second, third and fourth level; the order is from the last to the first.
    """

    def __init__(self, activation: type[nn.Module], pool: type[nn.Module], width: float) -> None:
        super().__init__()
        one, two, three, four = (round(c * width) for c in CHANNELS)
        self.first = nn.Sequential(
            nn.Conv2d(3, one, 3, padding=1, bias=False), nn.BatchNorm2d(one), activation(), pool(2)
        )
        self.levels = nn.ModuleList(
            nn.Sequential(
                separable(inputs, outputs, activation()), separable(outputs, outputs, activation())
            )
            for inputs, outputs in ((one, two), (two, three), (three, four))
        )
        self.pool = pool(2)
        self.out = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(c, FEATURES, 1, bias=False), nn.BatchNorm2d(FEATURES), activation()
            )
            for c in (two, three, four)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        second = self.pool(self.levels[0](self.first(x)))
        third = self.pool(self.levels[1](second))
        fourth = self.levels[2](third)
        maps = [out(x) for out, x in zip(self.out, (self.pool(second), third, fourth), strict=True)]
        return maps[::-1]


class FineGrainedMapping(nn.Module):
    """Representative features Ũ = S·U of each stage, S from the maps of variance (equations 5, 6).

    The score of a cell is the variance of its features over the channels. S of stage k is C·M_k
    with every row divided by the sum of its absolute values; M_k comes from the scores of stage k,
    C from those of all stages. They start far apart, so that each representative looks at places
    of its own: from even ones all start as the mean of the map, and learning where takes long.
    """

    exact: Final = True

    def __init__(self) -> None:
        super().__init__()
        cells = GRID * GRID
        self.maps = nn.ModuleList(nn.Linear(cells, GROUPS * cells * STAGES) for _ in range(STAGES))
        self.mixes = nn.Linear(cells * STAGES, REPRESENTATIVES * GROUPS)
        for layer in (*self.maps, self.mixes):
            nn.init.normal_(layer.bias, std=2.0)

    def forward(self, stages: list[Tensor]) -> Tensor:
        """Maps of features (B, C, H, W), one a stage, to (B, stages·n', C)."""
        cells = [stage.float().flatten(2).transpose(1, 2) for stage in stages]
        scores = [cell.var(dim=2, unbiased=False) for cell in cells]
        every = torch.cat(cells, dim=1)
        mix = torch.sigmoid(self.mixes(torch.cat(scores, dim=1)))
        mix = mix.reshape(-1, REPRESENTATIVES, GROUPS)
        found = []
        for score, to_map in zip(scores, self.maps, strict=True):
            structure = mix @ torch.sigmoid(to_map(score)).reshape(-1, GROUPS, every.shape[1])
            structure = structure / (structure.abs().sum(2, keepdim=True) + 1e-8)
            found.append(structure @ every)
        return torch.cat(found, dim=1)


def squash(x: Tensor) -> Tensor:
    """Length n becomes n²/(1 + n²), the direction stays (Sabour et al., equation 1)."""
    squared = (x**2).sum(-1, keepdim=True)
    return x * (torch.sqrt(squared + 1e-9) / (1.0 + squared))


class Capsules(nn.Module):
    """Features (B, N, C) to capsules (B, `count`, `length`) by dynamic routing."""

    exact: Final = True

    def __init__(self, features: int, channels: int, count: int, length: int) -> None:
        super().__init__()
        self.count, self.length = count, length
        self.weight = nn.Parameter(torch.empty(features, channels, count * length))
        nn.init.normal_(self.weight, std=0.2)

    def forward(self, features: Tensor) -> Tensor:
        votes = (features.unsqueeze(2) @ self.weight).squeeze(2)
        votes = votes.reshape(-1, votes.shape[1], self.count, self.length)
        logits = torch.zeros_like(votes[..., :1])
        capsules = votes[:, 0]
        for k in range(ROUTINGS):
            share = torch.softmax(logits, dim=2)
            capsules = squash((share * votes).sum(1))
            if k + 1 < ROUTINGS:
                logits = logits + (votes * capsules.unsqueeze(1)).sum(-1, keepdim=True)
        return capsules


class SoftStages(nn.Module):
    """Numbers (B, K) from capsules (B, stages, D), each stage finer than the one before.

    y = V·Σ_n Σ_j p_j^(n)·(j + η_j^(n)) / Π_{m≤n} s·(1 + Δ_m), with bins j about zero: the range of
    stage n is divided into s bins of which the next stage divides one (SSR-Net, equations 3 to 7).
    """

    exact: Final = True

    def __init__(self, length: int, count: int, span: float) -> None:
        super().__init__()
        self.count, self.span = count, span
        self.codes = nn.ModuleList(nn.Linear(length, length) for _ in range(STAGES))
        self.widths = nn.ModuleList(nn.Linear(length, count) for _ in range(STAGES))
        self.shares = nn.ModuleList(nn.Linear(length, count * BINS) for _ in range(STAGES))
        self.shifts = nn.ModuleList(nn.Linear(length, count * BINS) for _ in range(STAGES))

    def forward(self, capsules: Tensor) -> Tensor:
        middle = torch.arange(BINS, device=capsules.device, dtype=torch.float32) - BINS // 2
        total = torch.zeros_like(capsules[:, 0, :1])
        divisor = torch.ones_like(total)
        stages = zip(self.codes, self.widths, self.shares, self.shifts, strict=True)
        for k, (to_code, to_width, to_shares, to_shifts) in enumerate(stages):
            given = capsules[:, k].float()
            code = torch.relu(to_code(given))
            shares = torch.relu(to_shares(code)).reshape(-1, self.count, BINS)
            shift = torch.tanh(to_shifts(code)).reshape(-1, self.count, BINS)
            divisor = divisor * BINS * (1.0 + 0.5 * torch.tanh(to_width(given)))
            total = total + (shares * (middle + shift)).sum(2) / divisor
        return self.span * total


class FsaNet(nn.Module):
    """Head pose of crops.

    Parameters
    ----------
    form : str
        What the stages regress: ``angles``, as the papers do, or ``columns`` of the rotation.
    width : float
        Multiplies the channels of the streams and the length of the capsules.
    """

    size: Final = SIZE

    def __init__(self, form: Form = "columns", width: float = 1.0) -> None:
        super().__init__()
        self.form: Form = form
        self.smooth = Stream(nn.ReLU, nn.AvgPool2d, width)
        self.sharp = Stream(nn.Tanh, nn.MaxPool2d, width)
        self.mapping = FineGrainedMapping()
        length = round(CAPSULE * width)
        self.capsules = Capsules(STAGES * REPRESENTATIVES, FEATURES, STAGES, length)
        self.stages = SoftStages(length, COUNT[form], SPAN[form])
        self.upright: Tensor
        upright = torch.tensor([1.0, 0.0, 0.0, 0.0, 1.0, 0.0])
        self.register_buffer("upright", upright, persistent=False)

    @property
    def features(self) -> int:
        """Numbers in `Pose.features`."""
        return STAGES * REPRESENTATIVES * FEATURES

    def forward(self, pictures: Tensor) -> Pose:
        """Crops (B, 3, `SIZE`, `SIZE`), RGB, 0 to 1."""
        x = pictures * 2.0 - 1.0
        fused = [a * b for a, b in zip(self.smooth(x), self.sharp(x), strict=True)]
        features = self.mapping(fused)
        numbers = self.stages(self.capsules(features))
        if self.form == "angles":
            return Pose(numbers, rotations_from_angles(numbers), features.flatten(1))
        rotation = orthonormal(numbers + self.upright)
        return Pose(angles_from_rotations(rotation), rotation, features.flatten(1))


class ExportedPose(nn.Module):
    """The angles alone, as a tuple."""

    def __init__(self, network: FsaNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor) -> tuple[Tensor]:
        return (self.network(pictures).angles,)

"""A task that learns in a second: which of two halves of a picture is brighter, and by how much."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from inference.training.task import Batch, Export, Item, Part

SIDE = 8


class Halves:
    """Pictures of noise, one half brighter; those held out never change."""

    def __init__(self, count: int, part: Part) -> None:
        self.count, self.part = count, part

    @property
    def people(self) -> npt.NDArray[np.int64]:
        return np.arange(self.count) + (1000 if self.part == "holdout" else 0)

    def __len__(self) -> int:
        return self.count

    def item(self, index: int, rng: np.random.Generator) -> Item:
        if self.part == "holdout":
            rng = np.random.default_rng(index)
        picture = rng.uniform(0.0, 0.2, (SIDE, SIDE, 3)).astype(np.float32)
        apart = np.float32(rng.uniform(-0.5, 0.5))
        picture[:, : SIDE // 2] += 0.5 + apart / 2
        picture[:, SIDE // 2 :] += 0.5 - apart / 2
        return {
            "pictures": np.moveaxis(picture, 2, 0),
            "apart": np.array([apart]),
            "index": np.array(index),
        }


class HalvesNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.Dropout(0.1)
        )
        self.code = nn.Sequential(nn.Linear(16 * 16, 32), nn.BatchNorm1d(32), nn.ReLU())
        self.out = nn.Linear(32, 1)

    def forward(self, pictures: Tensor) -> Tensor:
        found: Tensor = self.out(self.code(self.features(pictures).flatten(1)))
        return found


@dataclass
class HalvesTask:
    """See the module; ``spoiled`` steps have a loss that is not a number."""

    train: int = 40
    holdout: int = 12
    spoiled: range = range(0)
    steps: list[list[int]] = field(default_factory=list)
    fractions: list[float] = field(default_factory=list)

    def network(self) -> nn.Module:
        return HalvesNet()

    def data(self, part: Part) -> Halves:
        return Halves(self.train if part == "train" else self.holdout, part)

    def loss(self, network: nn.Module, batch: Batch) -> Batch:
        self.steps.append(batch["index"].tolist())
        squared = ((network(batch["pictures"]) - batch["apart"]) ** 2).mean()
        if len(self.steps) - 1 in self.spoiled:
            squared = squared * float("nan")
        return {"squared": squared, "sum": squared}

    def pace(self, fraction: float) -> None:
        self.fractions.append(fraction)

    def measure(self, network: nn.Module, batches: Iterable[Batch]) -> dict[str, float]:
        errors = [(network(b["pictures"]) - b["apart"]).abs().flatten() for b in batches]
        return {"score": np.float64(torch.cat(errors).mean())}

    def exported(self, network: nn.Module) -> Export:
        return Export(
            network,
            {"pictures": torch.rand(2, 3, SIDE, SIDE)},
            ("landmarks",),
            "landmarks",
            facts={"size": SIDE, "limits": ["Sees halves alone."], "unit": "brightness"},
        )

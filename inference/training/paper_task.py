"""The source papers' landmark networks, learnt as they say, for comparison with ours."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from app.dataset.packed import Packed
from app.dataset.sample import DENSE, OUTLINED, held_out
from inference.crop import CROP_SCALE
from inference.models import losses
from inference.models.paper_nets import (
    DirectRegression,
    ExportedLandmarks,
    FaceMeshNet,
    in_pixels,
    in_units,
)
from inference.training.config import TrainingConfig, task_settings
from inference.training.face_figures import LandmarkFigures, array, drawn, mean
from inference.training.face_samples import FaceData, FaceSamples, mean_points
from inference.training.face_task import pictures, topology_versions
from inference.training.task import Batch, Export, Part, Samples

REPORT_WIDTH, REPORT_CURVATURE = 5.0, 0.5
"""Of the wing loss in the course report, pixels."""

_LIMITS: Final = [
    "Made for comparison with published recipes; the network 'face' is the one to use.",
    "Trained on synthetic people alone.",
]


def make(config: TrainingConfig, data: Packed) -> PaperTask:
    """``face-direct``, ``facemesh-68`` or ``facemesh-68-trimmed`` over these shards.

    The papers say which size of crop their network takes, whatever the settings are.

    Raises
    ------
    ConfigError
    """
    settings = task_settings(config, FaceData)
    name = config.name
    kind = DirectTask if name == "face-direct" else TrimmedTask if "trimmed" in name else MeshTask
    return kind(settings, data)


@dataclass(frozen=True)
class PaperTask(ABC):
    """What the papers' networks have in common: crops in, points in pixels of the crop out."""

    settings: FaceData
    packed: Packed

    size = 256
    points = DENSE
    outputs = ("landmarks",)

    @abstractmethod
    def network(self) -> nn.Module:
        """A new network."""

    @abstractmethod
    def landmarks(self, network: nn.Module, crops: Tensor) -> Tensor:
        """Landmarks (B, L, 3) in crop units."""

    @abstractmethod
    def loss(self, network: nn.Module, batch: Batch) -> Batch:
        """Terms of the loss; ``sum`` is the one to descend."""

    def data(self, part: Part) -> Samples:
        apart = held_out(self.packed.people)
        chosen = np.flatnonzero(apart if part == "holdout" else ~apart)
        return FaceSamples(self.packed, chosen, self.data_settings(), part == "train")

    def data_settings(self) -> FaceData:
        """The settings at the size that the network takes."""
        plain = self.settings
        return FaceData(size=self.size, absent=plain.absent, augment=plain.augment)

    def measure(self, network: nn.Module, batches: Iterable[Batch]) -> dict[str, float]:
        """The error of the 68 points by the outer eye corners and more, in per cent."""
        figures = LandmarkFigures()
        for batch in batches:
            figures.add_landmarks(self.landmarks(network, pictures(batch))[:, :68], batch)
        return figures.told()

    def exported(self, network: nn.Module) -> Export:
        versions = topology_versions()
        name = list(versions)[0 if self.points == DENSE else 1]
        return Export(
            ExportedLandmarks(network, self.size),
            {"pictures": torch.rand(2, 3, self.size, self.size)},
            self.outputs,
            "landmarks",
            facts={
                "input_size": self.size,
                "crop_scale": CROP_SCALE,
                "topologies": {name: versions[name]},
                "limits": list(_LIMITS),
            },
        )

    def show(self, network: nn.Module, batch: Batch) -> npt.NDArray[np.uint8]:
        """The first samples with the true 68 points in green and those found in red."""
        return drawn(batch, self.landmarks(network, pictures(batch))[:, :68])

    def mean(self) -> Tensor:
        """Mean landmarks of the training people in pixels of the crop, the start of training."""
        chosen = np.flatnonzero(~held_out(self.packed.people))
        unit = torch.from_numpy(mean_points(self.packed, chosen))
        return in_pixels(unit, self.size)[self.points]


class DirectTask(PaperTask):
    """520 points regressed directly with 1.5·Wing + 0.5·MSE (Basak et al., IMVIP 2023)."""

    size = DirectRegression.size

    def network(self) -> nn.Module:
        made = DirectRegression()
        with torch.no_grad():
            made.out.bias.copy_(self.mean().flatten())
        return made

    def landmarks(self, network: nn.Module, crops: Tensor) -> Tensor:
        return in_units(network(crops), self.size)

    def data_settings(self) -> FaceData:
        """Without crops that show no face: the network has nothing to say about them."""
        return FaceData(size=self.size, absent=0.0, augment=self.settings.augment)

    def loss(self, network: nn.Module, batch: Batch) -> Batch:
        truth = in_pixels(batch["points"][:, DENSE], self.size)
        found = network(pictures(batch))
        return {"sum": losses.hybrid(found, truth)}


class MeshTask(PaperTask):
    """68 points with a confidence, learnt with the wing loss of width 5 (the course report)."""

    size = FaceMeshNet.size
    points = OUTLINED
    trimmed = False

    def network(self) -> nn.Module:
        made = FaceMeshNet(trimmed=self.trimmed)
        bias = made.coordinates.bias
        assert bias is not None
        with torch.no_grad():
            bias.copy_(self.mean().flatten())
        return made

    def landmarks(self, network: nn.Module, crops: Tensor) -> Tensor:
        return in_units(network(crops)[0], self.size)

    def loss(self, network: nn.Module, batch: Batch) -> Batch:
        """Wing over the crops with a face, cross entropy of the confidence over all."""
        found, logit = cast(tuple[Tensor, Tensor], network(pictures(batch)))
        face = batch["face"]
        truth = in_pixels(batch["points"][:, OUTLINED], self.size)
        apart = (found - truth) * face[:, None, None]
        wing = losses.wing(apart, torch.zeros_like(apart), REPORT_WIDTH, REPORT_CURVATURE)
        wing = wing * len(face) / face.sum().clamp(min=1.0)
        presence = nn.functional.binary_cross_entropy_with_logits(logit, face)
        return {"wing": wing, "presence": presence, "sum": wing + presence}

    def measure(self, network: nn.Module, batches: Iterable[Batch]) -> dict[str, float]:
        figures, right = LandmarkFigures(), []
        for batch in batches:
            found, logit = cast(tuple[Tensor, Tensor], network(pictures(batch)))
            figures.add_landmarks(in_units(found, self.size), batch)
            right.append((array(logit) > 0.0) == (array(batch["face"]) > 0.5))
        return {**figures.told(), "presence_wrong": 1.0 - mean(np.concatenate(right))}


class TrimmedTask(MeshTask):
    """The same with fewer blocks."""

    trimmed = True

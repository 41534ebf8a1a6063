"""Learning the face network: landmarks with σ, rotation and presence, from shards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Final

import numpy as np
import numpy.typing as npt
import torch
from msgspec import Meta
from torch import Tensor, nn

from app.dataset.packed import Packed
from app.dataset.sample import OUTLINED, POINTS, TOPOLOGIES, held_out
from app.topology import store
from inference.models import losses
from inference.models.face import ExportedFace, FaceNet, FaceOutput, orthonormal
from inference.training.config import ConfigError, TrainingConfig, task_settings
from inference.training.early import Early, EarlySettings, smaller
from inference.training.face_figures import FaceFigures, drawn
from inference.training.face_samples import FaceData, FaceSamples, mean_points
from inference.training.task import Batch, Export, Part, Samples

Weight = Annotated[float, Meta(ge=0.0)]
ASIDE: Final = 60.0
"""Degrees between the direction of a face and the camera."""
UNIT: Final = 0.01
"""Crop units: distances are counted in this unit within the loss, 1.3 pixels of 128."""


LOOKED_AT: Final = 1.33
"""Side of the crop over that of the box when it is used; see docs/ablation.md.

Figures of the hold-out while it trains are of `inference.crop.CROP_SCALE`.
"""


class FaceSettings(FaceData, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The table ``[task]``; see `FaceData` for how crops are made.

    Attributes
    ----------
    early : EarlySettings
        Smaller crops at first.
    width : float
        Of the backbone.
    code : int
        Numbers from which all heads are linear.
    aside : float
        Part of the pictures of heads that look more than `ASIDE` past the camera which is used.
    outlined : float
        Share of the 68 points with the visible outline in the weight of all 588.
    hidden : float
        Weight of a crop in the terms of distance and depth when nothing inside of its outline is
        seen; one in which half is seen or more has 1.
    distance, likelihood, depth, rotation, presence : float
        Weights of the terms of the loss.
    """

    early: EarlySettings = EarlySettings()
    width: Annotated[float, Meta(ge=0.1, le=2.0)] = 1.0
    code: Annotated[int, Meta(ge=16, le=2048)] = 256
    aside: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.5
    outlined: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.5
    hidden: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.2
    distance: Weight = 1.0
    likelihood: Weight = 0.5
    depth: Weight = 0.25
    rotation: Weight = 4.0
    presence: Weight = 0.5


def make(config: TrainingConfig, data: Packed) -> FaceTask:
    """The task over these shards.

    Raises
    ------
    ConfigError
    """
    settings = task_settings(config, FaceSettings)
    if settings.size % 32:
        raise ConfigError(f"[task]: size is {settings.size}; it is a multiple of 32")
    return FaceTask(settings, data)


@dataclass(frozen=True)
class FaceTask:
    """All that is said of a face, in one pass."""

    settings: FaceSettings
    packed: Packed
    _held: npt.NDArray[np.bool_] = field(init=False)
    _early: Early = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_early", Early(self.settings.early))
        object.__setattr__(self, "_held", held_out(self.packed.people))

    def network(self) -> nn.Module:
        settings = self.settings
        mean = torch.from_numpy(mean_points(self.packed, np.flatnonzero(~self._held)))
        return FaceNet(POINTS, settings.width, settings.code, settings.size, mean)

    def data(self, part: Part) -> Samples:
        if part == "holdout":
            chosen = np.flatnonzero(self._held)
        else:
            chosen = np.flatnonzero(~self._held & taken(self.packed.angles(), self.settings.aside))
        return FaceSamples(self.packed, chosen, self.settings, part == "train")

    def pace(self, fraction: float) -> None:
        """Make crops smaller at first."""
        self._early.pace(fraction)

    def loss(self, network: nn.Module, batch: Batch) -> Batch:
        """A robust distance with a likelihood beside it, depth, rotation and presence.

        The robust distance moves the points; the likelihood teaches σ and draws the points where
        they can be found exactly.
        """
        settings = self.settings
        crops = pictures(batch)
        found: FaceOutput = network(smaller(crops, self._early.edge(settings.size)))
        face, truth = batch["face"], batch["points"]
        weight = face[:, None] * self._weights().to(face)
        telling = weight * self._seen(batch["visible"])[:, None]
        across, true_across = found.landmarks[..., :2] / UNIT, truth[..., :2] / UNIT
        log_sigma = found.log_sigma - float(np.log(UNIT))
        deep, true_deep = found.landmarks[..., 2:] / UNIT, truth[..., 2:] / UNIT
        angles = losses.angles_between(orthonormal(found.rotation), batch["rotation"])
        terms = {
            "distance": losses.charbonnier(across, true_across, telling, 0.25),
            "likelihood": losses.gaussian_nll(across, log_sigma, true_across, weight),
            "depth": losses.charbonnier(deep, true_deep, telling, 0.5),
            "rotation": (angles * face).sum() / face.sum().clamp(min=1.0),
            "presence": nn.functional.binary_cross_entropy_with_logits(found.presence, face),
        }
        weighted = [getattr(settings, name) * term for name, term in terms.items()]
        return {**terms, "sum": torch.stack(weighted).sum()}

    def measure(self, network: nn.Module, batches: Iterable[Batch]) -> dict[str, float]:
        """Figures of `FaceFigures`; the score is the mean of both errors of the 68 points."""
        figures = FaceFigures()
        for batch in batches:
            figures.add(network(pictures(batch)), batch)
        return figures.told()

    def exported(self, network: nn.Module) -> Export:
        assert isinstance(network, FaceNet)
        size = self.settings.size
        return Export(
            ExportedFace(network),
            {"pictures": torch.rand(2, 3, size, size)},
            ("landmarks", "sigma", "rotation", "presence"),
            "face",
            facts={
                "input_size": size,
                "crop_scale": LOOKED_AT,
                "topologies": topology_versions(),
                "limits": [
                    "Trained on synthetic people alone; beards, head-dresses and make-up beyond "
                    "theirs are found less exactly.",
                    "Points that are covered are placed where they probably are; their sigma is "
                    "larger.",
                    "Depth is relative to the head centre and in proportion to the picture: the "
                    "size of a head cannot be told from one crop.",
                ],
            },
        )

    def show(self, network: nn.Module, batch: Batch) -> npt.NDArray[np.uint8]:
        """The first samples with the true 68 points in green and those found in red."""
        found: FaceOutput = network(pictures(batch))
        return drawn(batch, found.landmarks[:, OUTLINED])

    def _seen(self, visible: Tensor) -> Tensor:
        """Weights (B,) of crops by how much of brows, nose, eyes and mouth is seen."""
        inner = visible[:, OUTLINED.start + 17 : OUTLINED.stop].mean(1)
        return (inner / 0.5).clamp(self.settings.hidden, 1.0)

    def _weights(self) -> Tensor:
        """Of the 588 points, shape (588,), with a mean of 1."""
        outlined = OUTLINED.stop - OUTLINED.start
        weights = torch.full((POINTS,), (1.0 - self.settings.outlined) / (POINTS - outlined))
        weights[OUTLINED] = self.settings.outlined / outlined
        return weights * POINTS


def taken(angles: npt.NDArray[np.float32], aside: float) -> npt.NDArray[np.bool_]:
    """Which pictures are used, shape (N,): of heads that look aside a part, evenly spread.

    Parameters
    ----------
    angles : ndarray, shape (N, 3)
        Yaw, pitch and roll in degrees, ``pose_para``.
    aside : float
        The part, 0 to 1.
    """
    yaw, pitch = np.radians(angles[:, 0]), np.radians(angles[:, 1])
    facing = np.cos(yaw) * np.cos(pitch) >= np.cos(np.radians(ASIDE))
    turn = np.cumsum(~facing)
    return np.asarray(facing | (np.floor(turn * aside) > np.floor((turn - 1) * aside)))


def pictures(batch: Batch) -> Tensor:
    """Crops (B, 3, S, S), 0 to 1, channels last in memory, from bytes (B, S, S, 3)."""
    return batch["pictures"].permute(0, 3, 1, 2).to(torch.float32) / 255.0


def topology_versions() -> dict[str, int]:
    """Versions of the topologies whose points the networks give, by their file's name."""
    files = {name: name.removesuffix("-outline") for name in TOPOLOGIES}
    return {name: store.load(file).version for name, file in files.items()}

"""Learning the label transfer: from what the face network finds to the true visible outline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
import numpy as np
import torch
from msgspec import Meta
from torch import Tensor, nn

from app.dataset.packed import Packed
from app.evaluation import metrics
from app.geometry.rotations import Array
from app.topology.store import load
from inference import registry
from inference.models.losses import charbonnier
from inference.models.transfer import OUTLINE, POINTS, TransferNet, mean_head
from inference.sessions import ModelError, Session, square_side
from inference.training.augment import Shares
from inference.training.config import ConfigError, TrainingConfig, task_settings
from inference.training.face_samples import FaceData
from inference.training.task import Batch, Export, Part, Samples
from inference.training.transfer_samples import Source, transfer_samples

UNIT: Final = 0.01
"""Crop units that distances are counted in within the loss."""

_EDGES: Final = (32, 512)


class TransferSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The table ``[task]``.

    Attributes
    ----------
    face : str
        The face network to follow: a shipped model or an ONNX file.
    frames, looks : int
        Samples of the shards at most, and augmented crops of each.
    code, hidden : int
        Of `TransferNet`.
    depth : float
        Weight of z beside x and y.
    noise : float
        Metres on the head by which the points that were found are moved at random, alike at
        every look; against learning the network's errors on these very people.
    augment : Shares
    """

    face: str = "face"
    frames: Annotated[int, Meta(ge=1)] = 12_000
    looks: Annotated[int, Meta(ge=1, le=64)] = 2
    code: Annotated[int, Meta(ge=1, le=512)] = 32
    hidden: Annotated[int, Meta(ge=1, le=1024)] = 64
    depth: Annotated[float, Meta(ge=0.0)] = 0.25
    noise: Annotated[float, Meta(ge=0.0, le=0.05)] = 0.0005
    augment: Shares = Shares()


def make(config: TrainingConfig, data: Packed) -> TransferTask:
    """The task over these shards.

    Raises
    ------
    ConfigError
        When the face network is not there or is none.
    """
    settings = task_settings(config, TransferSettings)
    try:
        model = registry.find_kind(settings.face, "face")
        session, _ = model.open()
        size = square_side(session, _EDGES)
        found = session.run({"pictures": np.zeros((1, 3, size, size), np.float32)})
    except ModelError as problem:
        raise ConfigError(f"[task] face: {problem}") from None
    if found.get("landmarks", np.zeros(0)).shape != (1, POINTS, 3):
        raise ConfigError(f"[task] face: {model.path} does not give {POINTS} landmarks")
    return TransferTask(settings, data, session, model.name, size)


@dataclass(frozen=True)
class TransferTask:
    """From all points that were found to the 68 with the visible outline.

    Attributes
    ----------
    settings : TransferSettings
    packed : Packed
    session : Session
        The face network.
    face : str
        Its name.
    size : int
        Edge of its crops in pixels.
    """

    settings: TransferSettings
    packed: Packed
    session: Session
    face: str
    size: int

    def network(self) -> nn.Module:
        return TransferNet(self.settings.code, self.settings.hidden)

    def data(self, part: Part) -> Samples:
        settings = self.settings
        crops = FaceData(size=self.size, absent=0.0, augment=settings.augment)
        source = Source(self.packed, self.session, crops, settings.frames, settings.looks)
        return transfer_samples(source, part)

    def loss(self, network: nn.Module, batch: Batch) -> Batch:
        """A robust distance in the picture, and in depth."""
        landmarks, truth = batch["landmarks"], batch["points"][:, OUTLINE]
        if network.training and self.settings.noise:
            landmarks = landmarks + self._noise(landmarks)
        found = network(landmarks)
        weight = torch.ones_like(found[..., 0])
        terms = {
            "distance": charbonnier(found[..., :2] / UNIT, truth[..., :2] / UNIT, weight, 0.25),
            "depth": charbonnier(found[..., 2:] / UNIT, truth[..., 2:] / UNIT, weight, 0.5),
        }
        return {**terms, "sum": terms["distance"] + self.settings.depth * terms["depth"]}

    def measure(self, network: nn.Module, batches: Iterable[Batch]) -> dict[str, float]:
        """NME in per cent of the eyes' distance: before, after (the score), after without jaw."""
        before: list[Array] = []
        after: list[Array] = []
        for batch in batches:
            truth = batch["points"][:, OUTLINE, :2].cpu().numpy()
            eyes = np.maximum(metrics.inter_ocular(truth), 0.05)[:, None]
            for kept, points in (
                (before, batch["landmarks"][:, OUTLINE]),
                (after, network(batch["landmarks"])),
            ):
                found = points[..., :2].float().cpu().numpy()
                kept.append(100.0 * metrics.point_errors(found, truth) / eyes)
        own, start = np.concatenate(after), np.concatenate(before)
        return {
            "score": float(own.mean()),
            "nme": float(own.mean()),
            "nme_no_jaw": float(own[:, 17:].mean()),
            "nme_before": float(start.mean()),
            "nme_no_jaw_before": float(start[:, 17:].mean()),
        }

    def exported(self, network: nn.Module) -> Export:
        version = load("ibug-68").version
        return Export(
            network,
            {"landmarks": 3.0 * mean_head().repeat(2, 1, 1) + 0.01 * torch.randn(2, POINTS, 3)},
            ("landmarks_68",),
            "transfer",
            facts={
                "topologies": {"ibug-68-outline": version},
                "follows": self.face,
                "limits": [
                    "Trained on synthetic outlines alone; it takes over no annotator's habits, "
                    "which main.py adapt does.",
                    f"Fitted to what the network {self.face} finds, and of use after it alone.",
                ],
            },
        )

    def _noise(self, landmarks: Tensor) -> Tensor:
        """Of independent points, in proportion to the size of each head in its crop."""
        spread = landmarks[:, OUTLINE].std((1, 2), keepdim=True)
        mean = mean_head()[OUTLINE].std().to(landmarks)
        return torch.randn_like(landmarks) * (self.settings.noise * spread / mean)

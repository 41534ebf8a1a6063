"""Learning where the steering wheel is in a picture of a cabin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final

import cv2
import numpy as np
import numpy.typing as npt
import torch
from msgspec import Meta
from torch import Tensor, nn

from app.dataset.driver_data import Drivers
from app.dataset.driver_sample import held_out_drivers
from inference.models.wheel_region import ExportedRegion, RegionNet, RegionOutput
from inference.training.config import ConfigError, TrainingConfig, task_settings
from inference.training.face_task import pictures
from inference.training.hands_task import look_loss
from inference.training.region_samples import ABSENT, PRESENT, RegionData, RegionSamples
from inference.training.task import Batch, Export, Part, Samples

_SHOWN: Final = 12


class RegionSettings(RegionData, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The table ``[task]``; see `RegionData` for how windows are made.

    Attributes
    ----------
    width : float
        Of the backbone.
    """

    width: Annotated[float, Meta(ge=0.25, le=1.0)] = 0.5


def make(config: TrainingConfig, data: Drivers) -> RegionTask:
    """The task over these pictures.

    Raises
    ------
    ConfigError
    """
    settings = task_settings(config, RegionSettings)
    if settings.size % 32:
        raise ConfigError(f"[task]: size is {settings.size}; it is a multiple of 32")
    return RegionTask(settings, data)


@dataclass(frozen=True)
class RegionTask:
    """The box of the wheel, and whether there is one."""

    settings: RegionSettings
    drivers: Drivers

    def network(self) -> nn.Module:
        return RegionNet(self.settings.width)

    def data(self, part: Part) -> Samples:
        apart = held_out_drivers(self.drivers.people)
        chosen = np.flatnonzero(apart if part == "holdout" else ~apart)
        return RegionSamples(self.drivers, chosen, self.settings, part == "train")

    def loss(self, network: nn.Module, batch: Batch) -> Batch:
        """What the box lacks of the true one, its sides' errors, its middle, and its presence."""
        found = said_of(network, batch)
        there = batch["state"] == PRESENT
        box = batch["box"]
        count = there.sum().clamp(min=1)
        apart = (1.0 - generalised_overlap(found.boxes, box)) * there
        sides = nn.functional.smooth_l1_loss(found.boxes, box, reduction="none", beta=0.02).sum(1)
        middle = (box[:, None, :2] + box[:, None, 2:]) / 2.0
        terms = {
            "apart": apart.sum() / count,
            "sides": (sides * there).sum() / count,
            "middle": look_loss(found.looks[:, None], middle, there[:, None]),
            "sure": _sure(found.sure, batch["state"]),
        }
        whole = terms["apart"] + terms["sides"] + 0.1 * terms["middle"] + 0.5 * terms["sure"]
        return {**terms, "sum": whole}

    def measure(self, network: nn.Module, batches: Iterable[Batch]) -> dict[str, float]:
        """Overlap with the true boxes of whole pictures; the score is what it lacks of 1."""
        shares, chances = [], []
        for batch in batches:
            found = said_of(network, batch)
            there = batch["state"] == PRESENT
            shares.append(overlap(found.boxes, batch["box"])[there].cpu())
            chances.append(torch.sigmoid(found.sure)[there].cpu())
        share, sure = torch.cat(shares), torch.cat(chances)
        if not len(share):
            return {"score": float("nan")}
        return {
            "pictures": float(len(share)),
            "overlap": float(share.mean()),
            "overlap_worst_twentieth": float(share.quantile(0.05)),
            "over_half": float((share > 0.5).float().mean()),
            "sure": float((sure >= 0.5).float().mean()),
            "score": 1.0 - float(share.mean()),
        }

    def exported(self, network: nn.Module) -> Export:
        assert isinstance(network, RegionNet)
        size = self.settings.size
        facts: dict[str, object] = {
            "input_size": size,
            "crop_scale": 1.0,
            "wheel": "x, y, width, height in units of the square about the whole picture, whose "
            "sides lie at -0.5 and 0.5",
            "sure": "probability that the picture shows a steering wheel",
            "limits": [
                "Taught on synthetic cabins; a region that is drawn by hand always goes first.",
                "One wheel, of which more than half is in the picture.",
            ],
        }
        return Export(
            ExportedRegion(network),
            {"pictures": torch.rand(2, 3, size, size)},
            ("wheel", "sure"),
            "wheel-region",
            facts=facts,
        )

    def show(self, network: nn.Module, batch: Batch) -> npt.NDArray[np.uint8]:
        """Pictures with the true box (green) and the one that is found (red)."""
        first = {name: values[:_SHOWN] for name, values in batch.items()}
        with torch.no_grad():
            found = said_of(network, first)
        tiles = []
        for k, picture in enumerate(first["pictures"].cpu().numpy()):
            tile = np.ascontiguousarray(picture)
            for box, color in ((first["box"][k], (0, 220, 0)), (found.boxes[k], (255, 50, 40))):
                _draw(tile, box.cpu().numpy(), color)
            tiles.append(tile)
        while len(tiles) % 4:
            tiles.append(np.zeros_like(tiles[0]))
        rows = [np.concatenate(tiles[k : k + 4], axis=1) for k in range(0, len(tiles), 4)]
        return np.asarray(np.concatenate(rows), np.uint8)


def said_of(network: nn.Module, batch: Batch) -> RegionOutput:
    """What the network says of a batch's pictures, which are bytes, in single precision."""
    out = network(pictures(batch))
    assert isinstance(out, RegionOutput)
    return RegionOutput(out.boxes.float(), out.sure.float(), out.looks.float())


def overlap(a: Tensor, b: Tensor) -> Tensor:
    """Intersection over union of boxes (B, 4): left, top, right, bottom; shape (B,)."""
    shared, joined, _ = _areas(a, b)
    return shared / joined.clamp(min=1e-9)


def generalised_overlap(a: Tensor, b: Tensor) -> Tensor:
    """GIoU (Rezatofighi et al., CVPR 2019), −1 to 1, which has a slope for boxes that lie apart."""
    shared, joined, hull = _areas(a, b)
    joined, hull = joined.clamp(min=1e-9), hull.clamp(min=1e-9)
    return shared / joined - (hull - joined) / hull


def _areas(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    low, high = torch.maximum(a[:, :2], b[:, :2]), torch.minimum(a[:, 2:], b[:, 2:])
    shared = (high - low).clamp(min=0.0).prod(1)
    areas = [(box[:, 2:] - box[:, :2]).clamp(min=0.0).prod(1) for box in (a, b)]
    hull = torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])
    return shared, areas[0] + areas[1] - shared, hull.clamp(min=0.0).prod(1)


def _sure(logits: Tensor, states: Tensor) -> Tensor:
    certain = (states == PRESENT) | (states == ABSENT)
    terms = nn.functional.binary_cross_entropy_with_logits(
        logits[certain], (states[certain] == PRESENT).to(logits), reduction="none"
    )
    return terms.sum() / max(len(terms), 1)


def _draw(
    tile: npt.NDArray[np.uint8], box: npt.NDArray[np.float32], color: tuple[int, int, int]
) -> None:
    size = tile.shape[0]
    left, top, right, bottom = (round(float((v + 0.5) * size - 0.5)) for v in box)
    cv2.rectangle(tile, (left, top), (right, bottom), color, 1, cv2.LINE_AA)

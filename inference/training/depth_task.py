"""Learning the depth of faces from shards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

import numpy as np
import numpy.typing as npt
import torch
from msgspec import Meta
from torch import Tensor, nn

from app.dataset.packed import Packed
from app.dataset.sample import held_out
from inference.crop import CROP_SCALE
from inference.models.depth import CHANNELS, DepthNet, DepthOutput, ExportedDepth
from inference.models.losses import depth_loss
from inference.training.config import ConfigError, TrainingConfig, task_settings
from inference.training.depth_figures import DepthFigures
from inference.training.depth_samples import DepthData, DepthSamples
from inference.training.depth_view import sheet
from inference.training.early import Early, EarlySettings, sampled, smaller
from inference.training.face_task import pictures
from inference.training.task import Batch, Export, Part, Samples

CENTIMETRE: Final = 0.01
"""Metres: depths are in this unit within the loss.

In metres the terms of lengths would be a hundredth of those of angles and structure; in this unit
an error of 3 mm weighs as much as normals that are 25° off.
"""

SPAN: Final = 0.16
"""Metres: range of a face's depth, of the structural similarity."""

SIDE: Final = 0.22
"""Metres that a crop spans at the head centre, about; for the slopes of the surface."""

_SHOWN: Final = 8


class DepthSettings(DepthData, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The table ``[task]``; see `DepthData` for how crops are made.

    Attributes
    ----------
    early : EarlySettings
        Smaller crops at first.
    width : float
        Of the encoder.
    channels : sequence of int
        Of the decoder's inner stages, coarsest first.
    mask_weight : float
        Of the cross entropy of the mask beside the loss of the depth.
    """

    early: EarlySettings = EarlySettings()
    width: Annotated[float, Meta(ge=0.1, le=2.0)] = 1.0
    channels: tuple[Annotated[int, Meta(ge=8, le=512)], ...] = CHANNELS
    mask_weight: Annotated[float, Meta(ge=0.0)] = 0.3


def make(config: TrainingConfig, data: Packed) -> DepthTask:
    """The task over these shards.

    Raises
    ------
    ConfigError
    """
    settings = task_settings(config, DepthSettings)
    if settings.size % 32:
        raise ConfigError(f"[task]: size is {settings.size}; it is a multiple of 32")
    if len(settings.channels) != len(CHANNELS):
        raise ConfigError(f"[task]: channels are {len(CHANNELS)} numbers")
    return DepthTask(settings, data)


@dataclass(frozen=True)
class DepthTask:
    """Depth of a face relative to its head's centre, and where the face is."""

    settings: DepthSettings
    packed: Packed
    _early: Early = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_early", Early(self.settings.early))

    def network(self) -> nn.Module:
        return DepthNet(self.settings.width, self.settings.channels)

    def data(self, part: Part) -> Samples:
        apart = held_out(self.packed.people)
        chosen = np.flatnonzero(apart if part == "holdout" else ~apart)
        return DepthSamples(self.packed, chosen, self.settings, part == "train")

    def pace(self, fraction: float) -> None:
        """Make crops smaller at first."""
        self._early.pace(fraction)

    def loss(self, network: nn.Module, batch: Batch) -> Batch:
        """The hybrid loss in centimetres, and the mask's cross entropy."""
        edge = self._early.edge(self.settings.size)
        found = said_of(network, smaller(pictures(batch), edge))
        mask = sampled(batch["mask"], edge)
        terms = depth_loss(
            found.depth / CENTIMETRE,
            sampled(batch["depth"], edge) / CENTIMETRE,
            mask,
            SPAN / CENTIMETRE,
            CENTIMETRE * edge / SIDE,
        )
        where = nn.functional.binary_cross_entropy_with_logits(found.mask, mask.to(found.mask))
        terms["slope"] = terms.pop("gradient")
        whole = terms["sum"] + self.settings.mask_weight * where
        return {**terms, "mask": where, "sum": whole}

    def measure(self, network: nn.Module, batches: Iterable[Batch]) -> dict[str, float]:
        """Figures over the true mask; the score is the root mean square error in millimetres."""
        figures = DepthFigures()
        for batch in batches:
            found = forward(network, batch)
            depth, truth = (_array(d).astype(np.float64) for d in (found.depth, batch["depth"]))
            mask, seen = _array(batch["mask"]).astype(bool), _array(found.mask) > 0.0
            figures.add_mask(seen, mask)
            distance, yaw = _array(batch["distance"]), _array(batch["yaw"])
            for k in range(len(depth)):
                place = float(distance[k]), float(yaw[k])
                figures.add(depth[k, 0], truth[k, 0], mask[k, 0], *place)
        told = figures.told()
        return {**told, "score": told["rmse_mm"]}

    def exported(self, network: nn.Module) -> Export:
        assert isinstance(network, DepthNet)
        size = self.settings.size
        facts: dict[str, object] = {
            "input_size": size,
            "crop_scale": CROP_SCALE,
            "depth": "metres from the head centre along the camera's axis, away positive",
            "mask": "probability that a pixel shows the face: skin, eyes, lips, teeth, brows",
            "limits": [
                "One crop without the camera's focal length does not tell how large a head is: "
                "an unusually small or large one has its depth told too large or too small.",
                "Hair, glasses, hands, neck and shoulders are not the face; there the depth is "
                "without meaning.",
            ],
        }
        return Export(
            ExportedDepth(network),
            {"pictures": torch.rand(2, 3, size, size)},
            ("depth", "mask"),
            "depth",
            facts=facts,
        )

    def show(self, network: nn.Module, batch: Batch) -> npt.NDArray[np.uint8]:
        """Pictures, true depth, depth found and error of the first samples."""
        first = {name: values[:_SHOWN] for name, values in batch.items()}
        with torch.no_grad():
            found = forward(network, first)
        return sheet(
            _array(first["pictures"]),
            _array(first["depth"]),
            _array(first["mask"]).astype(bool),
            _array(found.depth),
            _array(found.mask),
        )


def forward(network: nn.Module, batch: Batch) -> DepthOutput:
    """What the network says of a batch's pictures, which are bytes."""
    return said_of(network, pictures(batch))


def said_of(network: nn.Module, crops: Tensor) -> DepthOutput:
    """What the network says of crops (B, 3, S, S), in single precision."""
    out = network(crops)
    assert isinstance(out, DepthOutput)
    return DepthOutput(out.depth.float(), out.mask.float())


def _array(values: Tensor) -> npt.NDArray[Any]:
    return np.asarray(values.detach().cpu().numpy())

"""Learning the head pose from shards, and from unlabelled pictures beside them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
import numpy as np
import numpy.typing as npt
import torch
from msgspec import Meta
from torch import Tensor, nn

from app.dataset.packed import Packed
from inference.crop import CROP_SCALE
from inference.models.fsanet import SIZE, ExportedPose, Form, FsaNet, Pose
from inference.models.losses import geodesic
from inference.models.pose_angles import angles_from_rotations
from inference.training.augment import Shares
from inference.training.config import TrainingConfig, task_settings
from inference.training.head_pose_figures import STEEP, pose_figures
from inference.training.head_pose_samples import Half, HeadPoseSamples
from inference.training.head_pose_view import pose_sheet
from inference.training.task import Batch, Export, Part, Samples

_SHOWN: Final = 16
RADIAN: Final = 180.0 / math.pi


class HeadPoseSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The table ``[task]``.

    Attributes
    ----------
    form : {'columns', 'angles'}
        What the network regresses: two columns of the rotation, or the papers' three angles.
    width : float
        Of the network.
    angle_weight : float
        Of the mean absolute error of the angles beside the geodesic distance, both in radians;
        with ``form = "angles"`` the loss is that error alone, as in the papers.
    half : {'all', 'first', 'second'}
        Of the people, those that are trained on.
    augment : Shares
    unlabelled : str
        Folder of pictures of faces without labels, or empty. With it the network learns features
        that do not tell those pictures from the synthetic ones.
    boxes : str
        JSON of the faces' boxes in them by file name; without it they are looked for.
    start : str
        With ``unlabelled``: the run whose network is adapted. It is best trained on the other
        half of the people.
    neighbours : int
        Synthetic samples for each unlabelled picture, those of the nearest head poses.
    adversary : float
        Greatest strength of the reversed gradient, μ of the papers.
    """

    form: Form = "columns"
    width: Annotated[float, Meta(ge=0.25, le=4.0)] = 1.0
    angle_weight: Annotated[float, Meta(ge=0.0)] = 0.3
    half: Half = "all"
    augment: Shares = Shares()
    unlabelled: str = ""
    boxes: str = ""
    start: str = ""
    neighbours: Annotated[int, Meta(ge=1, le=1000)] = 16
    adversary: Annotated[float, Meta(ge=0.0, le=10.0)] = 0.1


def make(config: TrainingConfig, data: Packed) -> HeadPoseTask:
    """The task over these shards.

    Raises
    ------
    ConfigError
    """
    settings = task_settings(config, HeadPoseSettings)
    if not settings.unlabelled:
        return HeadPoseTask(settings, data)
    from inference.training.head_pose_adapt import adapted

    return adapted(settings, data)


def angle_loss(predicted: Tensor, truth: Tensor) -> Tensor:
    """Mean absolute difference of angles in degrees, wrapped to ±180, in radians (equation 14)."""
    return _apart(predicted, truth).mean() / RADIAN


def tempered_angle_loss(predicted: Tensor, truth: Tensor) -> Tensor:
    """`angle_loss` with pitch and roll weighing less towards the pole, from a yaw of `STEEP` on.

    Their gradient with respect to a rotation is as large as 1/cos(yaw); a single head near the pole
    would decide the step of a whole batch.
    """
    level = torch.cos(truth[:, 0] / RADIAN) / math.cos(STEEP / RADIAN)
    weight = torch.ones_like(truth)
    weight[:, 1:] = level.clamp(0.0, 1.0)[:, None]
    return (_apart(predicted, truth) * weight).mean() / RADIAN


def _apart(predicted: Tensor, truth: Tensor) -> Tensor:
    return ((predicted - truth + 180.0) % 360.0 - 180.0).abs()


@dataclass
class HeadPoseTask:
    """Rotation of the head from a small crop."""

    settings: HeadPoseSettings
    packed: Packed

    def network(self) -> nn.Module:
        return FsaNet(self.settings.form, self.settings.width)

    def data(self, part: Part) -> Samples:
        return HeadPoseSamples(self.packed, part, self.settings.augment, self.settings.half)

    def loss(self, network: nn.Module, batch: Batch) -> Batch:
        """Geodesic distance and error of the angles, radians."""
        return pose_terms(forward(network, batch["pictures"]), batch["rotation"], self.settings)

    def measure(self, network: nn.Module, batches: Iterable[Batch]) -> dict[str, float]:
        """Figures in degrees; the score is the mean error of the angles."""
        found, truth = [], []
        for batch in batches:
            found.append(forward(network, batch["pictures"]).rotation.cpu())
            truth.append(batch["rotation"].cpu())
        figures = pose_figures(torch.cat(found), torch.cat(truth))
        return {**figures, "score": figures["mae"]}

    def exported(self, network: nn.Module) -> Export:
        assert isinstance(network, FsaNet)
        facts: dict[str, object] = {
            "input_size": SIZE,
            "crop_scale": CROP_SCALE,
            "angles": "yaw, pitch and roll in degrees, pose_para, relative to the camera",
            "form": self.settings.form,
            "limits": [
                "Beyond a yaw of about 75° pitch and roll turn about nearly the same axis: a small "
                "error of the rotation is a large one of both angles.",
                "Heads seen from behind and from straight above are rare in the data.",
            ],
        }
        return Export(
            ExportedPose(network),
            {"pictures": torch.rand(2, 3, SIZE, SIZE)},
            ("angles",),
            "head-pose",
            facts=facts,
        )

    def show(self, network: nn.Module, batch: Batch) -> npt.NDArray[np.uint8]:
        """The first crops with the axes of their heads, found over true."""
        first = {key: batch[key][:_SHOWN] for key in ("pictures", "rotation")}
        found = forward(network, first["pictures"]).rotation.detach()
        return pose_sheet(*(v.cpu().numpy() for v in (*first.values(), found)))


def pose_terms(found: Pose, rotation: Tensor, settings: HeadPoseSettings) -> Batch:
    """Terms of the loss and their ``sum``."""
    truth = angles_from_rotations(rotation)
    if settings.form == "angles":
        angles = angle_loss(found.angles, truth)
        return {"angles": angles, "sum": angles}
    angles = tempered_angle_loss(found.angles, truth)
    apart = geodesic(found.rotation, rotation)
    return {"geodesic": apart, "angles": angles, "sum": apart + settings.angle_weight * angles}


def forward(network: nn.Module, pictures: Tensor) -> Pose:
    """What the network says of pictures (B, S, S, 3) of bytes, in float32."""
    out = network(pictures.permute(0, 3, 1, 2).to(torch.float32) / 255.0)
    assert isinstance(out, Pose)
    return Pose(out.angles.float(), out.rotation.float(), out.features.float())

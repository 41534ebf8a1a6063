"""A trained head pose network that learns from unlabelled pictures, beside labelled ones.

Basak et al., IEEE Access 2021, section VII-B, after Kuhnke and Ostermann, ICCV 2019: the trained
network says the head poses of the unlabelled pictures; the synthetic samples nearest to them are
what it trains on further, so that both sides hold the same head poses and a classifier of the
domains, which the features are to deceive, cannot go by them.
"""

from __future__ import annotations

import functools
import logging
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from app.dataset.packed import Packed
from inference.models.adversarial import AdversarialPose, domain_loss, reversal_strength
from inference.models.fsanet import SIZE, FsaNet, Pose
from inference.models.pose_angles import rotations_from_angles
from inference.training.checkpoint import BEST, CheckpointError, read_checkpoint
from inference.training.config import ConfigError
from inference.training.head_pose_samples import HeadPoseSamples, PairedSamples, nearest
from inference.training.head_pose_task import (
    HeadPoseSettings,
    HeadPoseTask,
    forward,
    pose_terms,
)
from inference.training.task import Batch, Export, Part, Samples
from inference.training.unlabelled import Unlabelled, read_unlabelled

log = logging.getLogger(__name__)

_AT_ONCE = 64


def adapted(settings: HeadPoseSettings, data: Packed) -> AdaptedHeadPoseTask:
    """The task over shards and the folder of unlabelled pictures that the settings name.

    Raises
    ------
    ConfigError
    """
    if not settings.start:
        raise ConfigError("unlabelled: give start=RUN as well, the trained network to adapt")
    return AdaptedHeadPoseTask(settings, data)


def trained(run: Path, settings: HeadPoseSettings) -> FsaNet:
    """The best network of a run, or that of a checkpoint.

    Raises
    ------
    ConfigError
        When there is none of the form and width of the settings.
    """
    path = run / BEST if run.is_dir() else run
    network = FsaNet(settings.form, settings.width)
    try:
        network.load_state_dict(read_checkpoint(path).mean)
    except FileNotFoundError:
        raise ConfigError(f"start: {path}: there is no such file; train head-pose first") from None
    except CheckpointError as problem:
        raise ConfigError(f"start: {problem}") from None
    except RuntimeError:
        wanted = f"form {settings.form!r} and width {settings.width:g}"
        raise ConfigError(f"start: {path}: this is no head pose network of {wanted}") from None
    network.eval()
    return network


@dataclass
class AdaptedHeadPoseTask(HeadPoseTask):
    """`HeadPoseTask` on the samples nearest to unlabelled pictures, against a classifier of both.

    The pictures are read when there is something to train: an export does without them.
    """

    _strength: float = field(default=0.0, init=False)

    def network(self) -> nn.Module:
        return AdversarialPose(trained(Path(self.settings.start), self.settings))

    def data(self, part: Part) -> Samples:
        return self.pairs if part == "train" else super().data(part)

    @functools.cached_property
    def pairs(self) -> PairedSamples:
        """Synthetic samples beside the unlabelled pictures."""
        settings = self.settings
        start = trained(Path(settings.start), settings)
        boxes = Path(settings.boxes) if settings.boxes else None
        target = read_unlabelled(Path(settings.unlabelled), boxes, SIZE)
        if target.skipped:
            words = (
                f"{len(target.skipped)} unlabelled pictures are left out, {len(target)} are used"
            )
            log.warning("%s; the first: %s", words, target.skipped[0])
        source = super().data("train")
        assert isinstance(source, HeadPoseSamples)
        truth = rotations_from_angles(torch.from_numpy(source.angles().copy())).numpy()
        found = nearest(predicted_rotations(start, target), truth, settings.neighbours)
        return PairedSamples(source, found, target)

    def pace(self, fraction: float) -> None:
        """Raise the strength of the reversed gradient."""
        self._strength = reversal_strength(fraction, self.settings.adversary)

    def loss(self, network: nn.Module, batch: Batch) -> Batch:
        """The loss of the labelled half of the batch, and the cross-entropy of the domains."""
        domain = getattr(network, "domain")  # noqa: B009
        labelled = len(batch["pictures"])
        found = forward(network, torch.cat([batch["pictures"], batch["unlabelled"]]))
        own = Pose(found.angles[:labelled], found.rotation[:labelled], found.features[:labelled])
        terms = pose_terms(own, batch["rotation"], self.settings)
        apart = domain_loss(domain, own.features, found.features[labelled:], self._strength)
        return {**terms, "domain": apart, "sum": terms["sum"] + apart}

    def exported(self, network: nn.Module) -> Export:
        assert isinstance(network, AdversarialPose)
        return super().exported(network.pose)


def predicted_rotations(network: FsaNet, target: Unlabelled) -> npt.NDArray[np.float32]:
    """Head poses (M, 3, 3) that a network sees in unlabelled pictures."""
    network.eval()
    found: list[Tensor] = []
    with torch.no_grad():
        for first in range(0, len(target), _AT_ONCE):
            numbers = range(first, min(first + _AT_ONCE, len(target)))
            cut = torch.from_numpy(np.stack([target.exact(k) for k in numbers]))
            found.append(forward(network, cut).rotation)
    return np.asarray(torch.cat(found).numpy(), np.float32)

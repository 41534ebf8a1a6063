"""Learning the face network from shards and, without labels, from a user's pictures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import numpy.typing as npt
import torch
from msgspec import Meta
from torch import Tensor, nn

from app.dataset.packed import Packed
from inference.models.adversarial import reversal_strength
from inference.models.face import FaceNet, FaceOutput
from inference.models.nuclear import FaceWithClasses
from inference.training.augment import photographed
from inference.training.checkpoint import BEST, CheckpointError, read_checkpoint
from inference.training.config import ConfigError, TrainingConfig, task_settings
from inference.training.face_samples import FaceSamples
from inference.training.face_task import FaceSettings, FaceTask, pictures
from inference.training.task import Batch, Export, Item, Part, Samples
from inference.training.unlabelled import Unlabelled, read_unlabelled

_CLASSES: Final = 1.0


class NuclearSettings(FaceSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The table ``[task]``: that of the task face, and these.

    Attributes
    ----------
    unlabelled : str
        Folder of pictures of faces.
    boxes : str
        JSON of the faces' boxes in them by file name; without it they are looked for.
    start : str
        Run of the task face whose network is adapted; without it training starts anew.
    adversary : float
        Greatest strength with which the features are made alike.
    """

    unlabelled: str = ""
    boxes: str = ""
    start: str = ""
    adversary: Annotated[float, Meta(ge=0.0, le=10.0)] = 0.1


def make(config: TrainingConfig, data: Packed) -> NuclearTask:
    """The task over these shards; the folder of pictures is read when training starts.

    Raises
    ------
    ConfigError
    """
    settings = task_settings(config, NuclearSettings)
    if settings.size % 32:
        raise ConfigError(f"[task]: size is {settings.size}; it is a multiple of 32")
    if not settings.unlabelled:
        raise ConfigError("[task]: unlabelled is empty; give --set task.unlabelled=DIR")
    return NuclearTask(settings, data)


class PairedFaces:
    """Crops of shards, each with a crop of an unlabelled picture that chance picks.

    Parameters
    ----------
    source : FaceSamples
    target : Unlabelled
    """

    def __init__(self, source: FaceSamples, target: Unlabelled) -> None:
        self.source, self.target = source, target

    @property
    def people(self) -> npt.NDArray[np.int64]:
        return self.source.people

    def __len__(self) -> int:
        return len(self.source)

    def item(self, index: int, rng: np.random.Generator) -> Item:
        """That of `FaceSamples`, and ``unlabelled`` (S, S, 3) uint8."""
        shares = self.source.settings.augment
        labelled = self.source.item(index, rng)
        picture = self.target.jittered(int(rng.integers(len(self.target))), shares, rng)
        picture = photographed(picture, shares, rng)
        return {**labelled, "unlabelled": np.ascontiguousarray(picture)}


class _Said(nn.Module):
    """Gives what a network said before, to those who would ask it."""

    def __init__(self, found: FaceOutput) -> None:
        super().__init__()
        self.found = found

    def forward(self, _: Tensor) -> FaceOutput:
        return self.found


@dataclass(frozen=True)
class NuclearTask(FaceTask):
    """`FaceTask` with the nuclear-norm discrepancy between labelled and unlabelled pictures."""

    settings: NuclearSettings
    _strength: list[float] = field(default_factory=lambda: [0.0], init=False)

    def network(self) -> nn.Module:
        face = super().network()
        assert isinstance(face, FaceNet)
        if self.settings.start:
            _load(face, Path(self.settings.start))
        return FaceWithClasses(face)

    def data(self, part: Part) -> Samples:
        source = super().data(part)
        if part == "holdout":
            return source
        assert isinstance(source, FaceSamples)
        return PairedFaces(source, self._target())

    def _target(self) -> Unlabelled:
        settings = self.settings
        boxes = Path(settings.boxes) if settings.boxes else None
        return read_unlabelled(Path(settings.unlabelled), boxes, settings.size)

    def pace(self, fraction: float) -> None:
        """Raise the strength with which features are made alike."""
        self._strength[0] = reversal_strength(fraction, self.settings.adversary)

    def loss(self, network: nn.Module, batch: Batch) -> Batch:
        """The loss of the labelled half, the classes of its faces, and the discrepancy."""
        labelled = len(batch["pictures"])
        both = torch.cat([pictures(batch), pictures({"pictures": batch["unlabelled"]})])
        found, code = network(both)
        own = FaceOutput(
            found.landmarks[:labelled],
            found.log_sigma[:labelled],
            found.rotation[:labelled],
            found.presence[:labelled],
        )
        terms = super().loss(_Said(own), batch)
        faces = batch["face"] > 0.5
        source, target = code[:labelled][faces].float(), code[labelled:].float()
        if not len(source):
            return terms
        inner: Any = network
        classes = inner.taught(source, batch["rotation"][faces])
        apart = inner.apart(source, target, self._strength[0])
        total = terms["sum"] + _CLASSES * classes + apart
        return {**terms, "classes": classes, "discrepancy": -apart, "sum": total}

    def measure(self, network: nn.Module, batches: Iterable[Batch]) -> dict[str, float]:
        return super().measure(_face(network), batches)

    def exported(self, network: nn.Module) -> Export:
        return super().exported(_face(network))

    def show(self, network: nn.Module, batch: Batch) -> npt.NDArray[np.uint8]:
        return super().show(_face(network), batch)


def _load(face: FaceNet, run: Path) -> None:
    """Raises ConfigError when there is no network of the same form."""
    path = run / BEST if run.is_dir() else run
    try:
        face.load_state_dict(read_checkpoint(path).mean)
    except FileNotFoundError:
        raise ConfigError(f"start: {path}: there is no such file; train face first") from None
    except CheckpointError as problem:
        raise ConfigError(f"start: {problem}") from None
    except RuntimeError:
        raise ConfigError(
            f"start: {path}: this is no face network of the size, width and code of the settings"
        ) from None


def _face(network: nn.Module) -> nn.Module:
    assert isinstance(network, FaceWithClasses)
    return network.face

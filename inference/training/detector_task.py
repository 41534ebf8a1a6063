"""Learning to find faces, on scenes composed anew for every step."""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

import cv2
import msgspec
import numpy as np
import numpy.typing as npt
import torch
from msgspec import Meta
from torch import nn

from app.dataset.packed import Packed
from app.dataset.sample import held_out
from app.evaluation.detection import DetectionFigures
from inference.models.detector import STRIDES, Detector, DetectorNet
from inference.models.detector_loss import FACE, UNSURE, detector_loss
from inference.training.config import ConfigError, TrainingConfig, task_settings
from inference.training.detector_found import found
from inference.training.detector_operating import EMPTY_RATE, SCENE_RATE, operating_score
from inference.training.detector_scenes import Looks, compose
from inference.training.face_samples import Seen, seen
from inference.training.scene_people import SceneShares
from inference.training.scenery import Scenery, patterns
from inference.training.task import Batch, Export, Item, Part, Samples

LOG: Final = logging.getLogger(__name__)

FALSE_RATES: Final = (0.003, 0.01, 0.03, 0.1)
"""False boxes in a picture at which recall is measured; the score is the mean of what is missed."""

_SHOWN: Final = 12

Positive = Annotated[int, Meta(ge=1)]


class DetectorSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The table ``[task]``.

    Attributes
    ----------
    size : int
        Edge of the scenes, pixels, a multiple of 32.
    channels, blocks, neck
        Of `DetectorNet`.
    scenery : str
        Folder of pictures without faces (`inference.training.scenery`); made where it can be made.
    scenes : int
        Of people held out, to measure on.
    calibrated : int
        Pictures of each kind on which the exported scores are set, so that 0.5 is the score from
        which a box is taken for a face; 0 leaves them as the network gives them.
    shares : SceneShares
    looks : Looks
    """

    size: Positive = 320
    channels: tuple[Positive, Positive, Positive, Positive, Positive] = (16, 24, 64, 96, 128)
    blocks: tuple[Positive, Positive, Positive, Positive] = (1, 3, 3, 2)
    neck: Positive = 48
    scenery: str = "runs/scenery"
    scenes: Positive = 1500
    calibrated: Annotated[int, Meta(ge=0)] = 600
    shares: SceneShares = SceneShares()
    looks: Looks = Looks()


def make(config: TrainingConfig, data: Packed) -> DetectorTask:
    """The task over these shards.

    Raises
    ------
    ConfigError
    """
    settings = task_settings(config, DetectorSettings)
    if settings.size % STRIDES[-1]:
        raise ConfigError(f"[task]: size is {settings.size}; it is a multiple of {STRIDES[-1]}")
    folder = Path(settings.scenery)
    if not folder.is_dir() or not any(folder.glob("*.jpg")):
        _try_to_make(folder)
    return DetectorTask(settings, data)


def _try_to_make(folder: Path) -> None:
    from inference.training.scenery import make_scenery

    try:
        make_scenery(folder)
    except (ImportError, OSError, RuntimeError) as fault:
        LOG.warning("no scenery in %s (%s): patterns alone stand behind faces", folder, fault)


@dataclass(frozen=True)
class DetectorTask:
    """Boxes of faces and how sure each is."""

    settings: DetectorSettings
    packed: Packed

    def network(self) -> nn.Module:
        s = self.settings
        return DetectorNet(s.channels, s.blocks, s.neck)

    def data(self, part: Part) -> Samples:
        apart = held_out(self.packed.people)
        chosen = np.flatnonzero(apart if part == "holdout" else ~apart)
        return Scenes(self.packed, chosen, self.settings, part == "holdout")

    def loss(self, network: nn.Module, batch: Batch) -> Batch:
        found = network(batch["pictures"].float() / 255.0)
        return detector_loss(found, batch["boxes"], batch["state"])

    def measure(self, network: nn.Module, batches: Iterable[Batch]) -> dict[str, float]:
        """Recall at `FALSE_RATES` over scenes of people held out."""
        figures = DetectionFigures()
        for batch in batches:
            states = batch["state"].cpu().numpy()
            truths = batch["boxes"].cpu().numpy()
            for (boxes, scores), state, truth in zip(
                found(network, batch["pictures"]), states, truths, strict=True
            ):
                figures.add(boxes, scores, truth[state == FACE], truth[state == UNSURE])
        recalls = dict(zip(FALSE_RATES, figures.recalls(FALSE_RATES), strict=True))
        told = {f"recall_at_{rate:g}": recall for rate, recall in recalls.items()}
        missed = float(1.0 - np.mean(list(recalls.values())))
        return {**told, "threshold": figures.threshold(0.01), "score": missed}

    def exported(self, network: nn.Module) -> Export:
        sure, count = 0.5, self.settings.calibrated
        if count:
            scenes = self.data("holdout")
            sure = operating_score(network, scenes, Path(self.settings.scenery), count)
        facts: dict[str, object] = {
            "operating_score": 0.5,
            "operating_score_before_shift": round(sure, 4),
            "operating_rates": {"empty": EMPTY_RATE, "scenes": SCENE_RATE} if count else {},
            "strides": list(STRIDES),
            "multiple": STRIDES[-1],
            "box": "tight box of the 68 points with the visible outline, x, y, w, h in pixels",
            "suppression": 0.4,
            "limits": [
                "Faces from 24 pixels up; smaller ones are not taught.",
                "Heads that lean by more than about 60 degrees and faces seen from well behind "
                "the profile are not taught.",
                "A face whose box is longer than the training scenes were wide "
                f"({self.settings.size} pixels) is better found in a smaller picture.",
            ],
        }
        side = self.settings.size
        return Export(
            Detector(network, sure),
            {"pictures": torch.rand(2, 3, side, side)},
            ("boxes", "scores"),
            "detector",
            {
                "pictures": {2: "height", 3: "width"},
                "boxes": {1: "cells"},
                "scores": {1: "cells"},
            },
            facts,
        )

    def show(self, network: nn.Module, batch: Batch) -> npt.NDArray[np.uint8]:
        """Scenes with true boxes (green; unsure yellow) and found ones (red, score from 0.3)."""
        first = {name: values[:_SHOWN] for name, values in batch.items()}
        with torch.no_grad():
            seen = found(network, first["pictures"], 0.3)
        tiles = []
        for k, (boxes, scores) in enumerate(seen):
            picture = np.ascontiguousarray(first["pictures"][k].cpu().numpy().transpose(1, 2, 0))
            state = first["state"][k].cpu().numpy()
            truth = first["boxes"][k].cpu().numpy()
            for color, rows in (((0, 220, 0), FACE), ((230, 220, 0), UNSURE)):
                for box in truth[state == rows]:
                    _draw(picture, box, color)
            for box, score in zip(boxes, scores, strict=True):
                _draw(picture, box, (255, 40, 40), f"{score:.2f}")
            tiles.append(picture)
        while len(tiles) % 4:
            tiles.append(np.zeros_like(tiles[0]))
        rows_of = [np.concatenate(tiles[k : k + 4], axis=1) for k in range(0, len(tiles), 4)]
        return np.asarray(np.concatenate(rows_of), np.uint8)


@dataclass(frozen=True)
class Scenes:
    """Scenes made on demand; those held out are the same at every call.

    There are as many as samples, and of those held out ``settings.scenes``.
    """

    packed: Packed
    chosen: npt.NDArray[np.intp]
    settings: DetectorSettings
    kept_back: bool
    people: npt.NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        people = self.packed.people[self.chosen]
        if self.kept_back:
            people = np.resize(people, self.settings.scenes if len(people) else 0)
        object.__setattr__(self, "people", people)

    def __len__(self) -> int:
        return len(self.people)

    def item(self, index: int, rng: np.random.Generator) -> Item:
        """Keys ``pictures`` (3, S, S) uint8, ``boxes`` (F, 4) and ``state`` (F,)."""
        first: list[int] = []
        if self.kept_back:
            rng = np.random.default_rng((0xDE7, index))
        else:
            first.append(int(self.chosen[index]))

        def people(chance: np.random.Generator) -> Seen:
            number = first.pop() if first else int(chance.choice(self.chosen))
            return seen(self.packed.row(number))

        scenery = _scenery(self.settings.scenery, self.kept_back)
        made = compose(
            rng,
            self.settings.size,
            people,
            scenery,
            self.settings.shares,
            self.settings.looks,
        )
        return {
            "pictures": np.ascontiguousarray(made.picture.transpose(2, 0, 1)),
            "boxes": made.boxes,
            "state": made.state,
        }


@functools.lru_cache(maxsize=4)
def _scenery(folder: str, kept_back: bool) -> Scenery:
    found = Scenery.read(Path(folder), kept_back)
    return found if found.around or found.rooms else patterns()


def _draw(
    picture: npt.NDArray[np.uint8],
    box: npt.NDArray[np.float32],
    color: tuple[int, int, int],
    text: str = "",
) -> None:
    x, y, width, height = (float(v) for v in box)
    ends = (round(x), round(y)), (round(x + width), round(y + height))
    cv2.rectangle(picture, *ends, color, 1, cv2.LINE_AA)
    if text:
        place = ends[0][0], max(10, ends[0][1] - 3)
        cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, color, 1, cv2.LINE_AA)

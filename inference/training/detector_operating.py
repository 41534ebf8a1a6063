"""The score from which a box is taken for a face, found where false boxes have been counted."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import nn

from app.evaluation.detection import DetectionFigures
from inference.models.detector_loss import FACE, UNSURE
from inference.training.detector_compare import empty_pictures
from inference.training.detector_found import found
from inference.training.task import Samples

EMPTY_RATE: Final = 0.01
"""False boxes in a picture of 640×480 of scenery or patterns."""
SCENE_RATE: Final = 0.05
"""False boxes in a scene of people held out, among things made to be mistaken for faces."""


def operating_score(network: nn.Module, scenes: Samples, scenery: Path, count: int) -> float:
    """The higher of the scores that keep to `EMPTY_RATE` and to `SCENE_RATE`.

    Parameters
    ----------
    network : Module
        A `DetectorNet`, in evaluation mode.
    scenes : Samples
        Scenes of people held out.
    scenery : Path
        Folder of pictures without faces; those kept back are used.
    count : int
        Pictures of each of the two kinds.
    """
    empty, peopled = DetectionFigures(), DetectionFigures()
    nothing = np.empty((0, 4))
    with torch.no_grad():
        for picture in empty_pictures(scenery, count):
            given = torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))[None]
            empty.add(*found(network, given)[0], nothing)
        for k in range(min(count, len(scenes))):
            item = scenes.item(k, np.random.default_rng(k))
            state, truth = item["state"], item["boxes"].astype(float)
            boxes, scores = found(network, torch.from_numpy(item["pictures"])[None])[0]
            peopled.add(boxes, scores, truth[state == FACE], truth[state == UNSURE])
    score = max(empty.threshold(EMPTY_RATE), peopled.threshold(SCENE_RATE))
    return float(np.clip(score, 0.05, 0.95))

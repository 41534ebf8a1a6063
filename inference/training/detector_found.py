"""What a detector's network finds in a batch of pictures."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from app.evaluation.detection import suppressed
from inference.models.detector import Detector

LEAST_SCORE: Final = 0.01
MOST: Final = 100

Found = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]


def found(network: nn.Module, pictures: Tensor, least: float = LEAST_SCORE) -> list[Found]:
    """Boxes (N, 4) and scores (N,) of every picture, suppressed, best first.

    Parameters
    ----------
    network : Module
        A `DetectorNet`.
    pictures : Tensor of uint8, shape (B, 3, H, W)
    least : float
        Score from which boxes are looked at; no more than `MOST` of them.
    """
    boxes, scores = Detector(network)(pictures.float() / 255.0)
    told = []
    for places, chances in zip(
        boxes.float().cpu().numpy(), scores.float().cpu().numpy(), strict=True
    ):
        likely = np.flatnonzero(chances >= least)
        likely = likely[np.argsort(-chances[likely], kind="stable")][:MOST]
        kept = likely[suppressed(places[likely], chances[likely])]
        told.append((places[kept], chances[kept]))
    return told

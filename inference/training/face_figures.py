"""Figures of landmark networks over batches, and pictures of what they find."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from app.dataset.sample import OUTLINED, rotation_as_seen
from app.evaluation import metrics
from app.geometry.rotations import pose_para_from_matrix
from inference.models.face import FaceOutput, orthonormal
from inference.training.task import Batch

FACING: Final = float(np.cos(np.radians(45.0)))
"""Cosine of the angle between sight and face from which a head counts as facing the camera."""

_SHOWN: Final = 12
_ACROSS: Final = 6
_ENLARGED: Final = 2


class LandmarkFigures:
    """Errors of the 68 points with the visible outline, in per cent of the eyes' distance."""

    def __init__(self) -> None:
        self._kept: dict[str, list[NDArray[Any]]] = defaultdict(list)

    def add_landmarks(self, found: Tensor, batch: Batch) -> None:
        """Points (B, 68, 2 or more) in crop units, beside the batch's."""
        face = array(batch["face"]) > 0.5
        truth = array(batch["points"])[face][:, OUTLINED, :2]
        errors = metrics.point_errors(array(found)[face][..., :2], truth)
        eyes = metrics.inter_ocular(truth)
        self._keep(
            plain=array(batch["plain"])[face] > 0.5,
            facing=array(batch["rotation"])[face][:, 2, 2] >= FACING,
            errors=100.0 * errors / np.maximum(eyes, 0.05)[:, None],
            box=100.0 * errors.mean(1) / metrics.box_size(truth),
        )

    def told(self) -> dict[str, float]:
        """NME in per cent: ``nme`` of plain crops by the outer eye corners, and more.

        Of heads that look aside, up or down the eyes are close together in the picture, and such
        heads make up most of the mean; ``nme_facing`` is that of the others.
        """
        kept = self.kept()
        errors, plain = kept["errors"], kept["plain"]
        told = {
            "nme": mean(errors[plain]),
            "nme_facing": mean(errors[plain & kept["facing"]]),
            "nme_no_jaw": mean(errors[plain][:, 17:]),
            "nme_box": mean(kept["box"][plain]),
            "nme_augmented": mean(errors[~plain]),
        }
        known = [v for v in (told["nme"], told["nme_augmented"]) if np.isfinite(v)]
        return {**told, "score": float(np.mean(known)) if known else float("nan")}

    def kept(self) -> dict[str, NDArray[Any]]:
        return {name: np.concatenate(parts) for name, parts in self._kept.items()}

    def _keep(self, **values: NDArray[Any]) -> None:
        for name, value in values.items():
            self._kept[name].append(value)


class FaceFigures(LandmarkFigures):
    """The same with σ, depth, pose and presence."""

    def add(self, found: FaceOutput, batch: Batch) -> None:
        self.add_landmarks(found.landmarks[:, OUTLINED], batch)
        face = array(batch["face"]) > 0.5
        points, truth = array(found.landmarks)[face], array(batch["points"])[face]
        across = metrics.point_errors(points[..., :2], truth[..., :2])
        turns, true_turns = (
            np.array([_angles(r) for r in array(rotations)[face]]).reshape(-1, 3)
            for rotations in (orthonormal(found.rotation), batch["rotation"])
        )
        self._keep(
            ratio=(across / np.exp(array(found.log_sigma)[face])) ** 2,
            deep=np.abs(points[..., 2] - truth[..., 2]).mean(1),
            size=metrics.box_size(truth[:, OUTLINED, :2]),
            angles=metrics.angle_errors(turns, true_turns),
            logits=array(found.presence),
            face=face,
        )

    def told(self) -> dict[str, float]:
        """Also depth in per cent of √(w·h) of the box, MAE of angles in degrees and the rest."""
        kept = self.kept()
        plain, face, seen = kept["plain"], kept["face"], kept["logits"] > 0.0
        yaw, pitch, roll = (mean(kept["angles"][plain, k]) for k in range(3))
        return {
            **super().told(),
            "depth": mean(100.0 * kept["deep"][plain] / kept["size"][plain]),
            "yaw": yaw,
            "pitch": pitch,
            "roll": roll,
            "pose": (yaw + pitch + roll) / 3.0,
            "calibration": float(np.sqrt(kept["ratio"].mean() / 2.0)),
            "faces_missed": mean(~seen[face]),
            "false_faces": mean(seen[~face]),
        }


def array(values: Tensor) -> NDArray[np.float64]:
    """On the processor and in numpy."""
    return np.asarray(values.detach().cpu().double().numpy())


def mean(values: NDArray[Any]) -> float:
    """NaN for none."""
    return float(values.mean()) if values.size else float("nan")


def _angles(rotation: NDArray[np.float64]) -> tuple[float, float, float]:
    seen = pose_para_from_matrix(rotation_as_seen(rotation))
    return seen.yaw, seen.pitch, seen.roll


def drawn(batch: Batch, landmarks: Tensor) -> NDArray[np.uint8]:
    """Crops in rows of six, twice as large: true points (B, 68, 2+) green, those found red."""
    crops = batch["pictures"][:_SHOWN].cpu().numpy()
    size = crops.shape[1] * _ENLARGED
    faces = array(batch["face"])
    tiles = []
    for k, crop in enumerate(crops):
        tile = np.ascontiguousarray(cv2.resize(crop, (size, size), interpolation=cv2.INTER_LINEAR))
        truth = array(batch["points"])[k, OUTLINED] if faces[k] > 0.5 else np.empty((0, 3))
        for points, colour in ((truth, (60, 230, 60)), (array(landmarks)[k], (255, 60, 60))):
            for x, y in (points[:, :2] + 0.5) * size - 0.5:
                centre = (int(np.clip(x, -99, 9999) * 16), int(np.clip(y, -99, 9999) * 16))
                cv2.circle(tile, centre, 20, colour, -1, cv2.LINE_AA, 4)
        tiles.append(tile)
    while len(tiles) % _ACROSS:
        tiles.append(np.zeros_like(tiles[0]))
    rows = [np.hstack(tiles[k : k + _ACROSS]) for k in range(0, len(tiles), _ACROSS)]
    return np.asarray(np.vstack(rows), np.uint8)

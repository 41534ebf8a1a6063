"""All figures of a model on annotated pictures, gathered face by face."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from app.evaluation import metrics
from app.evaluation.annotated import Annotated, Predicted
from app.evaluation.landmark_figures import (
    SUBSETS,
    LandmarkFigures,
    face_errors,
    landmark_figures,
)
from app.evaluation.other_figures import (
    DenseFigures,
    DepthFigures,
    PictureDepth,
    PoseFigures,
    SigmaFigures,
    dense_figures,
    depth_figures,
    picture_depth,
    pose_figures,
    sigma_figures,
)
from app.geometry.rotations import Angles, Array

_JAW: Final = 17

Errors = tuple[float | None, float | None, float | None]
"""By inter-ocular, the same without the jaw, by the box."""


@dataclass(frozen=True)
class FaceFigures:
    """Errors of one face; None where something was not measured.

    Attributes
    ----------
    source : str
    error, error_without_jaw : float or None
        NME by inter-ocular, a share; None also for a face that was missed.
    error_by_box : float or None
        NME of all 68 points by √(w·h) of their box, which unlike the eyes' distance stays large
        in profiles.
    pose : float or None
        Mean of the three angles' errors, degrees.
    depth : float or None
        RMSE over the face, metres.
    missed : bool
    """

    source: str
    error: float | None = None
    error_without_jaw: float | None = None
    error_by_box: float | None = None
    pose: float | None = None
    depth: float | None = None
    missed: bool = False


@dataclass(frozen=True)
class GroupFigures:
    """Figures of the faces of one group; None where there is none of a kind."""

    faces: int
    error: float | None
    error_without_jaw: float | None
    error_by_box: float | None
    pose: float | None
    depth: float | None


@dataclass(frozen=True)
class Evaluation:
    """Everything that was measured; None where the data or the model say nothing of it.

    ``groups`` tells figures by kind of group and group; ``faces`` is in the order of the data.
    """

    faces: tuple[FaceFigures, ...]
    missed: int
    landmarks: LandmarkFigures | None
    dense: DenseFigures | None
    pose: PoseFigures | None
    depth: DepthFigures | None
    sigma: SigmaFigures | None
    groups: dict[str, dict[str, GroupFigures]]

    @property
    def measured(self) -> bool:
        """Whether the data had the truth of anything that was answered."""
        return any((self.landmarks, self.dense, self.pose, self.depth, self.sigma))


@dataclass
class Gathered:
    """Faces with what a model said of them; feed it with `add`, then ask for the `evaluation`."""

    _faces: list[FaceFigures] = field(default_factory=list)
    _groups: list[dict[str, str]] = field(default_factory=list)
    _truth: list[Array] = field(default_factory=list)
    _told: list[Array] = field(default_factory=list)
    _yaw: list[tuple[float, str]] = field(default_factory=list)
    _poses: list[tuple[Angles, Angles]] = field(default_factory=list)
    _depths: list[PictureDepth] = field(default_factory=list)
    _dense: list[tuple[Array, Array, float]] = field(default_factory=list)
    _sigma: list[tuple[Array, Array, Array | None, float]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._faces)

    def add(self, truth: Annotated, told: Predicted | None) -> FaceFigures:
        """Measure one face; ``told`` is None where the model found none.

        Raises
        ------
        ReadingError
            When the true depth cannot be read; nothing is then counted.
        """
        depth = self._depth(truth, told)
        errors: Errors = (None, None, None)
        pose = None
        if told is not None:
            errors = self._landmarks(truth, told)
            self._dense_points(truth, told)
            if truth.angles and told.angles:
                self._poses.append((told.angles, truth.angles))
                found = pose_figures([told.angles], [truth.angles])
                pose = found.mean if found else None
        rmse = depth.face.rmse if depth and depth.face else None
        face = FaceFigures(truth.source, *errors, pose, rmse, told is None)
        self._faces.append(face)
        self._groups.append(dict(truth.groups))
        return face

    def evaluation(self) -> Evaluation:
        """Figures over all faces that were added."""
        missed = sum(f.missed for f in self._faces)
        landmarks = None
        if self._truth:
            yaw = np.array([y for y, _ in self._yaw])
            sources = {source for _, source in self._yaw}
            landmarks = landmark_figures(
                np.array(self._told),
                np.array(self._truth),
                yaw,
                missed,
                sources.pop() if len(sources) == 1 else "mixed",
            )
        told, true = [p for p, _ in self._poses], [t for _, t in self._poses]
        return Evaluation(
            tuple(self._faces),
            missed,
            landmarks,
            dense_figures(*(list(c) for c in zip(*self._dense, strict=True)))
            if self._dense
            else None,
            pose_figures(told, true),
            depth_figures(self._depths),
            sigma_figures(*(list(c) for c in zip(*self._sigma, strict=True)))
            if self._sigma
            else None,
            self._by_group(),
        )

    def _landmarks(self, truth: Annotated, told: Predicted) -> Errors:
        points = told.points(truth.outlined)
        if truth.points is None or points is None:
            return None, None, None
        flat = np.asarray(points, np.float64)[:, :2]
        self._truth.append(truth.points)
        self._told.append(flat)
        if truth.angles is not None:
            self._yaw.append((truth.angles.yaw, "truth"))
        elif told.angles is not None:
            self._yaw.append((told.angles.yaw, "prediction"))
        else:
            self._yaw.append((float("nan"), "unknown"))
        values = [
            float(face_errors(flat[None], truth.points[None], subset)[0]) for subset in SUBSETS
        ]
        size = metrics.box_size(truth.points)
        values.append(float(metrics.point_errors(flat, truth.points).mean() / size))
        error, without, by_box = (v if np.isfinite(v) else None for v in values)
        return error, without, by_box

    def _dense_points(self, truth: Annotated, told: Predicted) -> None:
        if told.dense is None:
            return
        flat = np.asarray(told.dense, np.float64)[:, :2]
        if truth.dense is not None:
            known = np.isfinite(truth.dense).all(axis=1)
            apart = metrics.point_errors(flat, truth.dense)[known]
            seen = np.ones(len(flat), bool) if truth.dense_visible is None else truth.dense_visible
            size = _size(truth)
            self._dense.append((apart, seen[known], size))
            if told.sigma is not None:
                self._sigma.append((apart, told.sigma[known], seen[known], size))
        elif truth.points is not None and told.sigma is not None:
            # The jaw that people draw slides along the outline and has no stated deviation.
            own = slice(_JAW if truth.outlined else 0, 68)
            apart = metrics.point_errors(flat[own], truth.points[own])
            self._sigma.append((apart, told.sigma[own], None, _size(truth)))

    def _depth(self, truth: Annotated, told: Predicted | None) -> PictureDepth | None:
        if truth.depth is None or told is None or told.depth is None:
            return None
        found = picture_depth(told.depth, truth.depth())
        self._depths.append(found)
        return found

    def _by_group(self) -> dict[str, dict[str, GroupFigures]]:
        kinds = sorted({kind for groups in self._groups for kind in groups})
        found: dict[str, dict[str, GroupFigures]] = {}
        for kind in kinds:
            by_name: dict[str, list[FaceFigures]] = {}
            for face, groups in zip(self._faces, self._groups, strict=True):
                if kind in groups:
                    by_name.setdefault(groups[kind], []).append(face)
            found[kind] = {name: _group(by_name[name]) for name in sorted(by_name)}
        return found


def worst(faces: tuple[FaceFigures, ...], count: int) -> list[FaceFigures]:
    """Faces in the order of their errors, missed ones first."""

    def rank(face: FaceFigures) -> tuple[bool, float]:
        values = (face.error, face.pose, face.depth)
        return face.missed, next((v for v in values if v is not None), -1.0)

    return sorted(faces, key=rank, reverse=True)[:count]


def _group(faces: list[FaceFigures]) -> GroupFigures:
    def mean(values: list[float | None]) -> float | None:
        known = [v for v in values if v is not None]
        return float(np.mean(known)) if known else None

    squares = [None if f.depth is None else f.depth**2 for f in faces]
    depth = mean(squares)
    return GroupFigures(
        len(faces),
        mean([f.error for f in faces]),
        mean([f.error_without_jaw for f in faces]),
        mean([f.error_by_box for f in faces]),
        mean([f.pose for f in faces]),
        None if depth is None else depth**0.5,
    )


def _size(truth: Annotated) -> float:
    return float((truth.box[2] * truth.box[3]) ** 0.5)

"""Figures beside the 68 points: head pose, depth, the dense points and their stated deviations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.evaluation import metrics
from app.evaluation.annotated import Bools, DepthTruth, Floats
from app.geometry.rotations import Angles, Array, angle_between, matrix_from_pose_para

NEAREST: Final = 0.01
"""Metres from the camera that a predicted depth is taken to be at least, for relative errors."""


@dataclass(frozen=True)
class PoseFigures:
    """Errors of head poses in degrees.

    Attributes
    ----------
    faces : int
    yaw, pitch, roll, mean : float
        Mean absolute errors, and the mean of the three, as papers report them.
    between : float
        Mean angle of the rotation from the true to the predicted pose, which unlike the three is
        sound near yaw ±90°.
    by_yaw : dict of str to float
        Mean of the three in bins of the true |yaw|.
    """

    faces: int
    yaw: float
    pitch: float
    roll: float
    mean: float
    between: float
    by_yaw: dict[str, float]


def pose_figures(predicted: Sequence[Angles], truth: Sequence[Angles]) -> PoseFigures | None:
    """Errors in ``pose_para``; None where there is no pose."""
    if not truth:
        return None
    told = np.array([(a.yaw, a.pitch, a.roll) for a in predicted])
    true = np.array([(a.yaw, a.pitch, a.roll) for a in truth])
    errors = metrics.angle_errors(told, true)
    yaw, pitch, roll = (float(v) for v in errors.mean(axis=0))
    between = [
        angle_between(matrix_from_pose_para(p), matrix_from_pose_para(t))
        for p, t in zip(predicted, truth, strict=True)
    ]
    return PoseFigures(
        len(true),
        yaw,
        pitch,
        roll,
        float(errors.mean()),
        float(np.mean(between)),
        metrics.by_yaw(errors.mean(axis=1), true[:, 0]),
    )


@dataclass(frozen=True)
class DepthFigures:
    """Errors of depth, relative ones of the distance from the camera.

    Attributes
    ----------
    pictures : int
    face, head : DepthError or None
        Over all pixels of all faces, and of all heads with their necks, on which the model says
        something.
    covered : float
        Share of the faces' pixels on which it does.
    worst_picture : float
        Largest RMSE over one face, metres.
    """

    pictures: int
    face: metrics.DepthError
    head: metrics.DepthError | None
    covered: float
    worst_picture: float


@dataclass(frozen=True)
class PictureDepth:
    """Errors of one picture, and how much of its face the model says something on."""

    face: metrics.DepthError | None
    head: metrics.DepthError | None
    face_pixels: int


def picture_depth(predicted: Floats, truth: DepthTruth) -> PictureDepth:
    """Errors of one picture.

    Parameters
    ----------
    predicted : ndarray, shape (H, W), metres
        Relative to the head centre; NaN where nothing is said.
    truth : DepthTruth
    """

    def errors(area: Bools) -> metrics.DepthError | None:
        inside = area & np.isfinite(predicted) & np.isfinite(truth.relative)
        if not inside.any():
            return None
        told = np.maximum(predicted[inside] + truth.distance, NEAREST)
        true = truth.relative[inside] + truth.distance
        return metrics.depth_error(told, true, np.ones(len(true), bool))

    return PictureDepth(errors(truth.face), errors(truth.head), int(truth.face.sum()))


def depth_figures(pictures: Sequence[PictureDepth]) -> DepthFigures | None:
    """Errors over the pixels of all pictures; None where there is none."""
    faces = [p.face for p in pictures if p.face is not None]
    heads = [p.head for p in pictures if p.head is not None]
    if not faces:
        return None
    total = sum(p.face_pixels for p in pictures)
    return DepthFigures(
        len(faces),
        pooled(faces),
        pooled(heads) if heads else None,
        sum(f.pixels for f in faces) / max(total, 1),
        max(f.rmse for f in faces),
    )


def pooled(errors: Sequence[metrics.DepthError]) -> metrics.DepthError:
    """The error over all pixels of pictures from the errors of each."""
    pixels = np.array([e.pixels for e in errors], np.float64)
    share = pixels / pixels.sum()

    def mean(values: Sequence[float]) -> float:
        return float(np.dot(share, values))

    first, second, third = (mean([e.within[k] for e in errors]) for k in range(3))
    return metrics.DepthError(
        mean([e.abs_rel for e in errors]),
        mean([e.sq_rel for e in errors]),
        mean([e.rmse**2 for e in errors]) ** 0.5,
        mean([e.rmse_log**2 for e in errors]) ** 0.5,
        (first, second, third),
        int(pixels.sum()),
    )


@dataclass(frozen=True)
class DenseFigures:
    """The 520 points where their truth is known, as shares of √(w·h) of the 68 points' box.

    Attributes
    ----------
    faces : int
    all, visible, hidden : float
        Mean errors; NaN where there are no such points.
    """

    faces: int
    all: float
    visible: float
    hidden: float


def dense_figures(
    errors: Sequence[Array], visible: Sequence[NDArray[Any]], size: Sequence[float]
) -> DenseFigures | None:
    """Errors of dense points, (520,) of each face in pixels; None where there is none."""
    if not errors:
        return None
    apart = np.concatenate([e / s for e, s in zip(errors, size, strict=True)])
    seen = np.concatenate(list(visible)).astype(bool)
    return DenseFigures(len(errors), _mean(apart), _mean(apart[seen]), _mean(apart[~seen]))


@dataclass(frozen=True)
class SigmaFigures:
    """Whether stated deviations fit the errors made.

    Attributes
    ----------
    points : int
    all : Calibration
    visible, hidden : Calibration or None
        Of points that are seen and that are not, where that is known.
    stated : dict of str to float
        Mean stated deviation as a share of √(w·h) of the box, of ``all``, ``visible``, ``hidden``.
    correlation : float
        Spearman's, of stated deviation and error: how well it tells which points are wrong.
    """

    points: int
    all: metrics.Calibration
    visible: metrics.Calibration | None
    hidden: metrics.Calibration | None
    stated: dict[str, float]
    correlation: float


def sigma_figures(
    errors: Sequence[Array],
    sigma: Sequence[Array],
    visible: Sequence[NDArray[Any] | None],
    size: Sequence[float],
) -> SigmaFigures | None:
    """Calibration of deviations, (P,) of each face in pixels; None where there is none."""
    if not errors:
        return None
    apart = np.concatenate(list(errors))
    spread = np.concatenate(list(sigma))
    shares = np.concatenate([s / w for s, w in zip(sigma, size, strict=True)])
    errors_as_shares = np.concatenate([e / w for e, w in zip(errors, size, strict=True)])
    stated = {"all": _mean(shares)}
    seen = hidden = None
    known = [v for v in visible if v is not None]
    if len(known) == len(visible):
        mask = np.concatenate(known).astype(bool)
        stated |= {"visible": _mean(shares[mask]), "hidden": _mean(shares[~mask])}
        seen = metrics.calibration(apart[mask], spread[mask]) if mask.any() else None
        hidden = metrics.calibration(apart[~mask], spread[~mask]) if not mask.all() else None
    return SigmaFigures(
        len(apart),
        metrics.calibration(apart, spread),
        seen,
        hidden,
        stated,
        _ranks(errors_as_shares, shares),
    )


def _ranks(a: Array, b: Array) -> float:
    """Spearman's correlation; ties are broken by their order."""
    if len(a) < 2:
        return float("nan")
    first, second = (np.argsort(np.argsort(v, kind="stable")).astype(np.float64) for v in (a, b))
    return float(np.corrcoef(first, second)[0, 1])


def _mean(values: Array) -> float:
    return float(values.mean()) if values.size else float("nan")

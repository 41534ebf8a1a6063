"""Figures of the 68 points over many faces: by normalisation, part, point and yaw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from app.evaluation import metrics
from app.geometry.rotations import Array

PARTS: Final[dict[str, tuple[int, int]]] = {
    "jaw": (0, 17),
    "right brow": (17, 22),
    "left brow": (22, 27),
    "nose bridge": (27, 31),
    "nose base": (31, 36),
    "right eye": (36, 42),
    "left eye": (42, 48),
    "outer lips": (48, 60),
    "inner lips": (60, 68),
}
"""Runs of iBUG-68, first and one past the last; right and left are the person's."""

SUBSETS: Final = {"all 68": slice(0, 68), "without the jaw": slice(17, 68)}
SIZES: Final = {
    "inter-ocular": metrics.inter_ocular,
    "inter-pupil": metrics.inter_pupil,
    "box": metrics.box_size,
}
PIXELS: Final = 20.0
CURVE_STEPS: Final = 100
_DRAWS: Final = 1000
_BLOCK: Final = 2**20
_LEAST_SIZE: Final = 1e-6


@dataclass(frozen=True)
class NormalisedError:
    """Normalised mean errors of faces; shares of 1, not per cent.

    Attributes
    ----------
    mean, median : float
        Over the faces that were found.
    interval : tuple of float
        95 % of the means of faces drawn anew with replacement lie within (percentile bootstrap).
    area : float
        Under the cumulative error curve to 7 %, as a share of it; a missed face counts as wrong.
    failures : float
        Share of faces above 10 %, with those missed.
    by_yaw : dict of str to float
        Means in bins of |yaw| and their balanced mean; NaN where no yaw is known.
    faces_by_yaw : dict of str to int
    curve : tuple of float
        Shares of faces at most as wrong as 0 to 10 %, in equal steps.
    left_out : int
        Faces with no such size, such as profiles whose corners of the eyes coincide.
    """

    mean: float
    median: float
    interval: tuple[float, float]
    area: float
    failures: float
    by_yaw: dict[str, float]
    faces_by_yaw: dict[str, int]
    curve: tuple[float, ...]
    left_out: int


@dataclass(frozen=True)
class PointError:
    """One of the 68 points over all faces, in shares of the inter-ocular distance.

    Attributes
    ----------
    error : float
        Mean distance.
    right, down : float
        Median offset of the prediction, in the frame of the face: along the line from the
        person's right outer eye corner to the left one, and square to it.
    """

    error: float
    right: float
    down: float


@dataclass(frozen=True)
class LandmarkFigures:
    """Figures of the 68 points.

    Attributes
    ----------
    faces, missed : int
        Faces that were measured, and that the model did not find.
    normalised : dict
        `NormalisedError` by normalisation and subset of the points: ``["box"]["all 68"]``.
    parts : dict of str to float
        Mean error of the points of a part, by inter-ocular.
    points : tuple of PointError
        All 68.
    pixels : PixelError
        Mean ± deviation in pixels of the picture, and success at 20 pixels.
    yaw_from : "truth", "prediction" or "unknown"
        Where the yaw of the bins comes from.
    """

    faces: int
    missed: int
    normalised: dict[str, dict[str, NormalisedError]]
    parts: dict[str, float]
    points: tuple[PointError, ...]
    pixels: metrics.PixelError
    yaw_from: str


def landmark_figures(
    predicted: Array, truth: Array, yaw: Array, missed: int = 0, yaw_from: str = "unknown"
) -> LandmarkFigures:
    """Figures of faces that were found, and of how many were not.

    Parameters
    ----------
    predicted, truth : ndarray, shape (N, 68, 2), pixels
    yaw : ndarray, shape (N,), degrees
        NaN where it is not known.
    missed : int
    yaw_from : str

    Raises
    ------
    ValueError
        When there is no face.
    """
    if not len(truth):
        raise ValueError("there is no face to measure")
    ocular = metrics.inter_ocular(truth)
    known = ocular > _LEAST_SIZE
    apart = metrics.point_errors(predicted, truth)[known] / ocular[known, None]
    return LandmarkFigures(
        len(truth),
        missed,
        {
            name: {
                subset: _normalised(
                    predicted[:, chosen], truth[:, chosen], size(truth), yaw, missed
                )
                for subset, chosen in SUBSETS.items()
            }
            for name, size in SIZES.items()
        },
        {name: _mean(apart[:, low:high]) for name, (low, high) in PARTS.items()},
        _points(predicted[known], truth[known], ocular[known], apart),
        metrics.pixel_error(predicted, truth, PIXELS),
        yaw_from,
    )


def face_errors(predicted: Array, truth: Array, subset: str = "all 68") -> Array:
    """NME by inter-ocular of each face, shape (N,); NaN where a face has no such size."""
    chosen = SUBSETS[subset]
    size = metrics.inter_ocular(truth)
    apart = metrics.point_errors(predicted[:, chosen], truth[:, chosen]).mean(axis=-1)
    return np.asarray(np.divide(apart, size, out=np.full(len(size), np.nan), where=size > 0))


def interval(values: Array, draws: int = _DRAWS) -> tuple[float, float]:
    """Where 95 % of the means of values drawn anew lie (percentile bootstrap, Efron 1979)."""
    if not len(values):
        return float("nan"), float("nan")
    chance = np.random.default_rng(0)
    step = max(_BLOCK // len(values), 1)
    means = [
        values[chance.integers(0, len(values), (min(step, draws - start), len(values)))].mean(
            axis=1
        )
        for start in range(0, draws, step)
    ]
    low, high = np.percentile(np.concatenate(means), [2.5, 97.5])
    return float(low), float(high)


def _normalised(
    predicted: Array, truth: Array, size: Array, yaw: Array, missed: int
) -> NormalisedError:
    known = size > _LEAST_SIZE
    if not known.any():
        raise ValueError("no face has a size to divide its errors by")
    errors = metrics.normalised_mean_errors(predicted[known], truth[known], size[known])
    counted = np.concatenate([errors, np.full(missed, np.inf)])
    turned = np.abs(yaw[known])
    counts = {}
    for low, high in metrics.YAW_BINS:
        last = (low, high) == metrics.YAW_BINS[-1]
        own = (turned >= low) & ((turned <= high) if last else (turned < high))
        counts[f"{low:g}-{high:g}"] = int(own.sum())
    return NormalisedError(
        float(errors.mean()),
        float(np.median(errors)),
        interval(errors),
        metrics.area_under_curve(counted),
        metrics.failure_rate(counted),
        metrics.by_yaw(errors, yaw[known]),
        counts,
        tuple(metrics.cumulative(counted, metrics.FAILURE, CURVE_STEPS)[1].tolist()),
        int((~known).sum()),
    )


def _points(predicted: Array, truth: Array, ocular: Array, apart: Array) -> tuple[PointError, ...]:
    if not len(truth):
        return ()
    along = truth[:, metrics.LEFT_OUTER_CORNER] - truth[:, metrics.RIGHT_OUTER_CORNER]
    along = along / ocular[:, None]
    square = np.stack([-along[:, 1], along[:, 0]], axis=1)
    gap = (predicted - truth) / ocular[:, None, None]
    right = np.median(np.einsum("nli,ni->nl", gap, along), axis=0)
    down = np.median(np.einsum("nli,ni->nl", gap, square), axis=0)
    return tuple(
        PointError(float(e), float(r), float(d))
        for e, r, d in zip(apart.mean(axis=0), right, down, strict=True)
    )


def _mean(values: Array) -> float:
    return float(values.mean()) if values.size else float("nan")

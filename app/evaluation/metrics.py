"""How far predictions lie from the truth: landmarks, head pose, depth and stated uncertainty.

Points are pixels of the original picture, (0, 0) at the centre of the top-left one. Where a figure
is a share it runs from 0 to 1; printing it in per cent is for those who print.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from app.geometry.rotations import Array

JAW: Final = slice(0, 17)
RIGHT_EYE: Final = slice(36, 42)
"""The person's right eye, which lies on the left of a frontal picture."""
LEFT_EYE: Final = slice(42, 48)
RIGHT_OUTER_CORNER, LEFT_OUTER_CORNER = 36, 45

YAW_BINS: Final = ((0.0, 30.0), (30.0, 60.0), (60.0, 90.0))
"""Of |yaw| in degrees, as AFLW2000-3D is reported (Zhu et al., CVPR 2016)."""

FAILURE: Final = 0.10
AREA_LIMIT: Final = 0.07


def inter_ocular(truth: ArrayLike) -> Array:
    """Distance between the outer corners of the eyes, shape (...,), of iBUG-68 (..., 68, 2).

    The normalisation of the 300-W challenge (Sagonas et al., ICCVW 2013).
    """
    points = np.asarray(truth, np.float64)
    apart = points[..., LEFT_OUTER_CORNER, :2] - points[..., RIGHT_OUTER_CORNER, :2]
    return np.asarray(np.linalg.norm(apart, axis=-1))


def inter_pupil(truth: ArrayLike) -> Array:
    """Distance between the mean points of the two eyes, shape (...,), of iBUG-68 (..., 68, 2).

    Ren et al., CVPR 2014 and later.
    """
    points = np.asarray(truth, np.float64)[..., :2]
    left, right = points[..., LEFT_EYE, :].mean(-2), points[..., RIGHT_EYE, :].mean(-2)
    return np.asarray(np.linalg.norm(left - right, axis=-1))


def box_size(truth: ArrayLike) -> Array:
    """√(w·h) of the box about the points (..., L, 2), shape (...,).

    Zhu et al., CVPR 2016; Basak et al., IMVIP 2023.
    """
    points = np.asarray(truth, np.float64)[..., :2]
    width, height = np.moveaxis(points.max(-2) - points.min(-2), -1, 0)
    return np.asarray(np.sqrt(width * height))


def point_errors(predicted: ArrayLike, truth: ArrayLike) -> Array:
    """Euclidean distances in the units of the points, shape (..., L)."""
    apart = np.asarray(predicted, np.float64) - np.asarray(truth, np.float64)
    return np.asarray(np.linalg.norm(apart, axis=-1))


def normalised_mean_errors(predicted: ArrayLike, truth: ArrayLike, size: ArrayLike) -> Array:
    """NME of each face: mean distance over the landmarks, divided by ``size``.

    Parameters
    ----------
    predicted, truth : array_like, shape (N, L, 2)
    size : array_like, shape (N,)
        From `inter_ocular`, `inter_pupil` or `box_size` of the true points.

    Returns
    -------
    ndarray, shape (N,)

    Raises
    ------
    ValueError
        When a size is not above zero.
    """
    sizes = np.asarray(size, np.float64)
    if not (sizes > 0).all():
        raise ValueError("a face has no size: its points coincide")
    return np.asarray(point_errors(predicted, truth).mean(-1) / sizes)


def cumulative(errors: ArrayLike, limit: float, steps: int = 500) -> tuple[Array, Array]:
    """Cumulative error curve: thresholds (steps + 1,) and the share of faces at most that wrong."""
    ordered = np.sort(np.asarray(errors, np.float64))
    thresholds = np.linspace(0.0, limit, steps + 1)
    shares = np.searchsorted(ordered, thresholds, side="right") / max(len(ordered), 1)
    return thresholds, shares


def area_under_curve(errors: ArrayLike, limit: float = AREA_LIMIT) -> float:
    """Area under the cumulative error curve up to ``limit``, divided by it; 1 is perfect.

    Exact, not sampled: an error e below the limit contributes (limit − e) / limit.
    """
    values = np.asarray(errors, np.float64)
    if not len(values):
        return float("nan")
    return float(np.clip(1.0 - values / limit, 0.0, 1.0).mean())


def failure_rate(errors: ArrayLike, limit: float = FAILURE) -> float:
    """Share of faces whose error is above ``limit``."""
    values = np.asarray(errors, np.float64)
    return float((values > limit).mean()) if len(values) else float("nan")


@dataclass(frozen=True)
class PixelError:
    """Mean Euclidean error with its spread over faces, and the share of faces under a threshold."""

    mean: float
    deviation: float
    success: float
    threshold: float


def pixel_error(predicted: ArrayLike, truth: ArrayLike, threshold: float = 20.0) -> PixelError:
    """Mean error ± standard deviation in pixels and SR@threshold of faces (N, L, 2)."""
    faces = point_errors(predicted, truth).mean(-1)
    return PixelError(
        float(faces.mean()), float(faces.std()), float((faces < threshold).mean()), threshold
    )


def by_yaw(errors: ArrayLike, yaw: ArrayLike) -> dict[str, float]:
    """Mean error in each of `YAW_BINS` and their balanced mean (``mean``); NaN for empty bins.

    Every bin but the last takes its lower end and not its upper one.
    """
    values, turned = np.asarray(errors, np.float64), np.abs(np.asarray(yaw, np.float64))
    found = {}
    for low, high in YAW_BINS:
        last = (low, high) == YAW_BINS[-1]
        own = (turned >= low) & ((turned <= high) if last else (turned < high))
        found[f"{low:g}-{high:g}"] = float(values[own].mean()) if own.any() else float("nan")
    known = [v for v in found.values() if np.isfinite(v)]
    return {**found, "mean": float(np.mean(known)) if known else float("nan")}


def angle_errors(predicted: ArrayLike, truth: ArrayLike) -> Array:
    """Absolute differences of angles in degrees, shape as given, wrapped to at most 180."""
    apart = np.asarray(predicted, np.float64) - np.asarray(truth, np.float64)
    return np.asarray(np.abs((apart + 180.0) % 360.0 - 180.0))


@dataclass(frozen=True)
class DepthError:
    """Eigen et al., NIPS 2014; lengths in metres.

    ``within`` holds the shares of pixels with max(p/t, t/p) below 1.25, 1.25² and 1.25³.
    """

    abs_rel: float
    sq_rel: float
    rmse: float
    rmse_log: float
    within: tuple[float, float, float]
    pixels: int


def depth_error(predicted: ArrayLike, truth: ArrayLike, mask: ArrayLike) -> DepthError:
    """Errors over the pixels of ``mask`` where the truth is finite.

    Parameters
    ----------
    predicted, truth : array_like, shape (..., H, W), metres
        Both above zero inside of the mask.
    mask : array_like of bool, same shape

    Raises
    ------
    ValueError
        When the mask is empty or a depth in it is not above zero.
    """
    p, t = np.asarray(predicted, np.float64), np.asarray(truth, np.float64)
    inside = np.asarray(mask, bool) & np.isfinite(t)
    p, t = p[inside], t[inside]
    if not len(t):
        raise ValueError("no pixel of the face has a depth")
    if not ((p > 0).all() and (t > 0).all()):
        raise ValueError("a depth is not above zero")
    ratio = np.maximum(p / t, t / p)
    first, second, third = (float((ratio < 1.25**k).mean()) for k in (1, 2, 3))
    return DepthError(
        float((np.abs(p - t) / t).mean()),
        float(((p - t) ** 2 / t).mean()),
        float(np.sqrt(((p - t) ** 2).mean())),
        float(np.sqrt(((np.log(p) - np.log(t)) ** 2).mean())),
        (first, second, third),
        len(t),
    )


@dataclass(frozen=True)
class Calibration:
    """Whether stated standard deviations fit the errors that were made.

    Attributes
    ----------
    within : dict of float to float
        For each multiple k of σ, the share of points whose error is at most k·σ.
    expected : dict of float to float
        The same for a true isotropic Gaussian in two dimensions: 1 − exp(−k²/2) (Rayleigh).
    ratio : float
        Root mean square of error / (√2·σ): 1 is calibrated, more is overconfident.
    """

    within: dict[float, float]
    expected: dict[float, float]
    ratio: float


def calibration(errors: ArrayLike, sigma: ArrayLike) -> Calibration:
    """Compare distances in the picture with the σ of one coordinate, both in the same unit.

    Raises
    ------
    ValueError
        When a σ is not above zero.
    """
    distance, spread = np.asarray(errors, np.float64), np.asarray(sigma, np.float64)
    if not (spread > 0).all():
        raise ValueError("a stated deviation is not above zero")
    multiples = distance / spread
    steps = (0.5, 1.0, 1.5, 2.0, 3.0)
    return Calibration(
        {k: float((multiples <= k).mean()) for k in steps},
        {k: float(1.0 - np.exp(-(k**2) / 2.0)) for k in steps},
        float(np.sqrt((multiples**2).mean() / 2.0)),
    )

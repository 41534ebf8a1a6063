"""How far predicted head poses lie from the truth."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from app.evaluation.metrics import YAW_BINS, angle_errors
from inference.models.pose_angles import angles_from_rotations, blender_angles_from_rotations

STEEP: Final = 75.0
"""Degrees of yaw beyond which pitch and roll say little each for itself."""


def geodesics(predicted: Tensor, truth: Tensor) -> Tensor:
    """Angles in degrees between rotations (B, 3, 3), shape (B,).

    From the sine of half of the angle, 2·√2·sin(θ/2) = ‖A − B‖, exact where they nearly agree.
    """
    apart = torch.linalg.matrix_norm(predicted.double() - truth.double())
    return torch.rad2deg(2.0 * torch.asin((apart / (2.0 * 2.0**0.5)).clamp(max=1.0)))


def pose_figures(predicted: Tensor, truth: Tensor) -> dict[str, float]:
    """Figures in degrees over rotations (N, 3, 3) in the camera's axes.

    Returns
    -------
    dict of str to float
        ``mae_yaw``, ``mae_pitch``, ``mae_roll`` and their mean ``mae`` in ``pose_para``;
        ``mae_blender_xyz``, the mean of the three in the convention that the heads were posed in,
        which has its pole where no head of the data sets comes; ``geodesic`` and its median; the
        mean in ``pose_para`` up to a yaw of `STEEP` and in bins of yaw.
    """
    true_angles = _array(angles_from_rotations(truth))
    errors = angle_errors(_array(angles_from_rotations(predicted)), true_angles)
    posed = angle_errors(
        _array(blender_angles_from_rotations(predicted)),
        _array(blender_angles_from_rotations(truth)),
    )
    apart = _array(geodesics(predicted, truth))
    yaw = np.abs(true_angles[:, 0])
    found = {
        **dict(zip(("mae_yaw", "mae_pitch", "mae_roll"), _means(errors, 0), strict=True)),
        "mae": _mean(errors),
        "mae_blender_xyz": _mean(posed),
        "geodesic": _mean(apart),
        "geodesic_median": float(np.median(apart)) if len(apart) else float("nan"),
        f"mae_within_{STEEP:g}": _mean(errors[yaw <= STEEP]),
    }
    for low, high in YAW_BINS:
        own = (yaw >= low) & ((yaw < high) | (high == YAW_BINS[-1][1]))
        found[f"mae_yaw_{low:g}_{high:g}"] = _mean(errors[own])
        found[f"geodesic_yaw_{low:g}_{high:g}"] = _mean(apart[own])
    return {name: value for name, value in found.items() if np.isfinite(value)}


def _mean(values: npt.NDArray[np.float64]) -> float:
    return float(values.mean()) if values.size else float("nan")


def _means(values: npt.NDArray[np.float64], axis: int) -> list[float]:
    return [float(v) for v in values.mean(axis)] if values.size else [float("nan")] * 3


def _array(values: Tensor) -> npt.NDArray[np.float64]:
    return np.asarray(values.detach().cpu().numpy(), np.float64)

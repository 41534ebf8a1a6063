"""Figures of depth over all faces of a set, gathered batch by batch."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from app.evaluation.metrics import YAW_BINS, DepthError, depth_error

Array = npt.NDArray[np.float64]

_LEAST = 0.05
"""Share of the distance that a depth is at least, so that it has a logarithm."""


@dataclass
class DepthFigures:
    """Sums over the pixels of faces seen so far.

    Lengths are metres. Ratios and logarithms need the distance to the camera, which a network of
    crops does not tell: they are of the true distance of the head centre plus what it tells.
    """

    errors: list[DepthError] = field(default_factory=list)
    rescaled: list[float] = field(default_factory=list)
    yaws: list[float] = field(default_factory=list)
    shared: int = 0
    joined: int = 0

    def add(
        self, depth: Array, truth: Array, mask: npt.NDArray[np.bool_], distance: float, yaw: float
    ) -> None:
        """One face.

        Parameters
        ----------
        depth, truth : ndarray, shape (H, W)
            Relative to the head centre.
        mask : ndarray of bool, shape (H, W)
        distance : float
            Of the head centre from the camera.
        yaw : float
            Degrees.
        """
        if not mask.any():
            return
        nearest = 0.05 * distance
        self.errors.append(
            depth_error(np.maximum(depth + distance, nearest), truth + distance, mask)
        )
        p, t = depth[mask], truth[mask]
        factor = (p @ t) / max(float(p @ p), 1e-12)
        self.rescaled.append(float(((factor * p - t) ** 2).mean()))
        self.yaws.append(yaw)

    def add_mask(self, found: npt.NDArray[np.bool_], mask: npt.NDArray[np.bool_]) -> None:
        """Masks of one or more faces, of any one shape."""
        self.shared += int((found & mask).sum())
        self.joined += int((found | mask).sum())

    def told(self) -> dict[str, float]:
        """All figures by name; millimetres in those that end in ``_mm``, NaN without a face."""
        if not self.errors:
            return {"rmse_mm": float("nan")}
        pixels = np.array([e.pixels for e in self.errors], np.float64)
        squares = np.array([e.rmse**2 for e in self.errors])
        own = np.sqrt(squares)
        figures = {
            "rmse_mm": _root(squares, pixels) * 1e3,
            "rmse_rescaled_mm": _root(np.array(self.rescaled), pixels) * 1e3,
            "rmse_of_a_face_mm": float(own.mean()) * 1e3,
            "rmse_worst_twentieth_mm": float(np.quantile(own, 0.95)) * 1e3,
            "abs_rel": _mean([e.abs_rel for e in self.errors], pixels),
            "sq_rel": _mean([e.sq_rel for e in self.errors], pixels),
            "rmse_log": _root(np.array([e.rmse_log**2 for e in self.errors]), pixels),
            "mask_iou": self.shared / max(self.joined, 1),
        }
        for k in range(3):
            figures[f"delta_{k + 1}"] = _mean([e.within[k] for e in self.errors], pixels)
        turned = np.abs(np.array(self.yaws))
        for low, high in YAW_BINS:
            chosen = (turned >= low) & (turned < high)
            if chosen.any():
                error = _root(squares[chosen], pixels[chosen]) * 1e3
                figures[f"rmse_yaw_{low:g}_{high:g}_mm"] = error
        return figures


def _mean(values: list[float], pixels: Array) -> float:
    return float(np.average(np.array(values), weights=pixels))


def _root(squares: Array, pixels: Array) -> float:
    return float(np.sqrt(np.average(squares, weights=pixels)))

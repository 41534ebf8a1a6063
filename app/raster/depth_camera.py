"""Distances along the axis of a VTK camera, from its buffer of depth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkRenderingCore import vtkCamera

from app.geometry.rotations import Array

Floats = NDArray[np.float32]

NOTHING: Final = 1e3
"""Metres at which a pixel lies that shows nothing."""


@dataclass(frozen=True, eq=False)
class DepthView:
    """From where distances are measured.

    Attributes
    ----------
    matrix : ndarray, shape (4, 4)
        Camera to world, Blender's axes.
    extent : float
        Half the width: metres for a parallel view, else the tangent of half the angle.
    parallel : bool
    near, far : float
        Metres along the axis.
    """

    matrix: Array
    extent: float
    parallel: bool
    near: float
    far: float


def look_from(camera: vtkCamera, view: DepthView) -> None:
    """Put a camera where a view is."""
    position, forward = view.matrix[:3, 3], -view.matrix[:3, 2]
    camera.SetPosition(*position)
    camera.SetFocalPoint(*(position + forward))
    camera.SetViewUp(*view.matrix[:3, 1])
    camera.SetParallelProjection(view.parallel)
    if view.parallel:
        camera.SetParallelScale(view.extent)
    else:
        camera.SetViewAngle(2.0 * np.degrees(np.arctan(view.extent)))
    camera.SetClippingRange(view.near, view.far)


def metres(buffer: Floats, view: DepthView) -> Floats:
    """Metres along the axis from a buffer of 0 to 1; far behind everything where nothing is."""
    near, far = np.float32(view.near), np.float32(view.far)
    if view.parallel:
        found = near + buffer * (far - near)
    else:
        found = near * far / (far - buffer * (far - near))
    return np.where(buffer >= 1.0, np.float32(NOTHING), found)

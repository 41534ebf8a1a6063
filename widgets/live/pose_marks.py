"""The pose of one face over the picture: three axes and a cube about the head."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from app.dataset.sample import rotation_in_camera
from app.geometry.rotations import matrix_from_pose_para
from widgets.live.face_marks import face_size
from widgets.live.primitives import RIM, Brushwork, segments

if TYPE_CHECKING:
    from inference.results import Face

AXES: Final = (QColor("#ff6b7d"), QColor("#5aa9ff"), QColor("#9be24a"))
"""To the right of the picture at rest, up, and out of the face, as the world's axes in the Studio.

Pitch turns about the first, yaw about the second, roll about the third.
"""

CUBE: Final = QColor("#6ad8ff")
OTHER_CUBE: Final = QColor("#ffb454")

LENGTH: Final = 0.62
"""Of an axis, in sizes of the face."""

HALF_CUBE: Final = 0.62
"""Half an edge of the cube, in sizes of the face."""

VIEWER: Final = 5.0
"""Sizes of the face from which the cube is seen; further edges are drawn smaller by it."""

EYES: Final = slice(36, 48)
"""Of the 68 points."""

_CORNERS: Final = np.array(
    [[x, y, z] for z in (-1, 1) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))], float
)
_EDGES: Final = np.array(
    [[0, 1], [1, 2], [2, 3], [3, 0], [4, 5], [5, 6], [6, 7], [7, 4], [0, 4], [1, 5], [2, 6], [3, 7]]
)
_SIDES: Final = np.array(
    [[0, 1, 2, 3], [7, 6, 5, 4], [4, 5, 1, 0], [3, 2, 6, 7], [4, 0, 3, 7], [1, 5, 6, 2]]
)
"""Clockwise in the picture for one who looks at them from outside."""
_SIDES_OF_EDGES: Final = np.array([[bool(set(e) <= set(s)) for s in _SIDES] for e in _EDGES])
_FRONT: Final = 4
"""The first four corners are those before the face."""


def rotation_of(face: Face) -> NDArray[np.float64] | None:
    """Of the head in the camera's axes (x right, y down, z away), shape (3, 3)."""
    if face.rotation is not None:
        return np.asarray(face.rotation, np.float64)
    if face.head_pose is not None:
        return np.asarray(rotation_in_camera(matrix_from_pose_para(face.head_pose)), np.float64)
    return None


def paint_axes(brush: Brushwork, face: Face) -> None:
    """From between the eyes, the ones that point away first."""
    rotation = rotation_of(face)
    if rotation is None:
        return
    reach = LENGTH * face_size(face)
    origin = np.asarray(face.landmarks_68[EYES, :2].mean(axis=0), np.float64)
    ways = rotation * np.array([1.0, -1.0, -1.0])
    for k in sorted(range(3), key=lambda k: -ways[2, k]):
        tip = origin + reach * ways[:2, k]
        shaft = np.concatenate([origin, tip])[None]
        brush.lines(shaft, RIM, 5.2)
        brush.lines(shaft, AXES[k], 3.0)
        _paint_head(brush, origin, tip, AXES[k])
    brush.dots(origin[None], QColor("white"), 5.0, 1.5)


def paint_cube(brush: Brushwork, face: Face, second: bool) -> None:
    """About the head; its front, before the face, is filled."""
    rotation = rotation_of(face)
    if rotation is None:
        return
    size = face_size(face)
    color = OTHER_CUBE if second else CUBE
    corners = _CORNERS @ rotation.T * (HALF_CUBE * size)
    middle = np.asarray(face.landmarks_68[EYES, :2].mean(axis=0), np.float64)
    middle = middle + 0.35 * size * rotation[:2, 2] + 0.1 * size * rotation[:2, 1]
    flat = middle + corners[:, :2] / (1.0 + corners[:, 2:] / (VIEWER * size))
    near = _seen_edges(flat)
    drawn = segments(flat, _EDGES)
    opacity = brush.painter.opacity()
    brush.painter.setOpacity(0.45 * opacity)
    brush.lines(drawn[~near], color, 1.4)
    brush.painter.setOpacity(0.16 * opacity)
    brush.fill(flat[:_FRONT], color)
    brush.painter.setOpacity(opacity)
    brush.lines(drawn[near], color, 2.0)


def _seen_edges(flat: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Edges of a cube's corners (8, 2) of which at least one side is turned to the viewer."""
    a, b, c = (flat[_SIDES[:, k]] for k in range(3))
    ab, bc = b - a, c - b
    seen = ab[:, 0] * bc[:, 1] - ab[:, 1] * bc[:, 0] > 0.0
    return np.asarray((_SIDES_OF_EDGES & seen).any(axis=1))


def _paint_head(
    brush: Brushwork, origin: NDArray[np.float64], tip: NDArray[np.float64], color: QColor
) -> None:
    """The point of an arrow; none where the axis points at the viewer."""
    along = tip - origin
    length = float(np.hypot(*along))
    if length < brush.size(10.0):
        brush.dots(tip[None], color, 6.0)
        return
    along = along / length
    across = np.array([-along[1], along[0]])
    long, wide = brush.size(9.0), brush.size(4.6)
    peak = tip + along * brush.size(4.0)
    foot = peak - along * long
    brush.fill(np.stack([peak, foot + across * wide, foot - across * wide]), color)

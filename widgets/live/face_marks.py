"""Landmarks of one face over the picture: points, contours, numbers, the dense mesh, deviations."""

from __future__ import annotations

import functools
import itertools
import math
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from app.topology.store import load
from widgets.live.dense_mesh import dense_mesh
from widgets.live.overlays import Overlays
from widgets.live.primitives import RIM, Array, Brushwork, Lettering, segments
from widgets.live.sprites import lay_numbers

if TYPE_CHECKING:
    from inference.results import Face

POINTS: Final = QColor("#5ff0a5")
DENSE: Final = QColor("#e8ecf2")
OTHER: Final = QColor("#ffb454")
"""The second model's, where both are drawn."""

TURNED_AWAY: Final = 0.28
"""Opacity of what lies on the far side of the face."""

SURE: Final = 0.004
UNSURE: Final = 0.05
"""Deviations, in sizes of the face, at the ends of the colours from green to red."""

OPEN_MOUTH: Final = 30.0
"""Pixels on the screen between the lips from which the inner ones are numbered."""

BINS: Final = 16
HAIR: Final = 1.0
"""Width of the mesh on the screen; Qt draws such lines several times faster than wider ones."""

USUAL_FACE: Final = 240.0
"""Pixels on the screen of a face at which marks have their usual size."""


def face_size(face: Face) -> float:
    """Longer side of its box, picture pixels; at least 1."""
    return max(face.box.width, face.box.height, 1.0)


def measure(brush: Brushwork, face: Face) -> float:
    """How much larger or smaller than usual marks are drawn on a face."""
    return min(max(math.sqrt(face_size(face) * brush.scale / USUAL_FACE), 0.5), 1.6)


def paint_landmarks(brush: Brushwork, face: Face, overlays: Overlays, second: bool) -> None:
    """All layers of landmarks, the dense ones lowest."""
    size = measure(brush, face)
    _paint_mesh(brush, face, overlays, OTHER if second else DENSE)
    if overlays.sigma.form == "ellipse":
        dense = overlays.points_520.shown or overlays.mesh_520.shown or face.sigma_68 is None
        _paint_spread(brush, face, overlays.sigma.opacity, dense)
    if overlays.contours_68.shown and brush.begin(overlays.contours_68.opacity):
        _paint_contours(brush, face, size, OTHER if second else POINTS)
    if overlays.points_520.shown and face.landmarks_520 is not None:
        _paint_dense(brush, face, overlays, size, OTHER if second else DENSE)
    if overlays.points_68.shown:
        _paint_points(brush, face, overlays, size, OTHER if second else POINTS)
    elif overlays.sigma.form == "colour" and not overlays.points_520.shown:
        _paint_deviations(brush, face, overlays.sigma.opacity, size)
    if overlays.indices_68.shown and brush.begin(overlays.indices_68.opacity):
        _paint_indices(brush, face, size)


def _paint_mesh(brush: Brushwork, face: Face, overlays: Overlays, color: QColor) -> None:
    points = face.landmarks_520
    if points is None or not overlays.mesh_520.shown:
        return
    mesh = dense_mesh()
    near = mesh.facing(points).edges
    drawn = segments(points, mesh.edges)
    opacity = overlays.mesh_520.opacity
    if brush.begin(opacity * TURNED_AWAY):
        brush.lines(drawn[~near], color, HAIR)
    if brush.begin(opacity):
        brush.lines(drawn[near], color, HAIR)


def _paint_dense(
    brush: Brushwork, face: Face, overlays: Overlays, size: float, color: QColor
) -> None:
    points = face.landmarks_520
    assert points is not None
    near = dense_mesh().facing(points).points
    opacity = overlays.points_520.opacity
    if overlays.sigma.form == "colour" and face.sigma_520 is not None:
        if brush.begin(opacity):
            _paint_graded(brush, points, face.sigma_520 / face_size(face), 2.6 * size)
        return
    if brush.begin(opacity * TURNED_AWAY):
        brush.dots(points[~near], color, 2.0 * size)
    if brush.begin(opacity):
        brush.dots(points[near], color, 2.2 * size)


def _paint_points(
    brush: Brushwork, face: Face, overlays: Overlays, size: float, color: QColor
) -> None:
    if not brush.begin(overlays.points_68.opacity):
        return
    points = face.landmarks_68
    if overlays.sigma.form == "colour" and face.sigma_68 is not None:
        _paint_graded(brush, points, face.sigma_68 / face_size(face), 4.6 * size, 1.1)
    else:
        brush.dots(points, color, 4.2 * size, 1.1)


def _paint_deviations(brush: Brushwork, face: Face, opacity: float, size: float) -> None:
    """Deviations by colour where no points are drawn that could have it: the densest there are."""
    if not brush.begin(opacity):
        return
    if face.landmarks_520 is not None and face.sigma_520 is not None:
        points, sigma, width = face.landmarks_520, face.sigma_520, 2.6
    elif face.sigma_68 is not None:
        points, sigma, width = face.landmarks_68, face.sigma_68, 4.6
    else:
        return
    _paint_graded(brush, points, sigma / face_size(face), width * size)


def _paint_contours(brush: Brushwork, face: Face, size: float, color: QColor) -> None:
    drawn = segments(face.landmarks_68, _contour_edges())
    brush.lines(drawn, RIM, 3.2 * size)
    brush.lines(drawn, color, 1.6 * size)


def _paint_indices(brush: Brushwork, face: Face, size: float) -> None:
    points = face.landmarks_68
    with Lettering(brush, 9.5 * min(max(size, 0.9), 1.3)) as letters:
        font = letters.font
    chosen = np.arange(len(points))
    if np.hypot(*(points[66, :2] - points[62, :2])) * brush.scale < OPEN_MOUTH:
        chosen = chosen[:60]
    lay_numbers(brush.painter, points, font, 4.0 * size * brush.unit, _ways(points), chosen)


def _ways(points: Array) -> NDArray[np.float64]:
    """Where numbers have room: outwards of each part, inwards of the inner lips."""
    flat = np.asarray(points[:, :2], np.float64)
    ways = np.empty_like(flat)
    for part, _ in _parts():
        about = flat[27:48].mean(axis=0) if part[0] == 0 else flat[part].mean(axis=0)
        ways[part] = flat[part] - about
    ways[17:27] = 0.0, -1.0
    ways[27:31] = 1.0, 0.0
    ways[31:36] = 0.0, -1.0
    ways[60:68] *= -1.0
    return np.asarray(ways / np.maximum(np.linalg.norm(ways, axis=1, keepdims=True), 1e-6))


def _paint_spread(brush: Brushwork, face: Face, opacity: float, dense: bool) -> None:
    """Discs of two deviations about the points, in steps of a tenth; the dense ones if shown."""
    if dense and face.landmarks_520 is not None and face.sigma_520 is not None:
        points, sigma, alpha = face.landmarks_520, face.sigma_520, 34
    elif face.sigma_68 is not None:
        points, sigma, alpha = face.landmarks_68, face.sigma_68, 110
    else:
        return
    if not brush.begin(opacity):
        return
    wide = np.maximum(np.nan_to_num(4.0 * sigma * brush.scale), 1.0)
    step = np.rint(np.log(wide) / math.log(1.1)).astype(np.int64)
    for one in np.unique(step):
        at = step == one
        color = QColor(grade(float(np.median(sigma[at])) / face_size(face)))
        color.setAlpha(alpha)
        brush.dots(points[at], color, 1.1 ** float(one))


def _paint_graded(
    brush: Brushwork, points: Array, share: Array, width: float, rim: float = 0.0
) -> None:
    """Dots in the colours of their deviations."""
    place = np.rint(_place_of(share) * (BINS - 1)).astype(np.int64)
    for one in np.unique(place):
        brush.dots(points[place == one], grades()[one], width, rim)


def _place_of(share: Array) -> NDArray[np.float64]:
    """0 for sure, 1 for unsure, on a logarithmic scale."""
    limited = np.clip(np.nan_to_num(share, nan=UNSURE), SURE, UNSURE)
    return np.asarray(np.log(limited / SURE) / math.log(UNSURE / SURE), np.float64)


def grade(share: float) -> QColor:
    """Colour of a deviation in sizes of the face."""
    return grades()[round(float(_place_of(np.array([share]))[0]) * (BINS - 1))]


@functools.cache
def grades() -> tuple[QColor, ...]:
    """From sure to unsure: green, yellow, red, each lighter than the skin beside it."""
    return tuple(QColor.fromHsvF((1.0 - k / (BINS - 1)) * 0.40, 0.78, 1.0) for k in range(BINS))


@functools.cache
def _contour_edges() -> NDArray[np.int64]:
    """Pairs of the 68 points that are joined, shape (E, 2)."""
    pairs = []
    for part, closed in _parts():
        pairs += list(itertools.pairwise(part))
        pairs += [(part[-1], part[0])] if closed else []
    return np.array(pairs, np.int64)


@functools.cache
def _parts() -> tuple[tuple[list[int], bool], ...]:
    return tuple((list(part.landmarks), part.closed) for part in load("ibug-68").parts)

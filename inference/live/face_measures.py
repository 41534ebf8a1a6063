"""How a face differs from its neutral self, measured on the 68 points whatever way it turns.

Points are first laid onto those of the neutral face by what does not move with expressions, so that
turning, leaning and coming nearer cancel out. Lengths are in distances of the outer corners of the
neutral eyes. Left and right are the person's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.geometry.rotations import Array
from inference.results import Face

RIGID: Final = (27, 28, 29, 30, 33, 36, 39, 42, 45)
"""Bridge and base of the nose and corners of the eyes: bone carries them."""
FLAT: Final = 0.05
"""Inter-ocular distances of depth among `RIGID` below which points are flat."""
SHORTEST: Final = 1e-6
OUTER_EYES: Final = 0.088
"""Metres between the outer corners of adult eyes."""


class NeutralError(ValueError):
    """Why there is no neutral face, in one line that says what to do."""


@dataclass(frozen=True, eq=False)
class Neutral:
    """A person's face at rest.

    Attributes
    ----------
    points : ndarray, shape (68, 3)
        In the face's own axes (x to the picture's right, y down, z away), centred on `RIGID`,
        inter-ocular distances.
    rotation : ndarray, shape (3, 3), or None
        Of the head in the camera's axes, where the model tells it.
    axes : ndarray, shape (3, 3)
        The face's own axes in the camera's, as columns.
    """

    points: Array
    rotation: Array | None
    axes: Array


def neutral_of(faces: Sequence[Face]) -> Neutral:
    """The neutral face of a person seen several times in a row.

    The median of each coordinate, so that a blink in between does not close its eyes.

    Raises
    ------
    NeutralError
        Where there is none, or its points are flat or fall on one another.
    """
    if not faces:
        raise NeutralError("No face was seen: look at the camera and calibrate again.")
    clouds = [np.asarray(face.landmarks_68, float) for face in faces if usable(face)]
    if not clouds:
        raise NeutralError("The points of the face make no sense: try again, or another model.")
    laid = np.median([_laid(cloud, clouds[0]) for cloud in clouds], axis=0)
    scale = float(np.linalg.norm(laid[45] - laid[36]))
    axes = _axes(laid)
    points = (laid - laid[list(RIGID)].mean(axis=0)) @ axes / scale
    if np.ptp(points[list(RIGID), 2]) < FLAT:
        raise NeutralError(
            "This model gives points without depth: the pose drives the head, not the face."
        )
    turns = [face.rotation for face in faces if face.rotation is not None]
    rotation = None if len(turns) < len(faces) else _mean_rotation(turns)
    return Neutral(points, rotation, axes)


def usable(face: Face) -> bool:
    """Whether its points are finite and the corners of its eyes apart."""
    points = np.asarray(face.landmarks_68, float)
    return bool(np.isfinite(points).all()) and float(np.linalg.norm(points[45] - points[36])) > 1.0


def onto(face: Face, neutral: Neutral) -> tuple[Array, Array]:
    """Points of a face laid onto the neutral ones, and the rotation from neutral to them.

    Returns
    -------
    points : ndarray, shape (68, 3)
        In the axes and the unit of `Neutral.points`.
    rotation : ndarray, shape (3, 3)
        Of the head since neutral, in the camera's axes.
    """
    cloud = np.asarray(face.landmarks_68, float)
    rotation, scale, shift = similarity(neutral.points[list(RIGID)], cloud[list(RIGID)])
    points = (cloud - shift) @ rotation / max(scale, SHORTEST)
    return points, rotation @ neutral.axes.T


def similarity(start: Array, end: Array) -> tuple[Array, float, Array]:
    """Rotation, scale and shift that take points onto others in the least squares sense.

    Umeyama, "Least-squares estimation of transformation parameters between two point patterns",
    PAMI 13 (1991), equations 40 to 42: end ≈ scale · start · rotationᵀ + shift.

    Parameters
    ----------
    start, end : ndarray, shape (N, 3)
    """
    middle, target = start.mean(axis=0), end.mean(axis=0)
    a, b = start - middle, end - target
    u, spread, vt = np.linalg.svd(b.T @ a)
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt)) or 1.0])
    rotation = (u * sign) @ vt
    scale = float((spread * sign).sum() / max(float((a**2).sum()), SHORTEST**2))
    return rotation, scale, target - scale * rotation @ middle


def measures(points: Array) -> dict[str, float]:
    """Lengths that expressions change, by name.

    Parameters
    ----------
    points : ndarray, shape (68, 3)
        In the axes and the unit of `Neutral.points`.
    """
    p = points
    nose = p[list(RIGID)].mean(axis=0)
    mouth = p[[51, 57, 62, 66]].mean(axis=0)
    chin = p[[7, 8, 9]].mean(axis=0)
    return {
        "lid right": _apart(p, (37, 41), (38, 40)),
        "lid left": _apart(p, (43, 47), (44, 46)),
        "inner brow right": float(nose[1] - p[[20, 21], 1].mean()),
        "inner brow left": float(nose[1] - p[[22, 23], 1].mean()),
        "outer brow right": float(nose[1] - p[[17, 18], 1].mean()),
        "outer brow left": float(nose[1] - p[[25, 26], 1].mean()),
        "gap": _apart(p, (61, 67), (62, 66), (63, 65)),
        "width": float(np.linalg.norm(p[54] - p[48])),
        "corner out right": float(nose[0] - p[48, 0]),
        "corner out left": float(p[54, 0] - nose[0]),
        "corner up right": float(nose[1] - p[48, 1]),
        "corner up left": float(nose[1] - p[54, 1]),
        "upper lip": float(nose[1] - p[[50, 51, 52], 1].mean()),
        "lower lip": float(p[[56, 57, 58], 1].mean() - nose[1]),
        "lips forward": float(nose[2] - p[[51, 57, 62, 66], 2].mean()),
        "mouth aside": float(mouth[0] - nose[0]),
        "chin aside": float(chin[0] - nose[0]),
        "chin down": float(chin[1] - nose[1]),
    }


def changes(now: Mapping[str, float], neutral: Mapping[str, float]) -> dict[str, float]:
    """What `measures` are since neutral; lids as parts of the neutral opening."""
    found = {name: value - neutral[name] for name, value in now.items()}
    for lid in ("lid right", "lid left"):
        found[lid] /= max(neutral[lid], 0.02)
    return found


def _apart(points: Array, *pairs: tuple[int, int]) -> float:
    """Mean distance of pairs of points."""
    return float(np.mean([np.linalg.norm(points[a] - points[b]) for a, b in pairs]))


def _laid(cloud: Array, first: Array) -> Array:
    rotation, scale, shift = similarity(first[list(RIGID)], cloud[list(RIGID)])
    return np.asarray((cloud - shift) @ rotation / max(scale, SHORTEST))


def _axes(points: Array) -> Array:
    """The face's own axes as columns: through the eyes, down to the mouth, and into the head."""
    across = points[[42, 45]].mean(axis=0) - points[[36, 39]].mean(axis=0)
    down = points[[48, 54]].mean(axis=0) - points[[36, 39, 42, 45]].mean(axis=0)
    x = across / max(float(np.linalg.norm(across)), SHORTEST)
    y = down - (down @ x) * x
    y /= max(float(np.linalg.norm(y)), SHORTEST)
    return np.stack([x, y, np.cross(x, y)], axis=1)


def _mean_rotation(rotations: Sequence[NDArray[Any]]) -> Array:
    """The rotation nearest to the mean of matrices."""
    u, _, vt = np.linalg.svd(np.mean(np.asarray(rotations, float), axis=0))
    return np.asarray((u * [1.0, 1.0, np.sign(np.linalg.det(u @ vt))]) @ vt)


def in_space(face: Face) -> Array:
    """All points of a face in metres about their middle, in the axes of the Studio's world.

    x to the picture's right, y away from the camera, z up. Pictures do not tell how large a face
    is: the outer corners of the eyes are taken to lie `OUTER_EYES` apart.

    Returns
    -------
    ndarray, shape (68 or 588, 3)
        The 68 first.
    """
    sixty_eight = np.asarray(face.landmarks_68, float)
    clouds = [sixty_eight]
    if face.landmarks_520 is not None:
        clouds.append(np.asarray(face.landmarks_520, float))
    across = float(np.linalg.norm(sixty_eight[45] - sixty_eight[36]))
    middle = sixty_eight[list(RIGID)].mean(axis=0)
    points = (np.concatenate(clouds) - middle) * (OUTER_EYES / max(across, SHORTEST))
    return np.stack([points[:, 0], points[:, 2], -points[:, 1]], axis=1)

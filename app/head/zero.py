"""Zero pose from the face itself: how a head must turn so that its face plane looks along −Y.

The frame of a head at rest has x to its left along the line through the eyeball centres, z up in
the face plane and y backwards. Yaw and roll come from the eyes; pitch from the facial plane, the
line from nasion to pogonion of the mid-sagittal profile, which stands vertical at zero pose.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from app.geometry.rotations import Array, rotation_x
from app.head.asset import Ints

PITCH_BOUND: Final = 25.0
"""Degrees; a steeper face plane is no person's and is not used."""

ADULT_EYES: Final = 0.063
"""Metres between the eyeball centres for which the windows below hold; they scale with it."""

STEP: Final = 0.0001
NASION_WINDOW: Final = (-0.008, 0.022)
NOSE_WINDOW: Final = (-0.055, -0.015)
CHIN_WINDOW: Final = (-0.140, -0.070)
"""Heights above the eyes, metres, between which the landmarks of the profile lie."""

CHIN_DIRECTION: Final = 40.0
"""Degrees below straight ahead: in this direction no lip and no throat stands out like the chin."""

GAP: Final = 0.004
"""Metres of missing profile at which the face is taken to end, above a collar or a necklace."""

CHIN_REACH: Final = 0.016
"""Metres above that point within which the pogonion lies."""


@dataclass(frozen=True, eq=False)
class Profile:
    """Mid-sagittal outline of a face in its head frame, metres from the midpoint of the eyes.

    Attributes
    ----------
    heights : ndarray, shape (N,)
        Rising, in steps of 0.1 mm of an adult's head.
    depths : ndarray, shape (N,)
        y of the foremost point (negative is before the eyes); NaN where there is none.
    """

    heights: Array
    depths: Array


@dataclass(frozen=True)
class FacePitch:
    """``degrees`` that the face looks up (> 0) or down, or None with the reason."""

    degrees: float | None
    reason: str


def head_frame(left: Array, up: Array) -> Array:
    """Head frame, shape (3, 3), columns x (left), y (back), z (up)."""
    x = left / np.linalg.norm(left)
    z = up - (up @ x) * x
    z /= np.linalg.norm(z)
    return np.stack([x, np.cross(z, x), z], axis=1)


def zero_rotation(
    eye_left: Array, eye_right: Array, vertices: Array | None, triangles: Ints | None
) -> tuple[Array, str]:
    """Rotation, shape (3, 3), that brings the head to zero pose, and how it was found.

    Parameters
    ----------
    eye_left, eye_right : ndarray, shape (3,), metres
        Eyeball centres of an upright head that faces −Y within 45°.
    vertices, triangles : ndarray, shapes (V, 3) and (T, 3), or None
        The skin of the face; None leaves the pitch as it is in the file.
    """
    level = head_frame(eye_left - eye_right, np.array([0.0, 0.0, 1.0]))
    if vertices is None or triangles is None or not len(triangles):
        return level.T, "Yaw and roll from the eyes; pitch as in the file."
    size = float(np.linalg.norm(eye_left - eye_right)) / ADULT_EYES
    local = (vertices - (eye_left + eye_right) / 2) @ level
    pitch = face_pitch(local, triangles, size)
    if pitch.degrees is None:
        why = f"Yaw and roll from the eyes; pitch as in the file, because {pitch.reason}."
        return level.T, why
    why = (
        "Yaw and roll from the line through the eyes, pitch from the face plane "
        f"({pitch.degrees:+.1f}° in the file)."
    )
    return rotation_x(pitch.degrees) @ level.T, why


def face_pitch(local: Array, triangles: Ints, size: float) -> FacePitch:
    """How far a face looks up in its level head frame.

    The windows in which nasion and pogonion are sought turn with the face until they settle.
    """
    pitch = 0.0
    for _ in range(12):
        found = profile(local @ rotation_x(pitch).T, triangles, size)
        points = plane_points(found, size)
        if isinstance(points, str):
            return FacePitch(None, points)
        (nasion_y, nasion_z), (chin_y, chin_z) = points
        step = float(np.degrees(np.arctan2(nasion_y - chin_y, nasion_z - chin_z)))
        pitch += step
        if abs(pitch) > PITCH_BOUND:
            return FacePitch(None, f"the face plane would lean by {pitch:+.0f}°")
        if abs(step) < 1e-4:
            break
    return FacePitch(pitch, "")


def profile(local: Array, triangles: Ints, size: float) -> Profile:
    """Cut a surface in its head frame with the plane x = 0."""
    heights = np.arange(-0.16 * size, 0.05 * size, STEP * size)
    depths = np.full(len(heights), np.inf)
    corners = local[triangles]
    sides = corners[:, :, 0] >= 0
    cut = sides.any(axis=1) & ~sides.all(axis=1) & (corners[:, :, 1].min(axis=1) < 0)
    for triangle in corners[cut]:
        (y0, z0), (y1, z1) = _segment(triangle)
        if z0 > z1:
            y0, z0, y1, z1 = y1, z1, y0, z0
        first, last = np.searchsorted(heights, (z0, z1))
        if last > first:
            at = heights[first:last]
            depth = y0 + (y1 - y0) * (at - z0) / max(z1 - z0, 1e-12)
            depths[first:last] = np.minimum(depths[first:last], depth)
    return Profile(heights, np.where(np.isfinite(depths), depths, np.nan))


def _segment(triangle: Array) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where a triangle meets x = 0: two points (y, z)."""
    points = []
    for i in range(3):
        a, b = triangle[i], triangle[(i + 1) % 3]
        if (a[0] >= 0) != (b[0] >= 0):
            t = a[0] / (a[0] - b[0])
            points.append((float(a[1] + t * (b[1] - a[1])), float(a[2] + t * (b[2] - a[2]))))
    return points[0], points[1]


def plane_points(
    found: Profile, size: float
) -> tuple[tuple[float, float], tuple[float, float]] | str:
    """Nasion and pogonion as (y, z), or what is wrong with the profile.

    Nasion is the deepest point between brow and nose. Pogonion is the foremost point of the chin,
    which is found as what stands out most in a direction 40° below straight ahead.
    """
    nasion = _within(found, NASION_WINDOW, size)
    nose = _within(found, NOSE_WINDOW, size)
    chin = _within(_above_gap(found, size), CHIN_WINDOW, size)
    if min(len(nasion[0]), len(nose[0])) < 10 or len(chin[0]) < 20:
        return "the surface has no profile from brow to chin"
    root, tip = int(np.argmax(nasion[0])), int(np.argmin(nose[0]))
    if nose[0][tip] > nasion[0][root] - 0.004 * size:
        return "the profile shows no nose below the eyes"
    angle = np.radians(CHIN_DIRECTION)
    lowest = int(np.argmin(chin[0] * np.cos(angle) + chin[1] * np.sin(angle)))
    reach = (chin[1] >= chin[1][lowest]) & (chin[1] <= chin[1][lowest] + CHIN_REACH * size)
    depths, heights = chin[0][reach], chin[1][reach]
    front = int(np.argmin(depths))
    return (
        (float(nasion[0][root]), float(nasion[1][root])),
        (float(depths[front]), float(heights[front])),
    )


def _above_gap(found: Profile, size: float) -> Profile:
    """The profile from the nose down to where it first breaks off."""
    start = int(np.searchsorted(found.heights, NOSE_WINDOW[0] * size))
    known = np.isfinite(found.depths)
    missing = 0
    for i in range(start, -1, -1):
        missing = 0 if known[i] else missing + 1
        if missing * STEP >= GAP:
            return Profile(found.heights[i:], found.depths[i:])
    return found


def _within(found: Profile, window: tuple[float, float], size: float) -> tuple[Array, Array]:
    """Depths and heights of the profile inside a window."""
    inside = (found.heights >= window[0] * size) & (found.heights <= window[1] * size)
    known = inside & np.isfinite(found.depths)
    return found.depths[known], found.heights[known]

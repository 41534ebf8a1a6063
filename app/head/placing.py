"""Bringing a head into the project's world: upright, facing −Y, of a person's size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.geometry.rotations import Array, rotation_x, rotation_y
from app.head.asset import Ints
from app.head.names import LEFT, RIGHT, side, without_common_prefix
from app.head.skinning import vertex_normals

HEIGHT_RANGE: Final = (0.18, 0.40)
"""Plausible height of a head with its hair, metres."""

LIKELY_HEIGHT: Final = 0.25
UNITS: Final = (0.01, 100.0, 0.001, 1000.0, 0.0254, 1 / 0.0254, 0.3048, 1 / 0.3048, 0.1, 10.0)
"""What a wrong unit multiplies lengths by: centimetres, millimetres, inches, feet, decimetres."""

SNAP: Final = 25.0
"""A facing that is so many degrees from an axis of the file is taken to be that axis."""


@dataclass(frozen=True)
class Choice:
    """A number and the sentence that says where it is from; a warning where people should look."""

    value: float
    reason: str
    warning: str | None = None


def upright(way_up: Array) -> tuple[Array, str | None]:
    """Rotation by quarter turns, shape (3, 3), that brings the way from neck to head towards +Z.

    A way that is within 60° of +Z stays, for heads lean forward.
    """
    direction = way_up / max(float(np.linalg.norm(way_up)), 1e-12)
    if direction[2] >= 0.5:
        return np.eye(3), None
    axis = int(np.argmax(np.abs(direction)))
    positive = bool(direction[axis] > 0)
    turns = {
        (0, True): rotation_y(-90.0),
        (0, False): rotation_y(90.0),
        (1, True): rotation_x(90.0),
        (1, False): rotation_x(-90.0),
        (2, False): rotation_x(180.0),
    }
    name = ("-", "+")[positive] + "XYZ"[axis]
    turn = np.rint(turns.get((axis, positive), np.eye(3)))
    return turn, f"The head pointed along {name} and was turned upright."


def left_of_pairs(names: Sequence[str], joints: Array) -> Array | None:
    """Mean direction from right to left, shape (3,), of bones that are named in pairs."""
    pairs: dict[tuple[str, ...], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for i, found in enumerate(without_common_prefix(names)):
        stated = side(found)
        if stated:
            core = tuple(w for w in found if w not in LEFT | RIGHT)
            pairs[core][stated].append(i)
    across = [
        joints[p["left"][0]] - joints[p["right"][0]]
        for p in pairs.values()
        if len(p["left"]) == 1 and len(p["right"]) == 1
    ]
    if not across:
        return None
    total = np.sum(across, axis=0)
    return np.asarray(total) if np.linalg.norm(total[:2]) > 1e-9 else None


def facing_turn(left: Array, reason: str) -> Choice:
    """Degrees about Z that turn a head whose left is ``left`` so that it faces −Y."""
    exact = -np.degrees(np.arctan2(left[1], left[0]))
    snapped = round(exact / 90.0) * 90.0
    turn = snapped if abs(exact - snapped) <= SNAP else exact
    turn = (turn + 180.0) % 360.0 - 180.0
    turn = 0.0 if turn == 0.0 else turn
    return Choice(float(turn), f"Facing is {reason}.")


def left_of_geometry(vertices: Array, triangles: Ints) -> Array:
    """Direction to the left, shape (3,), of a head about which only its surface is known.

    The mirror plane gives the axis; the face is the side with the finer mesh, that is where the
    vertices' mean lies before the surface's centroid.
    """
    normal, _ = mirror_plane(vertices, triangles)
    corners = vertices[triangles]
    areas = np.linalg.norm(
        np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
    )
    centroid = (corners.mean(axis=1) * areas[:, None]).sum(axis=0) / max(areas.sum(), 1e-12)
    used = vertices[np.unique(triangles)]
    towards_face = used.mean(axis=0) - centroid
    forward = np.cross(normal, [0.0, 0.0, 1.0])
    return normal if forward @ towards_face >= 0 else -normal


def mirror_plane(vertices: Array, triangles: Ints) -> tuple[Array, Array]:
    """Upright plane about which a surface mirrors itself: unit normal and a point, (3,) each.

    All directions are tried in steps of 6°. The best is refined, with a little roll, by matching
    mirrored vertices to the surface near them and minimising their distances from the tangent
    planes (Chen and Medioni 1992), the farthest fifth left out.
    """
    used = np.unique(triangles)
    used = used[:: max(1, len(used) // 2500)]
    cloud = np.asarray(vertices[used], np.float64)
    normals = vertex_normals(vertices.astype(np.float32), triangles)[used].astype(np.float64)
    middle = (cloud.min(axis=0) + cloud.max(axis=0)) / 2
    size = float(np.ptp(cloud, axis=0).max()) or 1.0
    cloud = (cloud - middle) / size
    picked = cloud[:: max(1, len(cloud) // 400)]

    starts = []
    for yaw in np.radians(np.arange(0.0, 180.0, 6.0)):
        along = cloud @ _upright_normal(np.array([yaw, 0.0]))
        start = np.array([yaw, 0.0, (along.min() + along.max()) / 2])
        gaps = _nearest(_mirrored(picked, start), cloud)[1]
        starts.append((float(np.sort(gaps)[: max(1, len(gaps) * 4 // 5)].mean()), start))
    plane = min(starts, key=lambda s: s[0])[1]
    for _ in range(30):
        near, gaps = _nearest(_mirrored(picked, plane), cloud)
        kept = gaps <= np.quantile(gaps, 0.8)
        ours, target, facing = picked[kept], cloud[near[kept]], normals[near[kept]]

        def off(p: Array, a: Array = ours, b: Array = target, n: Array = facing) -> Array:
            return np.asarray(((_mirrored(a, p) - b) * n).sum(axis=1))

        now = off(plane)
        slope = np.stack([(off(plane + 1e-6 * axis) - now) / 1e-6 for axis in np.eye(3)], axis=1)
        change = np.linalg.lstsq(slope, -now, rcond=1e-3)[0]
        plane = plane + np.clip(change, -0.1, 0.1)
        if np.abs(change).max() < 1e-5:
            break
    normal = _upright_normal(plane)
    return normal, middle + normal * plane[2] * size


def _mirrored(points: Array, plane: Array) -> Array:
    normal = _upright_normal(plane)
    return np.asarray(points - 2 * (points @ normal - plane[2])[:, None] * normal)


def _nearest(points: Array, cloud: Array) -> tuple[Ints, Array]:
    """Index of the nearest of ``cloud`` to each point, and its distance."""
    near = np.argmin((cloud**2).sum(axis=1) - 2 * points @ cloud.T, axis=1)
    return near.astype(np.int32), np.linalg.norm(points - cloud[near], axis=1)


def _upright_normal(plane: Array) -> Array:
    """Unit normal, shape (3,), of a plane that is turned and rolled by two angles in radians."""
    yaw, roll = plane[0], plane[1]
    c = np.cos(roll)
    return np.array([np.cos(yaw) * c, np.sin(yaw) * c, np.sin(roll)])


def plausible_scale(height: float) -> Choice:
    """Factor that brings a head of ``height`` metres to a person's size."""
    low, high = HEIGHT_RANGE
    if low <= height <= high:
        return Choice(1.0, f"The head is {height:.3f} m high in the file.")
    fitting = [f for f in UNITS if low <= height * f <= high]
    factor = fitting[0] if fitting else LIKELY_HEIGHT / height
    text = (
        f"The head is {height:.3g} m high in the file, no person's size: it was scaled by "
        f"{factor:.4g} to {height * factor:.3f} m."
    )
    return Choice(factor, text, text)

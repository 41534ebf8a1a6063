"""What the parts of an interior have in common."""

from __future__ import annotations

from typing import Final

import numpy as np

from app.geometry.rotations import Array
from app.scene.cabin import Color
from app.scene.fabrics import leather
from app.scene.solids import Finish, sheet

INSIDE: Final = np.array([-0.35, 0.0, 0.3])
"""A point of the cabin from which its walls are seen."""


def grained(rng: np.random.Generator, color: Color, rough: float = 0.65) -> Finish:
    """Moulded plastic or leather."""
    return Finish((1.0, 1.0, 1.0), rough, 0.35, texture=leather(rng, color, 0.1), tile=0.25)


def smooth(points: list[tuple[float, float]], count: int = 40) -> Array:
    """A rounded course through corners, shape (count, 2)."""
    line = np.array(points)
    for _ in range(3):
        # Chaikin 1974: corners cut at a quarter
        a, b = line[:-1], line[1:]
        cut = np.stack([0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b], axis=1).reshape(-1, 2)
        line = np.concatenate([line[:1], cut, line[-1:]])
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    at = np.linspace(0.0, way[-1], count)
    return np.column_stack([np.interp(at, way, line[:, k]) for k in range(2)])


def about_x(degrees: float) -> Array:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


def pillar(low: Array, high: Array, wide: float, thick: float) -> tuple[Array, Array, Array]:
    """A flat bar between two points, wide along y and thin along x."""
    share = np.linspace(0.0, 1.0, 9)[:, None]
    bow = np.sin(np.pi * share) * np.array([0.02 * np.sign(low[0]), 0.0, 0.0])
    course = low + share * (high - low) + bow
    turn = np.linspace(0.0, 2.0 * np.pi, 13)[:-1]
    ring = np.stack([thick * np.cos(turn), wide * np.sin(turn), np.zeros(12)], axis=1)
    grid = course[:, None] + ring
    points, triangles, uvs = sheet(grid, closed_columns=True)
    a, b, c = (points[triangles[:, k]] for k in range(3))
    if (np.cross(b - a, c - a) * (a - course.mean(axis=0))).sum() < 0.0:
        triangles = triangles[:, ::-1]
    return points, triangles, uvs

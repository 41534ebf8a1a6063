"""Bars and sheets from curves: frames, temples, lenses, rings."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from app.bake.mesh import Floats, Ints
from app.bake.parts import Part, one_bone

Piece = tuple[Floats, Ints]
"""Vertices, shape (N, 3), and quads, shape (F, 4) with -1 in the last place of triangles."""


def bar(path: Floats, aside: Floats, wide: float, deep: float, *, closed: bool = False) -> Piece:
    """A bar of rounded section along a path.

    Parameters
    ----------
    path : ndarray, shape (K, 3), metres
    aside : ndarray, shape (K, 3)
        Unit vectors across the path, along which the bar is `wide`; it is `deep` across both.
    closed : bool
        The last point is joined to the first, else both ends are capped.
    """
    if closed:
        along = np.roll(path, -1, axis=0) - np.roll(path, 1, axis=0)
    else:
        along = np.gradient(path, axis=0)
    through = np.cross(along, aside)
    through /= np.maximum(np.linalg.norm(through, axis=1, keepdims=True), 1e-12)
    angle = np.arange(6) / 6 * 2 * np.pi + np.pi / 6
    rim = (
        path[:, None]
        + aside[:, None] * (np.cos(angle) * wide / 2)[:, None]
        + through[:, None] * (np.sin(angle) * deep / 2)[:, None]
    )
    count, sides = rim.shape[:2]
    rows = np.arange(count if closed else count - 1)
    a, b = rows[:, None] * sides, ((rows + 1) % count)[:, None] * sides
    k = np.arange(sides)
    after = (k + 1) % sides
    faces = np.stack(np.broadcast_arrays(a + k, a + after, b + after, b + k), axis=-1)
    quads = [faces.reshape(-1, 4)]
    if not closed:
        for start, order in ((0, [0, 5, 4, 3, 2, 1]), ((count - 1) * sides, [0, 1, 2, 3, 4, 5])):
            o = start + np.array(order)
            quads.append(np.array([[o[0], o[1], o[2], o[3]], [o[0], o[3], o[4], o[5]]]))
    return rim.reshape(-1, 3), np.concatenate(quads)


def disc(ring: Floats, middle: Floats, rows: int = 2) -> Piece:
    """A sheet from a closed curve, shape (M, 3), to its middle, shape (3,)."""
    count = len(ring)
    shares = np.linspace(0, 1, rows, endpoint=False)
    points = [ring + share * (middle - ring) for share in shares]
    k = np.arange(count)
    after = (k + 1) % count
    quads = [
        np.stack(
            [r * count + k, r * count + after, (r + 1) * count + after, (r + 1) * count + k], 1
        )
        for r in range(rows - 1)
    ]
    last = (rows - 1) * count
    centre = np.full(count, rows * count)
    quads.append(np.stack([last + k, last + after, centre, np.full(count, -1)], axis=1))
    return np.concatenate([*points, middle[None]]), np.concatenate(quads)


def flipped(piece: Piece) -> Piece:
    """The same sheet seen from its other side."""
    vertices, faces = piece
    turned = faces[:, [2, 1, 0, 3]]
    quad = faces[:, 3] >= 0
    turned[quad] = faces[quad][:, ::-1]
    return vertices, turned


def _rows(rows: int, columns: int) -> list[Ints]:
    """Quads between closed rows of points."""
    k = np.arange(columns)
    after = (k + 1) % columns
    starts = np.arange(rows - 1) * columns
    return [
        np.stack([s + k, s + after, s + columns + after, s + columns + k], axis=1) for s in starts
    ]


def globe(centre: Floats, axes: Floats, rows: int = 5, columns: int = 8) -> Piece:
    """An ellipsoid; `axes`, shape (3, 3), are its half axes in rows, the last one its pole."""
    latitude = np.linspace(-np.pi / 2, np.pi / 2, rows + 2)[1:-1]
    longitude = np.arange(columns) / columns * 2 * np.pi
    unit = np.stack(
        [
            np.outer(np.cos(latitude), np.cos(longitude)),
            np.outer(np.cos(latitude), np.sin(longitude)),
            np.broadcast_to(np.sin(latitude)[:, None], (rows, columns)),
        ],
        axis=-1,
    ).reshape(-1, 3)
    points = np.concatenate([unit, [[0, 0, -1.0], [0, 0, 1.0]]]) @ axes + centre
    k = np.arange(columns)
    after = (k + 1) % columns
    quads = [
        np.stack(
            [
                r * columns + k,
                r * columns + after,
                (r + 1) * columns + after,
                (r + 1) * columns + k,
            ],
            axis=1,
        )
        for r in range(rows - 1)
    ]
    none = np.full(columns, -1)
    south, north = np.full(columns, rows * columns), np.full(columns, rows * columns + 1)
    quads.append(np.stack([after, k, south, none], axis=1))
    top = (rows - 1) * columns
    quads.append(np.stack([top + k, top + after, north, none], axis=1))
    return points, np.concatenate(quads)


def rigid_part(name: str, pieces: Iterable[tuple[str, Piece]]) -> Part:
    """A part of pieces, each of one material, that follows the head bone."""
    vertices, faces, material_of, materials = [], [], [], []
    count = 0
    for material, (points, quads) in pieces:
        if material not in materials:
            materials.append(material)
        vertices.append(points)
        faces.append(np.where(quads >= 0, quads + count, -1))
        material_of.append(np.full(len(quads), materials.index(material)))
        count += len(points)
    all_faces = np.concatenate(faces)
    return Part(
        name=name,
        vertices=np.concatenate(vertices),
        faces=all_faces,
        uv=np.full((len(all_faces), 4, 2), 0.5),
        weights=one_bone("head", count),
        materials=tuple(materials),
        material_of=np.concatenate(material_of),
    )

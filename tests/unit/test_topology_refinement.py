"""A landmark keeps its place in its face however the refined mesh is cut into triangles."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

pytest.importorskip("scipy", reason="scipy is not installed")

from app.bake.mesh import extract, subdivide
from app.geometry.rotations import Array
from app.head.asset import Mesh
from app.topology.landmarks import SKIN_MESH, shared_placement
from app.topology.topology import Landmark, Topology

Quads = NDArray[Any]
ROWS, COLUMNS = 6, 7


@functools.cache
def sheet() -> tuple[Array, Array, Quads, Quads]:
    """Vertices and quads of a refined flat sheet, and the old vertices' numbers."""
    z, x = np.meshgrid(np.arange(ROWS + 1.0), np.arange(COLUMNS + 1.0), indexing="ij")
    base = np.stack([x.ravel(), np.zeros(x.size), z.ravel()], axis=1) * 0.004
    faces = []
    for i in range(ROWS):
        for j in range(COLUMNS):
            a = i * (COLUMNS + 1) + j
            faces.append((a, a + 1, a + COLUMNS + 2, a + COLUMNS + 1))
    quads = np.array(faces)
    mesh, ids = extract(quads, np.zeros((len(quads), 4, 2)), len(base))
    selected = np.ones(len(quads), dtype=bool)
    selected[[0, 5, 17]] = False  # faces whose neighbours alone are refined
    refined = subdivide(mesh, selected)
    return base, refined.vertices(base), refined.faces, ids


def cut(faces: Quads, draw: np.random.Generator) -> Quads:
    """Triangles of quads, each cut along either diagonal."""
    triangles = []
    for a, b, c, d in faces:
        if d < 0:
            triangles.append((a, b, c))
        elif draw.random() < 0.5:
            triangles += [(a, b, c), (a, c, d)]
        else:
            triangles += [(a, b, d), (b, c, d)]
    return np.array(triangles, dtype=np.int32)


def as_mesh(vertices: Array, triangles: Quads) -> Mesh:
    count = len(triangles)
    return Mesh(
        SKIN_MESH,
        vertices.astype(np.float32),
        triangles,
        np.zeros((count, 3, 2), np.float32),
        np.zeros((count, 3, 3), np.float32),
        np.zeros(count, np.int32),
        np.zeros((len(vertices), 1), np.int32),
        np.ones((len(vertices), 1), np.float32),
    )


@st.composite
def marks(draw: st.DrawFn) -> Topology:
    landmarks = []
    for k in range(draw(st.integers(1, 20))):
        i, j = draw(st.integers(0, ROWS - 1)), draw(st.integers(0, COLUMNS - 1))
        a = i * (COLUMNS + 1) + j
        quad = [a, a + 1, a + COLUMNS + 2, a + COLUMNS + 1]
        turn = draw(st.integers(0, 3))
        three = [quad[(turn + s) % 4] for s in draw(st.permutations([0, 1, 2]))]
        first = draw(st.floats(0, 1))
        second = draw(st.floats(0, 1)) * (1 - first)
        corners = (three[0], three[1], three[2])
        weights = (first, second, 1 - first - second)
        landmarks.append(Landmark(f"point {k}", corners, weights, (0.0, 0.0, 0.0)))
    return Topology("sheet", 1, tuple(landmarks), (), (), tuple(range(len(landmarks))))


@settings(max_examples=60, deadline=None)
@given(marks(), st.integers(0, 2**32 - 1))
def test_on_a_flat_sheet_points_stay_where_the_base_has_them(topology: Topology, seed: int) -> None:
    base, vertices, faces, ids = sheet()
    mesh = as_mesh(vertices, cut(faces, np.random.default_rng(seed)))
    placed = shared_placement([mesh], ids, topology)
    wanted = np.array([np.array(m.weights) @ base[list(m.corners)] for m in topology.landmarks])
    assert np.abs(placed.positions([mesh.vertices]) - wanted).max() < 1e-5
    rows = {frozenset(t) for t in mesh.triangles.tolist()}
    assert all(frozenset(c) in rows for c in placed.corners.tolist())
    assert np.abs(placed.weights.sum(axis=1) - 1).max() < 1e-9
    assert placed.weights.min() >= 0.0


@settings(max_examples=40, deadline=None)
@given(marks(), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_points_mean_the_same_on_bent_sheets_that_are_cut_otherwise(
    topology: Topology, one: int, other: int
) -> None:
    _, vertices, faces, ids = sheet()
    bent = vertices + np.stack(
        [0 * vertices[:, 0], 0.002 * np.sin(vertices[:, 0] * 300), 0 * vertices[:, 0]], axis=1
    )
    places = []
    for seed in (one, other):
        mesh = as_mesh(bent, cut(faces, np.random.default_rng(seed)))
        at = shared_placement([mesh], ids, topology)
        places.append(at.positions([vertices.astype(np.float32)]))  # the flat sheet tells places
    assert np.abs(places[0] - places[1]).max() < 4e-4

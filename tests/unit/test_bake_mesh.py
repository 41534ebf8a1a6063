"""Refining and cutting meshes that are linear in a base mesh, and reading texels off them."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy", reason="scipy comes with the 'bake' extra, which is not installed")

from app.bake.mesh import boundary_loops, clip, edge_table, extract, subdivide, triangulate
from app.bake.raster import normal_map, rasterise, texel_steps
from app.bake.uv import unfold


def grid(size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vertices of a flat square of size² quads, its faces and texture coordinates."""
    axis = np.linspace(0, 1, size + 1)
    x, y = np.meshgrid(axis, axis)
    vertices = np.column_stack([x.ravel(), y.ravel(), np.zeros(x.size)])
    row = np.arange(size)[:, None] * (size + 1) + np.arange(size)
    faces = np.stack([row, row + 1, row + size + 2, row + size + 1], axis=-1).reshape(-1, 4)
    return vertices, faces, vertices[faces][..., :2]


CUBE = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=float)
CUBE_FACES = np.array(
    [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
)


def area(vertices: np.ndarray, faces: np.ndarray) -> float:
    t, _ = triangulate(faces)
    a, b, c = (vertices[t[:, k]] for k in range(3))
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def test_a_cube_becomes_round_as_catmull_and_clark_say() -> None:
    mesh, _ = extract(CUBE_FACES, np.zeros((6, 4, 2)), 8)
    fine = subdivide(mesh, np.ones(6, dtype=bool))
    vertices = fine.vertices(CUBE)
    assert vertices.shape == (26, 3)
    assert len(fine.faces) == 24
    # (F + 2R + (n - 3)P) / n with n = 3, F and R the means of face and edge points of a corner.
    assert np.allclose(vertices[0], CUBE[0] * (1 / 3 + 2 * 2 / 3) / 3)
    assert np.allclose(fine.carry.sum(axis=1), 1)


def test_refining_a_part_leaves_no_crack_and_keeps_the_surface() -> None:
    vertices, faces, uv = grid(6)
    mesh, ids = extract(faces, uv, len(vertices))
    centre = vertices[faces].mean(axis=1)
    fine = subdivide(mesh, np.hypot(centre[:, 0] - 0.5, centre[:, 1] - 0.4) < 0.3)
    points = fine.vertices(vertices)
    assert np.array_equal(ids, np.arange(len(vertices)))
    assert len(boundary_loops(fine.faces)) == 1
    assert area(points, fine.faces) == pytest.approx(1.0)
    assert np.abs(points[..., :2][fine.faces[fine.faces[:, 3] >= 0]]
                  - fine.uv[fine.faces[:, 3] >= 0]).max() < 0.05  # fmt: skip
    edges, table = edge_table(fine.faces)
    assert np.bincount(table[table >= 0], minlength=len(edges)).max() == 2


def test_cutting_along_a_line_keeps_exactly_one_side() -> None:
    vertices, faces, uv = grid(7)
    mesh, _ = extract(faces, uv, len(vertices))
    kept = clip(mesh, vertices[:, 0] + 0.5 * vertices[:, 1] - 0.6)
    points = kept.vertices(vertices)
    assert (points[:, 0] + 0.5 * points[:, 1]).min() > 0.6 - 1e-6
    assert area(points, kept.faces) == pytest.approx(1 - (0.6 + 0.1) / 2, abs=1e-6)
    assert len(boundary_loops(kept.faces)) == 1


def test_a_bent_sheet_unfolds_flat_with_its_true_lengths() -> None:
    vertices, faces, _ = grid(10)
    angle = vertices[:, 0] * 2.0
    bent = np.column_stack([np.sin(angle) / 2, vertices[:, 1], np.cos(angle) / 2])
    triangles, _ = triangulate(faces)
    none = np.zeros((0, 2), dtype=np.int64)
    flat = unfold(
        bent, triangles, vertices[:, :2] * [0.4, 1], np.ones(len(triangles)), none, np.zeros(0)
    )
    edges, _ = edge_table(faces)
    before = np.linalg.norm(bent[edges[:, 0]] - bent[edges[:, 1]], axis=1)
    after = np.linalg.norm(flat[edges[:, 0]] - flat[edges[:, 1]], axis=1)
    assert np.abs(after / before - 1).max() < 0.02


def test_texels_know_their_surface_point_and_gaps_are_filled() -> None:
    vertices, faces, uv = grid(4)
    texels = rasterise(faces, uv * 0.5 + 0.25, 64)
    points = texels.sample(vertices)
    expected = (np.column_stack([texels.cols + 0.5, 63.5 - texels.rows]) / 64 - 0.25) * 2
    assert np.abs(points[:, :2] - expected).max() < 0.06
    picture = points[texels.fill(), 0].reshape(64, 64)
    assert picture[:, 0].max() < 0.1


def test_a_slope_gives_the_normal_of_that_slope() -> None:
    rows, cols = np.mgrid[:32, :32]
    position = np.stack([cols * 0.001, -rows * 0.001, 0.0 * rows], axis=-1)
    normal = normal_map(0.0005 * cols.astype(np.float32), texel_steps(position))
    assert np.allclose(normal[16, 16], np.array([-0.5, 0, 1]) / np.sqrt(1.25))

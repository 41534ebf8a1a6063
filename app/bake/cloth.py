"""A plain crew-neck shirt draped over the shoulders."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from app.bake.body import BONES, Body, load_template
from app.bake.features import srgb
from app.bake.head import canonical_positions, collar
from app.bake.mesh import (
    DerivedMesh,
    Floats,
    Ints,
    boundary_loops,
    clip,
    edge_table,
    extract,
    triangulate,
    vertex_normals,
)
from app.bake.noise import fractal_noise, value_noise
from app.bake.parts import Part, limit_weights
from app.bake.person import PersonSpec
from app.bake.tone import to_linear, to_srgb

BELOW_EYES = 0.46  # metres from the eyes to the shirt's lower edge
_TILE = 0.12  # metres of cloth that one texture shows


@dataclass(frozen=True, eq=False)
class _Pattern:
    """The shirt before anyone wears it.

    Attributes
    ----------
    mesh : DerivedMesh
    mean : sparse matrix, shape (N, N)
        Mean of each vertex's neighbours; those on a border look along it alone.
    neck : ndarray, shape (L,)
        The neckline.
    weights : ndarray, shape (N, len(BONES))
    """

    mesh: DerivedMesh
    triangles: Ints
    mean: sparse.csr_matrix
    neck: Ints
    weights: Floats


@functools.cache
def _pattern() -> _Pattern:
    """Cut the shirt from the mean person."""
    template = load_template()
    p = canonical_positions()
    low = p[:, 2] + BELOW_EYES
    tight = collar(p)
    centre = p[template.faces].mean(axis=1)
    keep = (tight[template.faces].min(axis=1) < 0.1) & (centre[:, 2] < -0.10) & ~template.cavity
    keep &= (low[template.faces] > -0.03).any(axis=1)
    mesh, _ = extract(template.faces[keep], np.zeros((int(keep.sum()), 4, 2)), len(p))
    mesh = clip(mesh, np.asarray(-(mesh.carry @ tight)))
    mesh = clip(mesh, np.asarray(mesh.carry @ low))
    loops = boundary_loops(mesh.faces)
    height = mesh.carry @ p[:, 2]
    neck = max(loops, key=lambda loop: float(height[loop].mean()))
    weights = np.asarray((mesh.carry @ template.weights).todense())
    names = [name for name, _ in BONES]
    weights[:, [names.index(name) for name in ("head", "jaw", "neck03")]] *= 0.2
    weights[:, names.index("neck01")] *= 0.8
    return _Pattern(mesh, triangulate(mesh.faces)[0], _neighbours(mesh, loops), neck, weights)


def _neighbours(mesh: DerivedMesh, loops: list[Ints]) -> sparse.csr_matrix:
    edges, _ = edge_table(mesh.faces)
    count = mesh.carry.shape[0]
    ones = np.ones(2 * len(edges))
    link = sparse.csr_matrix(
        (ones, (np.r_[edges[:, 0], edges[:, 1]], np.r_[edges[:, 1], edges[:, 0]])), (count, count)
    )
    border = np.zeros(count)
    for loop in loops:
        border[loop] = 1
    along = sparse.diags(1 - border) @ link + sparse.diags(border) @ link @ sparse.diags(border)
    total = np.asarray(along.sum(axis=1)).ravel()
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(total, 1)) @ along)


def cloth_part(body: Body, person: PersonSpec) -> Part:
    """The shirt of one person, cut at a height that a bust picture does not show."""
    pattern = _pattern()
    mesh, neck, weights = pattern.mesh, pattern.neck, pattern.weights
    vertices = _drape(pattern, body, person)
    rib, rib_faces = _rib(vertices, neck, body)
    rib_weights = np.tile(weights[neck], (len(rib) // len(neck), 1))
    faces = np.concatenate([mesh.faces, np.where(rib_faces < 0, -1, rib_faces + len(vertices))])
    points = np.concatenate([vertices, rib])
    uv = (
        np.column_stack([points[:, 0] + 0.6 * points[:, 1], points[:, 2] + 0.5 * points[:, 1]])
        / _TILE
    )
    return Part(
        name="Cloth",
        vertices=points,
        faces=faces,
        uv=uv[np.maximum(faces, 0)],
        weights=limit_weights(np.concatenate([weights, rib_weights])),
        materials=("cloth",),
        material_of=np.zeros(len(faces), dtype=np.int64),
    )


def _drape(pattern: _Pattern, body: Body, person: PersonSpec) -> Floats:
    vertices = pattern.mesh.vertices(body.vertices)
    triangles, mean = pattern.triangles, pattern.mean
    smooth = vertices + 0.006 * vertex_normals(vertices, triangles)
    for _ in range(14):
        smooth = 0.4 * smooth + 0.6 * (mean @ smooth)
    normals = vertex_normals(smooth, triangles)
    lift = ((vertices - smooth) * normals).sum(axis=1) + 0.0045
    smooth = smooth + normals * np.maximum(lift, 0)[:, None]
    for _ in range(3):
        smooth = 0.5 * smooth + 0.5 * (mean @ smooth)
    p = smooth - body.head_centre
    folds = value_noise(p, np.array([0.05, 0.05, 0.11]), person.rng("cloth"))
    fall = np.clip((-0.20 - p[:, 2]) / 0.12, 0, 1)
    result: Floats = smooth + normals * (0.0028 * folds * fall)[:, None]
    return result


def _rib(vertices: Floats, loop: Ints, body: Body) -> tuple[Floats, Ints]:
    """A rounded band along the neckline, shape (rows * L, 3)."""
    ring = vertices[loop]
    for _ in range(6):
        ring = 0.5 * ring + 0.25 * (np.roll(ring, 1, axis=0) + np.roll(ring, -1, axis=0))
    centre = ring.mean(axis=0)
    inward = centre - ring
    inward[:, 2] = 0
    inward /= np.linalg.norm(inward, axis=1, keepdims=True)
    up = np.array([0.0, 0.0, 1.0])
    climb = 0.75 * inward + 0.66 * up
    out = -0.66 * inward + 0.75 * up
    profile = [(-0.0070, 0.0006), (-0.0060, 0.0022), (0.0, 0.0028), (0.0075, 0.0024)]
    profile += [(0.0092, 0.0008), (0.0080, -0.0016), (-0.004, -0.0040)]
    rows = [ring + climb * a + out * b for a, b in profile]
    size = len(loop)
    a = np.arange(size)
    b = (a + 1) % size
    faces = [
        np.stack([k * size + b, k * size + a, (k + 1) * size + a, (k + 1) * size + b], axis=1)
        for k in range(len(rows) - 1)
    ]
    return np.concatenate(rows), np.concatenate(faces)


def cloth_texture(person: PersonSpec, size: int) -> tuple[Floats, Floats]:
    """One tile of knitted cloth: sRGB picture and height in metres."""
    rng = person.rng("cloth-texture")
    axis = (np.arange(size) + 0.5) / size
    u, v = np.meshgrid(axis, 1 - axis)
    columns, courses = 80, 110
    stitch = np.sin(2 * np.pi * (u * columns)) * 0.6
    stitch = stitch + np.sin(
        2 * np.pi * (v * courses + 0.25 * np.sign(np.sin(2 * np.pi * u * columns)))
    )
    ring = np.column_stack([f(2 * np.pi * t.ravel()) for t in (u, v) for f in (np.cos, np.sin)])[
        :, :3
    ]
    heather = fractal_noise(ring, 0.3, 3, rng).reshape(size, size)
    tone = 1 + 0.05 * stitch + 0.05 * heather
    linear = to_linear(np.array(srgb(person.cloth_color))) * tone[..., None]
    return np.asarray(to_srgb(linear)), np.asarray(0.00018 * stitch)

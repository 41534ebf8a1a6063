"""The skin of the bust: chosen faces, refined where it is seen, with its texture layout."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from app.bake.body import EYEBALLS, Body, load_template
from app.bake.mesh import (
    Bools,
    DerivedMesh,
    Floats,
    Ints,
    boundary_loops,
    extract,
    subdivide,
    triangulate,
)
from app.bake.parts import Carried, Part
from app.bake.scalp import hairline_distance
from app.bake.uv import skin_layout


@functools.cache
def canonical_positions() -> Floats:
    """Base vertices of the mean person about the midpoint of its eyeballs, shape (V, 3)."""
    vertices = load_template().vertices
    centre = np.mean([vertices[balls].mean(axis=0) for balls in EYEBALLS.values()], axis=0)
    positions: Floats = vertices - centre
    return positions


def collar(p: Floats) -> Floats:
    """Neckline of the shirt at canonical positions: positive inside, -1 where twice as wide."""
    radius = np.hypot(p[:, 0] / 0.084, (p[:, 1] - 0.095) / 0.064)
    below = p[:, 2] < -0.115
    return np.where(below, 1 - radius, 1.0)


@dataclass(frozen=True)
class SkinMesh:
    """The bust's skin, the same for all people but for its vertex positions.

    Attributes
    ----------
    mesh : DerivedMesh
        Refined skin over the base vertices.
    base_ids : ndarray, shape (M,)
        Base vertex of the first M vertices of `mesh`.
    canonical : ndarray, shape (N, 3), metres
    """

    mesh: DerivedMesh
    base_ids: Ints
    canonical: Floats

    @functools.cached_property
    def carried(self) -> Carried:
        """The skin with its weights and actions."""
        return Carried.of(self.mesh, self.base_ids)

    @functools.cached_property
    def triangles(self) -> Ints:
        """Triangles of the skin, shape (T, 3)."""
        return triangulate(self.mesh.faces)[0]

    @functools.cached_property
    def tree(self) -> cKDTree:
        """Search tree over the canonical positions."""
        return cKDTree(self.canonical)


@functools.cache
def skin_mesh() -> SkinMesh:
    """Choose, unfold and refine the skin."""
    template = load_template()
    p = canonical_positions()
    centre = p[template.faces].mean(axis=1)
    keep = (collar(p)[template.faces].max(axis=1) > -0.32) & (centre[:, 2] > -0.27)
    keep &= ~(template.cavity & (_socket_depth(centre) > 0.005))
    faces = template.faces[keep]
    face_part = np.exp(
        -((p[:, 0] / 0.06) ** 2 + ((p[:, 2] + 0.02) / 0.075) ** 2)
        - (np.maximum(p[:, 1], 0) / 0.06) ** 2
    )
    covered = hairline_distance(p, 0.5, 30.0) > 0.02
    ears = np.zeros(len(p))
    ears[: len(template.zones["ears"])] = template.zones["ears"]
    density = 1 + 1.2 * face_part - 0.45 * covered + 0.5 * ears
    inner = template.cavity[keep].astype(np.int64)
    uv = skin_layout(p, faces, template.uv[keep], inner, density, *_slits())
    mesh, base_ids = extract(faces, uv, len(p))
    covered |= p[:, 2] < -0.175
    refined = subdivide(mesh, _refine(faces, template.cavity[keep], covered, ears))
    return SkinMesh(refined, base_ids, refined.vertices(p))


def _slits() -> tuple[Ints, Floats]:
    """Pairs of vertices across mouth and eyes, upper one first, and how far to keep them apart."""
    p = canonical_positions()
    pairs, gaps = [], []
    for loop, gap in ((mouth_loop(), 0.007), *((lids, 0.009) for lids in lid_loops().values())):
        ring = p[loop]
        left, right = ring[np.argmin(ring[:, 0])], ring[np.argmax(ring[:, 0])]
        t = (ring[:, 0] - left[0]) / (right[0] - left[0])
        upper = ring[:, 2] > left[2] + t * (right - left)[2]
        for above in np.flatnonzero(upper & (t > 0.04) & (t < 0.96)):
            below = np.flatnonzero(~upper)[np.argmin(np.abs(t[~upper] - t[above]))]
            pairs.append((loop[above], loop[below]))
            gaps.append(gap * np.sin(np.pi * t[above]))
    return np.array(pairs), np.array(gaps)


@functools.cache
def mouth_loop() -> Ints:
    """Base vertices along the line where the lips meet, as a closed loop."""
    template, p = load_template(), canonical_positions()
    loops = boundary_loops(template.faces[template.cavity])
    return min(
        loops, key=lambda loop: float(np.linalg.norm(p[loop].mean(0) - [0, -0.026, -0.0675]))
    )


def _socket_depth(centre: Floats) -> Floats:
    """How far behind the eyelids a face near an eyeball lies, metres; -1 elsewhere."""
    p = canonical_positions()
    depth = np.full(len(centre), -1.0)
    for balls in EYEBALLS.values():
        ball = p[balls].mean(axis=0)
        near = np.linalg.norm(centre - ball, axis=1) < 0.030
        depth[near] = (centre - ball)[near, 1] + 0.010
    return depth


def _refine(faces: Ints, cavity: Bools, covered: Bools, ears: Floats) -> Bools:
    """Faces worth refining: seen, not of the ears, and larger than 4.5 square millimetres."""
    a, b, c, d = np.moveaxis(canonical_positions()[faces], 1, 0)
    area = np.linalg.norm(np.cross(c - a, d - b), axis=1) / 2
    hidden = cavity | covered[faces].all(axis=1) | (ears[faces] > 0.5).all(axis=1)
    result: Bools = ~hidden & (area > 4.5e-6)
    return result


def head_part(body: Body) -> Part:
    """The skin of one person."""
    return skin_mesh().carried.part("Head", "skin", body)


@functools.cache
def lid_loops() -> dict[str, Ints]:
    """Base vertices along the edge of the eyelids, sides ``"L"`` and ``"R"``, as closed loops."""
    template, p = load_template(), canonical_positions()
    loops = boundary_loops(template.faces[template.cavity])
    result = {}
    for side, balls in EYEBALLS.items():
        ball = p[balls].mean(axis=0)
        result[side] = min(loops, key=lambda loop: float(np.linalg.norm(p[loop].mean(0) - ball)))
    return result


@functools.cache
def zone_masks() -> dict[str, Floats]:
    """Masks at the vertices of `skin_mesh`, shape (N,) each."""
    template, skin = load_template(), skin_mesh()
    base = np.zeros((len(canonical_positions()), 3))
    for k, name in enumerate(("lips", "ears")):
        base[: len(template.zones[name]), k] = template.zones[name]
    inner = np.zeros(len(base), dtype=bool)
    inner[template.faces[template.cavity].ravel()] = True
    outer = np.zeros(len(base), dtype=bool)
    outer[template.faces[~template.cavity].ravel()] = True
    base[:, 2] = inner & ~outer
    lips, ears, inside = (skin.mesh.carry @ base).T
    return {"lips": lips, "ears": ears, "inside": inside}

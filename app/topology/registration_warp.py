"""The warp of a template face onto a surface: similarity, affine, then as smooth as a thin plate.

Source of the scheme: B. Amberg, S. Romdhani and T. Vetter, 2007, "Optimal step nonrigid ICP
algorithms for surface registration": stiffness falls step by step while correspondences are sought
anew; here the stiffness is on the Laplacian of the displacements, which leaves affine motions free.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree

from app.geometry.rotations import Array
from app.head.asset import Ints
from app.head.skinning import vertex_normals
from app.topology.registration_surface import FaceSurface

_NEIGHBOURS: Final = 8
_STIFFNESS: Final = (300.0, 100.0, 30.0, 10.0, 3.0, 1.0)
_TURNS: Final = 4
_RIGID_TURNS: Final = 12
_AFFINE_TURNS: Final = 12
# How much of its way along the surface a point makes at a turn, and how much a point is held along
# the surface in the linear steps, as a share of how it is held across it.
_GLIDE: Final = 0.5
_SLIDE: Final = 0.08


@dataclass(frozen=True, eq=False)
class Template:
    """A face to be warped.

    Attributes
    ----------
    points : ndarray, shape (N, 3), metres
        In zero pose, head centre at the origin.
    triangles : ndarray, shape (T, 3)
    trusted : ndarray of bool, shape (N,)
        Points that look for the surface; the others follow them.
    """

    points: Array
    triangles: Ints
    trusted: NDArray[Any]

    def normals(self, points: Array) -> Array:
        """Unit normals, shape (N, 3), of the template at other positions of its points."""
        return vertex_normals(points.astype(np.float32), self.triangles).astype(np.float64)


def warp(template: Template, surface: FaceSurface, scale: float) -> Array:
    """Positions, shape (N, 3), of the template on the surface.

    Parameters
    ----------
    template : Template
    surface : FaceSurface
    scale : float
        Size of the surface's head against the template's, roughly.
    """
    points = _linear(template, surface, template.points * scale, _RIGID_TURNS, _similarity)
    points = _linear(template, surface, points, _AFFINE_TURNS, _affine)
    return _smooth(template, surface, points)


def _trust(gap: Array, normals: Array, facing: Array) -> Array:
    """Weights of correspondences, shape (N,): near ones that face alike."""
    middle = max(float(np.median(gap)), 0.0005)
    alike = np.clip((np.einsum("ni,ni->n", normals, facing) - 0.3) / 0.5, 0.0, 1.0)
    return np.asarray(alike / (1.0 + np.square(gap / (2.5 * middle))))


def _linear(
    template: Template, surface: FaceSurface, points: Array, turns: int, solve: Any
) -> Array:
    own = template.trusted
    for _ in range(turns):
        normals = template.normals(points)[own]
        at, facing, gap = surface.match(points[own], normals)
        weights = _trust(gap, normals, facing)
        matrix, shift = solve(points[own], at, facing, weights)
        points = points @ matrix.T + shift
    return points


def _similarity(points: Array, at: Array, facing: Array, weights: Array) -> tuple[Array, Array]:
    """Small turn, size and shift that bring points best onto the planes of their partners."""
    held = _held(facing, weights)
    basis = np.zeros((len(points), 3, 7))
    x, y, z = points.T
    zero = np.zeros_like(x)
    basis[:, :, 0] = np.stack([zero, -z, y], axis=1)
    basis[:, :, 1] = np.stack([z, zero, -x], axis=1)
    basis[:, :, 2] = np.stack([-y, x, zero], axis=1)
    basis[:, :, 3] = points
    basis[:, :, 4:] = np.eye(3)
    # The eyes and the zero pose are known: turns and shifts are kept small.
    change = _solve(basis, held, at - points, np.array([0.02] * 3 + [0.002] + [2.0] * 3))
    a, b, c, size = change[:4]
    skew = np.array([[0.0, -c, b], [c, 0.0, -a], [-b, a, 0.0]])
    u, _, vt = np.linalg.svd(np.eye(3) + skew)
    return (1.0 + size) * (u @ vt), change[4:]


def _affine(points: Array, at: Array, facing: Array, weights: Array) -> tuple[Array, Array]:
    held = _held(facing, weights)
    basis = np.zeros((len(points), 3, 12))
    for i in range(3):
        basis[:, i, 3 * i : 3 * i + 3] = points
    basis[:, :, 9:] = np.eye(3)
    change = _solve(basis, held, at - points, np.array([0.01] * 9 + [1.0] * 3))
    return np.eye(3) + change[:9].reshape(3, 3), change[9:]


def _held(facing: Array, weights: Array) -> Array:
    """What a displacement costs, shape (N, 3, 3): much across the surface, little along it."""
    across = np.einsum("ni,nj->nij", facing, facing)
    return np.asarray(weights[:, None, None] * (across + _SLIDE * (np.eye(3) - across)))


def _solve(basis: Array, held: Array, gap: Array, damping: Array) -> Array:
    weighed = np.einsum("nij,njk->nik", held, basis)
    normal = np.einsum("nik,nil->kl", basis, weighed) + np.diag(damping)
    return np.asarray(np.linalg.solve(normal, np.einsum("nik,ni->k", weighed, gap)))


def _smooth(template: Template, surface: FaceSurface, points: Array) -> Array:
    count = len(points)
    _, near = cKDTree(template.points).query(template.points, k=_NEIGHBOURS + 1)
    rows = np.repeat(np.arange(count), _NEIGHBOURS)
    mean = sparse.csr_matrix(
        (np.full(len(rows), 1.0 / _NEIGHBOURS), (rows, near[:, 1:].ravel())), shape=(count, count)
    )
    bend = sparse.identity(count) - mean
    plate = (bend.T @ bend).tocsc()
    own = np.flatnonzero(template.trusted)
    start = points
    for stiffness in _STIFFNESS:
        for _ in range(_TURNS):
            normals = template.normals(points)[own]
            at, facing, gap = surface.match(points[own], normals)
            weights = np.zeros(count)
            weights[own] = _trust(gap, normals, facing)
            # The point's own plane draws it across the surface and lets it glide along.
            way = at - points[own]
            across = np.einsum("ni,ni->n", way, facing)[:, None] * facing
            target = points.copy()
            target[own] += across + _GLIDE * (way - across)
            system = stiffness * plate + sparse.diags(weights + 1e-6)
            points = start + _solved(system.tocsc(), weights[:, None] * (target - start))
    return points


def _solved(system: Any, wanted: Array) -> Array:
    """Solution, shape (N, 3), of a symmetric positive definite system of N unknowns."""
    factors = splu(
        system,
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    return np.asarray(factors.solve(wanted))

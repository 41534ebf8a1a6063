"""Landmarks of the head in the viewport: where they lie in a pose, and which of them are seen.

Only the vertices that landmarks hang on are posed, so that this costs next to nothing beside the
picture; it happens in the render thread, with the very pose and view of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from app.geometry.pinhole import Pinhole
from app.geometry.rotations import Array
from app.head.asset import Floats, HeadAsset, Mesh, Shape
from app.head.pose import HeadPose
from app.head.skinning import MeshPoser, chain_motions
from app.topology.contour import visible_outline
from app.topology.landmarks import HeadLandmarks
from app.topology.locate import in_picture
from app.topology.placement import Placement
from app.topology.truth import OUTLINE
from widgets.viewport.navigation import View

TOLERANCE: Final = 0.0015
"""Metres behind the surface on screen up to which a point is seen."""
_AWAY: Final = 100.0
"""Metres from which a parallel view is taken for the outline."""


@dataclass(frozen=True, eq=False)
class Marks:
    """Landmarks of one topology in one picture.

    Attributes
    ----------
    topology : str
        Or `app.topology.truth.OUTLINE`.
    world : ndarray, shape (L, 3), metres
    visible : ndarray of bool, shape (L,)
    """

    topology: str
    world: Array
    visible: NDArray[np.bool_]


class Sees(Protocol):
    """What tells how far the surface on screen is."""

    def distances(self, pixels: Array) -> tuple[Array, Array] | None:
        """Least and greatest metres along the view at the four pixels around points (L, 2).

        Of the picture that was drawn last; pixels have (0, 0) at the centre of the top left one.
        """


class Poses(Protocol):
    """What finds marks for a picture that was just drawn."""

    @property
    def asset(self) -> HeadAsset: ...

    def marks(self, pose: HeadPose, view: View, renderer: Sees) -> tuple[Marks, ...]: ...


class MarkPoser:
    """Poses the landmarks of one head.

    Attributes
    ----------
    asset : HeadAsset
    landmarks : HeadLandmarks
    """

    def __init__(self, asset: HeadAsset, landmarks: HeadLandmarks) -> None:
        self.asset, self.landmarks = asset, landmarks
        everything = (*landmarks.placements, landmarks.outline.samples, landmarks.outline.steady)
        kept = [_vertices(i, everything) for i in range(len(asset.meshes))]
        meshes = tuple(_reduced(m, k) for m, k in zip(asset.meshes, kept, strict=True))
        self._asset = replace(asset, meshes=meshes)
        self._posers = [MeshPoser(self._asset, mesh) for mesh in meshes]
        used = {int(n) for p in landmarks.placements for n in np.unique(p.meshes)}
        self._whole = {n: MeshPoser(asset, asset.meshes[n]) for n in used}
        self._placements = tuple(_renumbered(p, kept) for p in landmarks.placements)
        self._outline = replace(
            landmarks.outline,
            samples=_renumbered(landmarks.outline.samples, kept),
            steady=_renumbered(landmarks.outline.steady, kept),
        )

    def positions(self, pose: HeadPose, view: View) -> list[tuple[str, Array]]:
        """Each topology with its points in the world, shape (L, 3), the visible outline last."""
        motions = chain_motions(self._asset, pose)
        posed = tuple(poser.pose(motions, pose.shapes).vertices for poser in self._posers)
        found = [(p.topology, p.positions(posed)) for p in self._placements]
        return [*found, (OUTLINE, visible_outline(self._outline, posed, _pinhole(view)))]

    @property
    def exact(self) -> bool:
        """The head shares the mesh that landmarks are defined on: nothing is to be set right."""
        return self.landmarks.residual is None

    def placement(self, topology: str) -> Placement | None:
        """Of one of the head's topologies; None for the visible outline."""
        return next((p for p in self.landmarks.placements if p.topology == topology), None)

    def skin(self, topology: str, index: int, pose: HeadPose) -> Skin | None:
        """The posed mesh that a landmark lies on; None for a point of the visible outline."""
        placement = self.placement(topology)
        if placement is None:
            return None
        number = int(placement.meshes[index])
        mesh = self.asset.meshes[number]
        posed = self._whole[number].pose(chain_motions(self.asset, pose), pose.shapes)
        return Skin(number, mesh.triangles, posed.vertices)

    def marks(self, pose: HeadPose, view: View, renderer: Sees) -> tuple[Marks, ...]:
        """Landmarks of the picture that ``renderer`` has just drawn."""
        found = self.positions(pose, view)
        world = np.concatenate([points for _, points in found])
        seen = seen_points(world, view, renderer)
        ends = np.cumsum([len(points) for _, points in found])[:-1]
        return tuple(
            Marks(name, points, visible)
            for (name, points), visible in zip(found, np.split(seen, ends), strict=True)
        )


def seen_points(world: Array, view: View, renderer: Sees) -> NDArray[np.bool_]:
    """Which points are in the picture and not behind what it shows."""
    pixels = view.project(world) - 0.5
    distance = -view.to_camera(world)[:, 2]
    inside = in_picture(pixels, (round(view.height), round(view.width)))
    inside &= np.isfinite(pixels).all(axis=1)
    around = renderer.distances(np.nan_to_num(pixels))
    if around is None:
        return inside
    return np.asarray(inside & (distance <= around[1] + TOLERANCE))


def _vertices(mesh: int, placements: tuple[Placement, ...]) -> NDArray[Any]:
    """Vertices of a mesh that any of the placements hangs on, in order."""
    found = [p.corners[p.meshes == mesh].ravel() for p in placements]
    return np.asarray(np.unique(np.concatenate(found)))


def _reduced(mesh: Mesh, kept: NDArray[Any]) -> Mesh:
    """The mesh with some of its vertices and without triangles."""
    place = np.full(len(mesh.vertices), -1, np.int32)
    place[kept] = np.arange(len(kept))
    shapes = []
    for shape in mesh.shapes:
        at = place[shape.indices]
        own = at >= 0
        if own.any():
            shapes.append(Shape(shape.name, at[own], shape.deltas[own]))
    return replace(
        mesh,
        vertices=mesh.vertices[kept],
        triangles=np.zeros((0, 3), np.int32),
        uvs=np.zeros((0, 3, 2), np.float32),
        normals=np.zeros((0, 3, 3), np.float32),
        materials=np.zeros(0, np.int32),
        bones=mesh.bones[kept],
        weights=mesh.weights[kept],
        shapes=tuple(shapes),
    )


def _renumbered(placement: Placement, kept: list[NDArray[Any]]) -> Placement:
    """The placement on the reduced meshes."""
    corners = placement.corners.copy()
    for mesh in np.unique(placement.meshes):
        own = placement.meshes == mesh
        corners[own] = np.searchsorted(kept[mesh], placement.corners[own])
    return replace(placement, corners=corners)


def _pinhole(view: View) -> Pinhole:
    """A camera that sees a view's outline; a parallel view is taken from far away."""
    matrix, half = view.matrix, view.tangent * view.width / view.height
    if view.orthographic:
        matrix = matrix.copy()
        matrix[:3, 3] -= view.forward * _AWAY
        half /= _AWAY
    angle = float(np.degrees(2.0 * np.arctan(half)))
    return Pinhole(matrix, angle, max(round(view.width), 1), max(round(view.height), 1))


@dataclass(frozen=True, eq=False)
class Place:
    """A point on a mesh: the corners (3,) of its triangle and their weights (3,)."""

    mesh: int
    corners: NDArray[np.int32]
    weights: Array


@dataclass(frozen=True, eq=False)
class Skin:
    """One posed mesh: vertices (V, 3) in the world and triangles (T, 3)."""

    mesh: int
    triangles: NDArray[np.int32]
    vertices: Floats

    def under(self, origin: Array, direction: Array) -> Place | None:
        """Where a ray first meets the front of the mesh.

        After T. Möller and B. Trumbore, 1997, "Fast, minimum storage ray/triangle intersection".
        """
        a, b, c = (self.vertices[self.triangles[:, i]].astype(np.float64) for i in range(3))
        along, across, away = b - a, c - a, origin - a
        p = np.cross(direction, across)
        area = np.einsum("ti,ti->t", along, p)
        front = np.flatnonzero(area > 1e-14)
        if not len(front):
            return None
        inverse = 1.0 / area[front]
        u = np.einsum("ti,ti->t", away[front], p[front]) * inverse
        q = np.cross(away[front], along[front])
        v = (q @ direction) * inverse
        t = np.einsum("ti,ti->t", across[front], q) * inverse
        hit = (u >= 0.0) & (v >= 0.0) & (u + v <= 1.0) & (t > 1e-4)
        if not hit.any():
            return None
        i = int(np.argmin(np.where(hit, t, np.inf)))
        weights = np.array([1.0 - u[i] - v[i], u[i], v[i]])
        return Place(self.mesh, self.triangles[front[i]], weights)

    def at(self, place: Place) -> Array:
        """A place in the world."""
        return np.asarray(place.weights @ self.vertices[place.corners].astype(np.float64))


def moved(placement: Placement, index: int, place: Place) -> Placement:
    """The placement with one landmark elsewhere."""
    meshes, corners = placement.meshes.copy(), placement.corners.copy()
    weights = placement.weights.copy()
    meshes[index], corners[index], weights[index] = place.mesh, place.corners, place.weights
    return replace(placement, meshes=meshes, corners=corners, weights=weights)


def differs(one: Placement, other: Placement) -> NDArray[np.bool_]:
    """Which landmarks, shape (L,), two placements of one topology put elsewhere."""
    return np.asarray(
        (one.meshes != other.meshes)
        | (one.corners != other.corners).any(axis=1)
        | (np.abs(one.weights - other.weights) > 1e-5).any(axis=1)
    )

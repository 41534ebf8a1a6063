"""The landmarks of a head: where each topology lies on its meshes.

People made from the body model share its mesh, so a landmark's base vertices are vertices of
every head. Most faces of the mesh are refined; there a landmark keeps its place in its face, the
same on everyone. On the others it goes to the nearest point of the triangles around its own
vertices, never to another surface that happens to be near, such as the other lip.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.files import read_bytes
from app.head.asset import HeadAsset, Ints, Mesh
from app.topology import store
from app.topology.closest import closest_on_triangles
from app.topology.contour import OutlineLines, outline_lines
from app.topology.placement import Placement
from app.topology.refinement import QuadPlaces, quad_places
from app.topology.topology import Topology

SKIN_MESH: Final = "Head"
"""Name of the mesh that carries the body model's skin."""

TOPOLOGIES: Final = ("ibug-68", "dense-520")
OUTLINED: Final = "ibug-68"
_KEPT: Final = 32
_DESCRIPTION_LIMIT: Final = 16 * 1024 * 1024


@dataclass(frozen=True, eq=False)
class HeadLandmarks:
    """What is needed to find a head's landmarks in any pose.

    Attributes
    ----------
    placements : tuple of Placement
        One for each topology, in the order that was asked for.
    outline : OutlineLines
        Along which the jaw points slide.
    residual : float, optional
        Metres between the registered default head and this one, where the landmarks are only
        proposed; none where they are exact or were confirmed by a person.
    """

    placements: tuple[Placement, ...]
    outline: OutlineLines
    residual: float | None = None


@dataclass(frozen=True)
class _Description:
    base_vertex_of_head_vertex: tuple[Annotated[int, msgspec.Meta(ge=0)], ...]


def base_vertices_of(asset: HeadAsset) -> NDArray[Any] | None:
    """Base-mesh vertices of the first vertices of the skin, from the description beside the file.

    None for a head that has no such description, or whose description is not of this mesh.
    """
    mesh = next((m for m in asset.meshes if m.name == SKIN_MESH), None)
    if mesh is None or not asset.source.path:
        return None
    try:
        data = read_bytes(Path(asset.source.path).with_suffix(".json"), _DESCRIPTION_LIMIT)
        described = msgspec.json.decode(data, type=_Description)
    except (OSError, ValueError, RecursionError):
        return None
    base = np.array(described.base_vertex_of_head_vertex, dtype=np.int64)
    fits = 0 < len(base) <= len(mesh.vertices) and len(np.unique(base)) == len(base)
    return base if fits else None


def shared_placement(
    meshes: Sequence[Mesh], base_vertices: NDArray[Any], topology: Topology
) -> Placement:
    """Landmarks on a head that shares the body model's mesh; exact.

    Parameters
    ----------
    meshes : sequence of Mesh
        Of the head; one has the name `SKIN_MESH`.
    base_vertices : ndarray, shape (M,)
        Base-mesh vertex of the first M vertices of that mesh.
    topology : Topology

    Raises
    ------
    ValueError
        If the head lacks the mesh or a vertex that a landmark lies on.
    """
    index = next((i for i, m in enumerate(meshes) if m.name == SKIN_MESH), None)
    if index is None:
        raise ValueError(f"the head has no mesh named {SKIN_MESH!r}")
    mesh = meshes[index]
    base_corners, base_weights = _on_base(topology)
    vertex_of = np.full(max(int(base_vertices.max()), int(base_corners.max())) + 1, -1)
    vertex_of[base_vertices] = np.arange(len(base_vertices))
    local = vertex_of[base_corners]
    used = base_weights > 0.0
    missing = np.flatnonzero((used & (local < 0)).any(axis=1))
    if len(missing):
        name = topology.landmarks[missing[0]].name
        raise ValueError(f"{topology.name}: the head's skin lacks the place of {name!r}")
    strongest = local[np.arange(len(local)), base_weights.argmax(axis=1)]
    local = np.where(used, local, strongest[:, None])

    places = _places(mesh, base_vertices, local, base_weights)
    corners, weights, known = places.on(mesh.triangles, len(mesh.vertices))
    rest = ~known
    corners[rest], weights[rest] = _nearest(mesh, local[rest], base_weights[rest])
    return Placement(
        topology.name,
        topology.version,
        np.full(len(local), index, dtype=np.int32),
        corners.astype(np.int32),
        weights,
    )


_PLACES: dict[tuple[object, ...], QuadPlaces] = {}


def _places(
    mesh: Mesh,
    base_vertices: NDArray[Any],
    local: NDArray[Any],
    weights: NDArray[Any],
) -> QuadPlaces:
    """Places in quads; found once for all people who share a mesh."""
    key = (
        len(mesh.vertices),
        len(mesh.triangles),
        *(hashlib.sha256(a.tobytes()).digest() for a in (base_vertices, local, weights)),
    )
    if key not in _PLACES:
        if len(_PLACES) >= _KEPT:
            _PLACES.clear()
        count = len(mesh.vertices)
        _PLACES[key] = quad_places(
            mesh.triangles,
            len(base_vertices),
            count,
            local,
            weights,
            mesh.vertices.astype(np.float64),
        )
    return _PLACES[key]


def _nearest(
    mesh: Mesh, local: NDArray[Any], weights: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Corners and weights on the triangles around landmarks' own vertices (L, 3)."""
    vertices = mesh.vertices.astype(np.float64)
    wanted = np.einsum("lc,lci->li", weights, vertices[local])
    near = mesh.triangles
    own = np.zeros(len(vertices), dtype=bool)
    own[local] = True
    for _ in range(2):
        touching = own[near].any(axis=1)
        own[near[touching]] = True
    near = near[touching]
    mark, triangle = _around(near, local, len(vertices))
    corners = near[triangle]
    found_weights = closest_on_triangles(wanted[mark], vertices[corners])
    found = np.einsum("nc,nci->ni", found_weights, vertices[corners])
    gap = np.linalg.norm(found - wanted[mark], axis=1)
    order = np.lexsort((triangle, np.round(gap, 9), mark))
    best = order[np.searchsorted(mark[order], np.arange(len(local)))]
    return corners[best], found_weights[best]


@functools.lru_cache(maxsize=16)
def _on_base(topology: Topology) -> tuple[NDArray[Any], NDArray[Any]]:
    corners = np.array([mark.corners for mark in topology.landmarks])
    return corners, np.array([mark.weights for mark in topology.landmarks])


def _around(triangles: Ints, local: NDArray[Any], count: int) -> tuple[Any, Any]:
    """Pairs of landmark and triangle: those at a landmark's vertices and those next to them.

    A base face is refined into four, each cut along either diagonal; every piece touches a
    vertex of the base face or lies beside a triangle that does.
    """
    order = np.argsort(triangles.ravel(), kind="stable")
    owner = order // 3
    start = np.searchsorted(triangles.ravel()[order], np.arange(count + 1))

    def at(rows: NDArray[Any], vertices: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        many = start[vertices + 1] - start[vertices]
        first = np.repeat(start[vertices] - np.cumsum(many) + many, many)
        return np.repeat(rows, many), owner[first + np.arange(many.sum())]

    rows, touching = at(np.repeat(np.arange(len(local)), 3), local.ravel())
    key = np.unique(rows * len(triangles) + touching)
    rows, touching = key // len(triangles), key % len(triangles)
    beside = _neighbours(triangles, count)[touching]
    known = beside >= 0
    more = np.repeat(rows, 3)[known.ravel()] * len(triangles) + beside[known]
    key = np.unique(np.concatenate([key, more]))
    return key // len(triangles), key % len(triangles)


def _neighbours(triangles: Ints, count: int) -> NDArray[Any]:
    """The triangle beyond each edge, shape (T, 3); -1 on the border."""
    ends = np.sort(np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=-1), axis=-1)
    key = (ends[..., 0].astype(np.int64) * count + ends[..., 1]).ravel()
    order = np.argsort(key, kind="stable")
    same = np.flatnonzero(key[order][1:] == key[order][:-1])
    beyond = np.full(len(key), -1, dtype=np.int64)
    beyond[order[same]] = order[same + 1] // 3
    beyond[order[same + 1]] = order[same] // 3
    return beyond.reshape(-1, 3)


def landmarks_of(
    asset: HeadAsset,
    base_vertices: NDArray[Any] | None = None,
    topologies: Sequence[str] = TOPOLOGIES,
) -> HeadLandmarks:
    """Placements of topologies on a head, and the lines of its outline.

    Parameters
    ----------
    asset : HeadAsset
    base_vertices : ndarray, shape (M,), optional
        Base-mesh vertex of the first M vertices of the mesh `SKIN_MESH`; without it, what the
        description beside the head's file says. Where there is none either, the landmarks are
        those that a person saved for this head, or else proposed by registration.
    topologies : sequence of str
        Names of shipped topologies.

    Raises
    ------
    store.TopologyError
        For a name that is not shipped.
    ValueError
        If the landmarks cannot be placed.
    """
    base = base_vertices if base_vertices is not None else base_vertices_of(asset)
    known = [store.load(name) for name in dict.fromkeys((*topologies, OUTLINED))]
    residual = None
    if base is not None:
        placements = [shared_placement(asset.meshes, base, topology) for topology in known]
    else:
        from app.topology.default_head import default_head
        from app.topology.placement_file import foreign_placements

        kept, residual = foreign_placements(asset, known, default_head())
        placements = list(kept)
    by_name = {placement.topology: placement for placement in placements}
    lines = outline_lines(asset.meshes, by_name[OUTLINED])
    return HeadLandmarks(tuple(by_name[name] for name in topologies), lines, residual)

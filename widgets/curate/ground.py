"""Heads that a topology is edited on: what is drawn, where landmarks lie, what a ray meets."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.curate.head_surface import HeadSurface
from app.curate.mean_head import MeanHead, mean_head
from app.curate.surface import Spots, Surface
from app.geometry.rotations import Array
from app.head.asset import BoneRoles, HeadAsset, Material, Mesh, Skeleton, Source, ZeroPose
from app.topology.default_head import default_head
from app.topology.landmarks import SKIN_MESH, base_vertices_of
from app.topology.topology import Landmark

CLAY: Final = Material("clay", "skin", (0.36, 0.31, 0.285))
EYE: Final = Material("eye", "other", (0.5, 0.5, 0.49))


@dataclass(frozen=True, eq=False)
class Ground:
    """A head made from the body model, at zero pose.

    Places are those of the mean head (`MeanHead.surface`): the same on every such head.

    Attributes
    ----------
    title : str
    asset : HeadAsset
        What is drawn.
    mean : MeanHead
    head : HeadSurface, optional
        Its skin; None for the mean head, whose skin the places are of.
    """

    title: str
    asset: HeadAsset
    mean: MeanHead
    head: HeadSurface | None = None

    @property
    def surface(self) -> Surface:
        return self.mean.surface if self.head is None else self.head.surface

    def positions(self, marks: Sequence[Landmark]) -> Array:
        """Where landmarks lie, shape (L, 3), metres, world at zero pose."""
        if self.head is None or not marks:
            return np.array([mark.mean for mark in marks]).reshape(-1, 3)
        own = self.head.from_mean(self.mean.spots(marks))
        there = own.triangles >= 0
        found = np.array([mark.mean for mark in marks])
        found[there] = self.surface.at(Spots(own.triangles[there], own.weights[there]))
        return found

    def spot(self, origin: Array, direction: Array) -> Spots | None:
        """The place that a ray meets; None beside the skin."""
        met = self.surface.ray(origin, direction)
        return self._on_mean(met[0]) if met is not None else None

    def spot_beside(self, origin: Array, direction: Array) -> Spots | None:
        """The place that a ray meets, or else that it passes nearest to."""
        return self._on_mean(self.surface.beside(origin, direction))

    def point(self, origin: Array, direction: Array) -> Array | None:
        """Where in the world a ray meets the skin, shape (3,)."""
        met = self.surface.ray(origin, direction)
        return self.surface.at(met[0])[0] if met is not None else None

    def _on_mean(self, spots: Spots) -> Spots | None:
        found = spots if self.head is None else self.head.on_mean(spots)
        return found if found.triangles[0] >= 0 else None


@functools.cache
def mean_ground() -> Ground:
    """The mean head, on which landmarks are defined."""
    head = mean_head()
    used = np.unique(head.surface.triangles)
    place = np.full(len(head.surface.vertices), -1, np.int32)
    place[used] = np.arange(len(used))
    outer = place[head.surface.triangles[head.outer]]
    skin = shaded(SKIN_MESH, head.surface.vertices[used], outer, 0)
    eyes = _moved_eyes(head)
    asset = _bust("Mean head", (skin, eyes), (CLAY, EYE))
    return Ground("Mean head", asset, head)


@functools.cache
def default_ground() -> Ground:
    """The head that comes with the program and is read without Blender.

    Raises
    ------
    OSError, ValueError
        When its files are missing or damaged.
    """
    whole, head = default_head(), mean_head()
    base = base_vertices_of(whole)
    skin = next(mesh for mesh in whole.meshes if mesh.name == SKIN_MESH)
    if base is None:
        raise ValueError("the default head lacks the description of its mesh")
    drawn = [
        shaded(mesh.name, mesh.vertices, mesh.triangles, int(mesh.name != SKIN_MESH))
        for mesh in whole.meshes
        if mesh.name in (SKIN_MESH, "Eyes")
    ]
    asset = _bust(whole.name.capitalize(), tuple(drawn), (CLAY, EYE))
    return Ground(asset.name, asset, head, HeadSurface.of(skin, base, head.skin))


def shaded(name: str, vertices: NDArray[Any], triangles: NDArray[Any], material: int) -> Mesh:
    """A mesh with smooth normals that hangs on one bone.

    Parameters
    ----------
    vertices : ndarray, shape (V, 3), metres
    triangles : ndarray, shape (T, 3)
    material : int
    """
    surface = Surface(np.asarray(vertices, np.float64), triangles)
    count = len(triangles)
    return Mesh(
        name,
        np.asarray(vertices, np.float32),
        np.asarray(triangles, np.int32),
        np.zeros((count, 3, 2), np.float32),
        surface.vertex_normals[triangles].astype(np.float32),
        np.full(count, material, np.int32),
        np.zeros((len(vertices), 1), np.int32),
        np.ones((len(vertices), 1), np.float32),
    )


def _moved_eyes(head: MeanHead) -> Mesh:
    """The default head's eyes brought to where the mean head's are."""
    whole = default_head()
    eyes = next(mesh for mesh in whole.meshes if mesh.name == "Eyes")
    base = base_vertices_of(whole)
    skin = next(mesh for mesh in whole.meshes if mesh.name == SKIN_MESH)
    vertices = eyes.vertices.astype(np.float64)
    if base is not None:
        own = skin.vertices[: len(base)].astype(np.float64)
        for side in (-1.0, 1.0):
            mine = vertices[:, 0] * side > 0.0
            centre = vertices[mine].mean(axis=0)
            near = np.argsort(np.linalg.norm(own - centre, axis=1))[:60]
            vertices[mine] += (head.surface.vertices[base[near]] - own[near]).mean(axis=0)
    return shaded("Eyes", vertices, eyes.triangles, 1)


def _bust(name: str, meshes: tuple[Mesh, ...], materials: tuple[Material, ...]) -> HeadAsset:
    """Meshes at zero pose that no pose moves."""
    still = np.eye(4)[None]
    heights = np.concatenate([mesh.vertices[:, 2] for mesh in meshes[:1]])
    return HeadAsset(
        name,
        f"bust-{name}",
        Path(),
        tuple(replace(mesh) for mesh in meshes),
        materials,
        Skeleton(("head",), np.array([-1], np.int32), still, np.array([[0.0, 0.0, 0.1]])),
        BoneRoles(("head",)),
        ZeroPose(np.eye(3), 0.0, "It stands as it is drawn."),
        np.zeros(3),
        float(heights.max() - heights.min()) * 0.72,
        Source("", "", 0, "", 1.0, 0.0),
    )

"""A head seen from several sides and with several expressions, ready to be worked on as pictures.

Places are those of the mean head, so that one edit shows in all pictures at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from app.curate.casting import Bytes
from app.curate.head_surface import HeadSurface
from app.curate.mean_head import MeanHead
from app.curate.surface import Spots
from app.geometry.pinhole import Pinhole
from app.geometry.rotations import Array
from app.head.asset import HeadAsset
from app.head.pose import HeadPose
from app.head.skinning import pose_vertices
from app.scene.placement import pinhole
from app.scene.presets import default_scene
from app.scene.scene import Camera, HeadFile
from app.topology.landmarks import SKIN_MESH, base_vertices_of
from app.topology.topology import Landmark

SIZE: Final = 560
_DISTANCE: Final = 0.9
_FIELD: Final = 17.5
_AWAY: Final = 0.08
"""Cosine between skin and camera below which a point counts as turned away."""


@dataclass(frozen=True)
class Side:
    """Where a camera stands, in degrees about the head, and the expression."""

    name: str
    azimuth: float = 0.0
    elevation: float = 0.0
    shapes: Mapping[str, float] = field(default_factory=dict)


SMILE: Final = {"mouthSmileLeft": 0.9, "mouthSmileRight": 0.9, "cheekSquintLeft": 0.5}
OPEN: Final = {"jawOpen": 0.75, "eyeWideLeft": 0.6, "eyeWideRight": 0.6, "browInnerUp": 0.6}
SIDES: Final = (
    Side("Front"),
    Side("Three-quarter", 38.0),
    Side("Profile", 88.0),
    Side("Smile", 0.0, 0.0, SMILE),
    Side("Open mouth", -20.0, 0.0, OPEN),
    Side("From below", 0.0, -28.0),
)


@dataclass(frozen=True, eq=False)
class SideView:
    """One picture with what was in it.

    Attributes
    ----------
    name : str
    picture : ndarray, shape (H, W, 3), uint8, RGB
    view : Pinhole
    head : HeadSurface
        The skin as the picture shows it.
    """

    name: str
    picture: Bytes
    view: Pinhole
    head: HeadSurface

    def points(self, own: Spots) -> tuple[Array, Array]:
        """Landmarks in the picture.

        Parameters
        ----------
        own : Spots
            On this head; see `places`.

        Returns
        -------
        (ndarray, ndarray)
            Pixels, shape (L, 2), NaN for what has no place; and whether each faces the camera.
        """
        pixels = np.full((len(own), 2), np.nan)
        toward = np.zeros(len(own), dtype=bool)
        there = np.flatnonzero(own.triangles >= 0)
        if len(there):
            found = own[there]
            at = self.head.surface.at(found)
            way = self.view.position - at
            way /= np.linalg.norm(way, axis=1, keepdims=True)
            pixels[there] = self.view.project(at)
            facing = np.einsum("ni,ni->n", way, self.head.surface.facing(found))
            toward[there] = facing > _AWAY
        return pixels, toward

    def spot(self, pixel: tuple[float, float]) -> Spots | None:
        """The place of the mean head under a pixel; None beside the skin."""
        met = self.head.surface.ray(*self.view.ray(pixel))
        if met is None:
            return None
        found = self.head.on_mean(met[0])
        return found if found.triangles[0] >= 0 else None


def places(marks: Sequence[Landmark], mean: MeanHead, head: HeadSurface) -> Spots:
    """Landmarks as places of one head, whatever its expression; row -1 where it has none."""
    return head.from_mean(mean.spots(marks))


def surface_of(asset: HeadAsset, mean: MeanHead) -> HeadSurface:
    """A head's skin at rest.

    Raises
    ------
    ValueError
        If the head does not share the body model's mesh.
    """
    base = base_vertices_of(asset)
    mesh = next((one for one in asset.meshes if one.name == SKIN_MESH), None)
    if base is None or mesh is None:
        raise ValueError(f"{asset.name} does not share the mesh that landmarks are defined on")
    return HeadSurface.of(mesh, base, mean.skin)


def side_views(
    asset: HeadAsset, mean: MeanHead, sides: Sequence[Side] = SIDES, size: int = SIZE
) -> Iterator[SideView]:
    """Pictures by OpenGL, one after the other; the context lives as long as this is iterated.

    Raises
    ------
    ValueError
        As `surface_of`.
    NoOpenGLError
        Where there is no OpenGL to be had.
    """
    from app.raster.renderer import RasterRenderer

    rest = surface_of(asset, mean)
    index = next(i for i, mesh in enumerate(asset.meshes) if mesh.name == SKIN_MESH)
    known = set(asset.shape_names)
    scene = default_scene(HeadFile(""))
    renderer = RasterRenderer()
    try:
        renderer.open(asset)
        for side in sides:
            shapes = {name: value for name, value in side.shapes.items() if name in known}
            pose = HeadPose(shapes=shapes)
            camera = Camera(
                name=side.name,
                distance=_DISTANCE,
                azimuth=side.azimuth,
                elevation=side.elevation,
                field_of_view=_FIELD,
                width=size,
                height=size,
            )
            layers = renderer.render(replace(scene, camera=camera, pose=pose), None)
            alpha = layers.alpha[..., None]
            mixed = alpha * layers.color + (1.0 - alpha) * 44.0
            picture = np.clip(np.round(mixed), 0, 255).astype(np.uint8)
            skin = pose_vertices(asset, pose)[index].astype(np.float64)
            yield SideView(side.name, picture, pinhole(camera), rest.posed(skin))
    finally:
        renderer.close()

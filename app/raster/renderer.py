"""Pictures and ground truth by off-screen OpenGL, for volume."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.geometry.pinhole import Pinhole
from app.head.asset import HeadAsset
from app.head.pose import HeadPose
from app.head.skinning import head_matrix
from app.raster.body import Body
from app.raster.color import ColorPass
from app.raster.exact import ExactPass
from app.raster.surfaces import surfaces
from app.raster.textures import Textures
from app.scene.layers import Layers
from app.scene.placement import pinhole
from app.scene.room import Room
from app.scene.scene import Scene

Floats = NDArray[np.float32]


class RasterRenderer:
    """Renders one head after another. Make, use and close it in one thread.

    A picture depends on what is asked for alone, never on the pictures before it.

    Raises
    ------
    NoOpenGLError
        Where there is no OpenGL to be had.
    """

    def __init__(self) -> None:
        self._exact = ExactPass()
        self._color = ColorPass()
        self._asset: HeadAsset | None = None
        self._body: Body | None = None
        self.warnings: tuple[str, ...] = ()

    def open(self, asset: HeadAsset) -> None:
        """Take a head in place of the one before."""
        pieces = surfaces(asset)
        pictures = Textures(asset.folder)
        body = Body(asset, pieces)
        self._exact.open(body, pieces, pictures)
        self._color.open(body, body.pose(HeadPose()), pieces, pictures)
        self._asset, self._body = asset, body
        self.warnings = tuple(pictures.warnings)

    def render(self, scene: Scene, room: Room | None) -> Layers:
        """Picture and ground truth of the open head.

        Where ``room`` is None and ``scene.environment.visible`` is false, what is behind the head
        stays empty and shows in ``Layers.alpha``.
        """
        if self._body is None or self._asset is None:
            raise ValueError("Open a head before rendering.")
        view = pinhole(scene.camera)
        posed = self._body.pose(scene.pose)
        planes = _planes(view, posed.vertices)
        exact = self._exact.draw(posed.vertices, view, *planes)
        centre = head_matrix(self._asset, scene.pose)[:3, 3] - [0.0, 0.0, 0.05]
        color, alpha = self._color.draw(
            posed, scene.lights, scene.environment, view, planes, exact, centre
        )
        vertices = self._body.split(posed.vertices)
        return Layers(color, alpha, exact.depth, exact.segments, vertices)

    def close(self) -> None:
        """Give back windows and memory."""
        self._exact.close()
        self._color.close()
        self._body = None


def _planes(view: Pinhole, points: Floats) -> tuple[float, float]:
    """Depths that enclose the points as tightly as the camera's own limits allow."""
    axis = -view.matrix_world[:3, 2]
    depths = points @ axis.astype(np.float32) - np.float32(view.position @ axis)
    near = max(float(depths.min(initial=np.inf)) - 1e-3, view.clip_start)
    far = min(float(depths.max(initial=-np.inf)) + 1e-3, view.clip_end)
    return (near, far) if far > near else (view.clip_start, view.clip_end)

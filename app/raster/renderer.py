"""Pictures and ground truth by off-screen OpenGL, for volume."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.geometry.pinhole import Pinhole
from app.head.asset import HeadAsset
from app.head.pose import HeadPose
from app.head.skinning import head_matrix
from app.raster.body import Body
from app.raster.color import ColorPass, Stage
from app.raster.exact import ExactPass
from app.raster.rooms import room_surfaces
from app.raster.surfaces import surfaces
from app.raster.textures import Textures
from app.scene.layers import Layers
from app.scene.lighting import shining
from app.scene.placement import pinhole
from app.scene.room import Room
from app.scene.scene import Scene

Floats = NDArray[np.float32]

CENTRE: Final = np.array([0.0, 0.0, -0.05])
"""From the head centre to the middle of what casts shadows, metres."""
ROOM_NEAR: Final = 0.02
"""Metres before the camera at which a room begins; nearer would cost depth its precision."""
ROOMS_KEPT: Final = 3
LARGEST_TEXTURE: Final = 1024
"""Texels along an edge: more than pixels show, and less to make ready for each head."""


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
        self._rooms: dict[int, Room] = {}
        self._rooms_made = 0
        self.warnings: tuple[str, ...] = ()

    def open(self, asset: HeadAsset) -> None:
        """Take a head in place of the one before."""
        pieces = surfaces(asset)
        pictures = Textures(asset.folder, LARGEST_TEXTURE)
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
        key, lights = None, shining(scene.lights)
        near, far = _planes(view, posed.vertices)
        if room is not None:
            key, lights = self._key_of(room), lights + shining(room.lights)
            near, far = max(min(near, ROOM_NEAR), view.clip_start), view.clip_end
        exact = self._exact.draw(posed.vertices, view, near, far, key)
        centre = head_matrix(self._asset, scene.pose)[:3, 3] + CENTRE
        stage = Stage(view, near, far, centre, lights, scene.environment, key)
        color, alpha = self._color.draw(posed, exact, stage)
        vertices = self._body.split(posed.vertices)
        return Layers(color, alpha, exact.depth, exact.segments, vertices)

    def close(self) -> None:
        """Give back windows and memory."""
        self._exact.close()
        self._color.close()
        self._asset, self._body, self._rooms = None, None, {}

    def _key_of(self, room: Room) -> int:
        """The number of a room, which is made ready; those of the last few rooms are kept."""
        for key, known in self._rooms.items():
            if known is room:
                self._rooms[key] = self._rooms.pop(key)
                return key
        while len(self._rooms) >= ROOMS_KEPT:
            oldest = next(iter(self._rooms))
            del self._rooms[oldest]
            self._exact.drop_room(oldest)
            self._color.drop_room(oldest)
        self._rooms_made += 1
        parts = room_surfaces(room)
        self._exact.add_room(self._rooms_made, parts)
        self._color.add_room(self._rooms_made, parts)
        self._rooms[self._rooms_made] = room
        return self._rooms_made


def _planes(view: Pinhole, points: Floats) -> tuple[float, float]:
    """Depths that enclose the points as tightly as the camera's own limits allow."""
    axis = -view.matrix_world[:3, 2]
    depths = points @ axis.astype(np.float32) - np.float32(view.position @ axis)
    near = max(float(depths.min(initial=np.inf)) - 1e-3, view.clip_start)
    far = min(float(depths.max(initial=-np.inf)) + 1e-3, view.clip_end)
    return (near, far) if far > near else (view.clip_start, view.clip_end)

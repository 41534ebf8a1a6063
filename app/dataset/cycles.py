"""Pictures of data sets by Cycles, in Blender's worker."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.blender.client import Blender
from app.blender.protocol import Cancelled, Done, Failed
from app.blender.room_file import write_room
from app.files import read_bytes
from app.head.asset import HeadAsset
from app.head.skinning import MeshPoser, chain_motions
from app.jobs import JobCancelledError, JobError
from app.scene.layers import Layers
from app.scene.room import Room
from app.scene.scene import Scene

_TRIES: Final = 3
_ROOMS_KEPT: Final = 4
_LEAST_SECONDS: Final = 120.0
_SECONDS_A_SAMPLE: Final = 1e-4
"""Per pixel, a hundred times what a slow machine takes: beyond it the worker hangs."""

_COLOR_LIMIT: Final = 2**30


class RenderError(JobError):
    """A picture that Cycles could not make; the message is one line."""


class CyclesRenderer:
    """Renders through Blender; an `app.dataset.renderer.Renderer`.

    Parameters
    ----------
    blender : Blender
        Stays the caller's, who closes it.
    """

    def __init__(self, blender: Blender) -> None:
        self._blender = blender
        self._asset: HeadAsset | None = None
        self._posers: tuple[MeshPoser, ...] = ()
        self._folder: Path | None = None
        self._rooms: list[tuple[Room, Path]] = []
        self._rooms_made = 0
        self.seconds: dict[str, float] = {}
        """What the parts of the last picture took."""

    def open(self, asset: HeadAsset) -> None:
        """Take a head, which has a ``head.blend`` in its folder."""
        self._asset = asset
        self._posers = tuple(MeshPoser(asset, mesh) for mesh in asset.meshes)

    def render(self, scene: Scene, room: Room | None) -> Layers:
        """Picture and ground truth of the open head.

        Raises
        ------
        RenderError
        JobCancelledError
        OSError
            When the temporary folder cannot be written.
        """
        if self._asset is None:
            raise RenderError("Open a head before rendering it.")
        output = self._scratch()
        request: dict[str, Any] = {
            "asset": str(self._asset.folder.absolute()),
            "scene": msgspec.to_builtins(scene),
            "output": str(output),
            "room": None if room is None else str(self._file_of(room)),
            "lights": [] if room is None else msgspec.to_builtins(room.lights),
        }
        self.seconds = self._run(request, scene)
        color, alpha = _read_color(output / "color.png")
        motions = chain_motions(self._asset, scene.pose)
        return Layers(
            color,
            alpha,
            np.load(output / "depth.npy"),
            np.load(output / "segments.npy"),
            tuple(p.pose(motions, scene.pose.shapes).vertices for p in self._posers),
        )

    def close(self) -> None:
        """Take away the temporary files."""
        self._asset, self._posers, self._rooms = None, (), []
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _scratch(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="headroom-cycles-"))
        for name in ("color.png", "depth.npy", "segments.npy"):
            (self._folder / name).unlink(missing_ok=True)
        return self._folder

    def _file_of(self, room: Room) -> Path:
        """The room's file; those of the last few rooms are kept."""
        for known, path in self._rooms:
            if known is room:
                return path
        assert self._folder is not None
        self._rooms_made += 1
        path = self._folder / f"room{self._rooms_made}.npz"
        write_room(path, room)
        self._rooms.append((room, path))
        for _, old in self._rooms[:-_ROOMS_KEPT]:
            for file in (old, *old.parent.glob(f"{old.stem}-*.png")):
                file.unlink(missing_ok=True)
        del self._rooms[:-_ROOMS_KEPT]
        return path

    def _run(self, request: dict[str, Any], scene: Scene) -> dict[str, float]:
        """Have it rendered; a worker that dies is replaced and the picture begun anew."""
        size = scene.camera.width * scene.camera.height
        limit = _LEAST_SECONDS + size * scene.render.samples * _SECONDS_A_SAMPLE
        for _ in range(_TRIES):
            match self._blender.submit("render_frame", request, timeout=limit).result():
                case Done(result):
                    return {k: float(v) for k, v in result["seconds"].items()}
                case Cancelled():
                    raise JobCancelledError
                case Failed("worker_died", message, detail):
                    last = RenderError(message, detail)
                case Failed(_, message, detail):
                    raise RenderError(message, detail)
        raise last


def _read_color(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Colour and alpha of an 8-bit PNG with both."""
    import cv2

    data = np.frombuffer(read_bytes(path, _COLOR_LIMIT), np.uint8)
    pixels = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.ndim != 3 or pixels.shape[2] != 4:
        raise RenderError("Blender's picture cannot be read back: try again.")
    color = np.ascontiguousarray(pixels[:, :, 2::-1])
    return color, pixels[:, :, 3].astype(np.float32) * np.float32(1.0 / 255.0)

"""Asking Blender for pictures, and reading what it made."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.files import write_bytes
from app.geometry.rotations import Array
from app.head.asset import HeadAsset
from app.scene.scene import Scene
from app.scene.segments import PALETTE

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class RenderResult:
    """What came out of a render.

    Attributes
    ----------
    files : dict of str to Path
        ``color`` (PNG, 8 bit, through the view transform), ``linear`` (the same light before it,
        EXR, 16-bit float), ``depth`` (EXR, float32), ``normals`` (EXR, float32),
        ``segmentation`` (indexed PNG): those that were asked for.
    width, height : int
    camera_matrix : ndarray, shape (4, 4)
        Camera to world as Blender had it, its own camera axes, metres.
    intrinsics : ndarray, shape (3, 3)
        OpenCV's K from Blender's projection, pixels.
    head_matrix : ndarray, shape (4, 4)
        Head centre in the world as Blender reports it.
    seconds : dict of str to float
        ``first_picture``, ``color``, ``ground_truth`` and ``total``, as far as there were any.
    notices : tuple of str
        What people should know of it, each in one line: that the CPU stood in for the GPU.
    """

    files: dict[str, Path]
    width: int
    height: int
    camera_matrix: Array
    intrinsics: Array
    head_matrix: Array
    seconds: dict[str, float]
    engine: str
    device: str
    samples: int
    blender: str
    notices: tuple[str, ...] = ()


def render_request(
    asset: HeadAsset, scene: Scene, output: Path, *, previews: bool
) -> dict[str, Any]:
    """Arguments of the operation ``render``; ``output`` is an existing folder."""
    return {
        "asset": str(asset.folder.absolute()),
        "scene": msgspec.to_builtins(scene),
        "output": str(output.absolute()),
        "previews": previews,
    }


def prepare_request(asset: HeadAsset) -> dict[str, Any]:
    """Arguments of ``prepare``: the head is opened and the next render starts sooner."""
    return {"asset": str(asset.folder.absolute())}


def blend_request(asset: HeadAsset, scene: Scene, output: Path) -> dict[str, Any]:
    """Arguments of ``save_blend``; ``output`` is the .blend to be written."""
    return {
        "asset": str(asset.folder.absolute()),
        "scene": msgspec.to_builtins(scene),
        "output": str(output.absolute()),
    }


def read_result(result: dict[str, Any]) -> RenderResult:
    """The worker's answer as a value."""
    width, height = result["size"]
    return RenderResult(
        files={name: Path(path) for name, path in result["files"].items()},
        width=int(width),
        height=int(height),
        camera_matrix=np.array(result["camera"]["matrix_world"], dtype=np.float64),
        intrinsics=np.array(result["camera"]["intrinsics"], dtype=np.float64),
        head_matrix=np.array(result["head_centre"], dtype=np.float64),
        seconds={name: float(value) for name, value in result["seconds"].items()},
        engine=str(result["engine"]),
        device=str(result["device"]),
        samples=int(result["samples"]),
        blender=str(result["blender"]),
        notices=tuple(result.get("notices", ())),
    )


def load_color(path: Path) -> Bytes:
    """RGB, shape (H, W, 3), of a PNG or JPEG.

    Raises
    ------
    OSError
        When the file is not there or not whole; so for all that follow.
    """
    return np.ascontiguousarray(_load(path, lambda cv2: cv2.IMREAD_COLOR)[:, :, ::-1])


def load_linear(path: Path) -> Floats:
    """Linear light, RGB, shape (H, W, 3)."""
    return _load(path, lambda cv2: cv2.IMREAD_UNCHANGED)[:, :, 2::-1].astype(np.float32)


def load_depth(path: Path) -> Floats:
    """Metres along the camera's −Z, shape (H, W); +inf where nothing is."""
    return _load(path, lambda cv2: cv2.IMREAD_UNCHANGED).astype(np.float32)


def load_normals(path: Path) -> Floats:
    """Unit vectors, shape (H, W, 3), in the camera's frame (x right, y up, z towards it).

    Zero where nothing is.
    """
    return _load(path, lambda cv2: cv2.IMREAD_UNCHANGED)[:, :, 2::-1].astype(np.float32)


def load_segmentation(path: Path) -> Bytes:
    """Index into `app.scene.segments.SEGMENTS` of each pixel, shape (H, W)."""
    colors = load_color(path)
    known = (colors[:, :, None, :] == np.array(PALETTE, dtype=np.uint8)).all(axis=-1)
    if not known.any(axis=-1).all():
        raise OSError(f"{path} holds colours that stand for no segment")
    indices: Bytes = known.argmax(axis=-1).astype(np.uint8)
    return indices


def _load(path: Path, flag: Callable[[Any], int]) -> NDArray[Any]:
    """OpenCV reads EXR only where this was set before its import."""
    os.environ.setdefault("OPENCV_IO_ENABLE_OPENEXR", "1")
    import cv2

    data = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    picture = cv2.imdecode(data, flag(cv2)) if len(data) else None
    if picture is None:
        raise OSError(f"{path} is no whole picture")
    return np.asarray(picture)


def save_picture(picture: Path | Bytes, target: Path) -> None:
    """Write a picture, RGB of shape (H, W, 3) or a file of one, as its new name's ending says.

    Raises
    ------
    OSError
    """
    pixels = load_color(picture) if isinstance(picture, Path) else picture
    import cv2

    quality = [cv2.IMWRITE_JPEG_QUALITY, 95]
    done, data = cv2.imencode(target.suffix.lower(), pixels[:, :, ::-1], quality)
    if not done:
        raise OSError(f"{target} cannot be written as a picture")
    write_bytes(target, data.tobytes())

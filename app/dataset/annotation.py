"""The JSON beside a picture of a data set: all that its four lines of text lack.

Schema ``headroom-frame``, version 1; ``docs/data-sets.md`` tells every field. Metres have six
decimals and pixels three, which is finer than a renderer is exact. What a picture is made from
stands in it whole, under ``frame``, so that the very picture can be had again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.dataset.frame import Frame
from app.geometry.pinhole import Pinhole
from app.geometry.rotations import Array
from app.head.asset import HeadAsset
from app.head.skinning import head_matrix
from app.scene.annotations import UNITS, camera_block, centre_block, head_poses
from app.scene.segments import SEGMENTS
from app.topology.truth import OUTLINE, LandmarkTruth

SCHEMA: Final = "headroom-frame"
VERSION: Final = 1

PIXEL_DECIMALS: Final = 3
METRE_DECIMALS: Final = 6
MATRIX_DECIMALS: Final = 9

FRAME_UNITS: Final = {
    **UNITS,
    "depth": "metres along the camera's -Z (planar), float32, +inf where nothing is",
    "head": "right-handed, origin at the head centre, axes of the world at zero pose",
}
FIXED: Final = "fixed on the mesh"
ON_THE_OUTLINE: Final = "points 0 to 16 of ibug-68 where the visible outline of the face runs"


class AnnotationError(ValueError):
    """The JSON is no annotation of a frame; the message is one line that says why."""


def annotation(
    asset: HeadAsset,
    frame: Frame,
    truths: Sequence[LandmarkTruth],
    view: Pinhole,
    *,
    renderer: str,
    seed: int,
    person: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything that is known exactly about a picture, but for its files.

    Parameters
    ----------
    asset : HeadAsset
        Of the frame's head.
    frame : Frame
    truths : sequence of LandmarkTruth
    view : Pinhole
        The camera that took the picture.
    renderer : str
        ``"raster"`` or ``"cycles"``.
    seed : int
        Of the whole data set.
    person : mapping, optional
        Parameters of a baked person as plain values.
    """
    scene = frame.scene
    placed = head_matrix(asset, scene.pose)
    centre = centre_block(view, placed)
    known = set(asset.shape_names)
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "units": FRAME_UNITS,
        "number": frame.number,
        "id": frame.id,
        "camera": _rounded(camera_block(view, scene.camera.name)),
        "head": {
            "name": asset.name,
            "file": frame.subject.head or frame.subject.person,
            "sha256": asset.source.sha256,
            "matrix": _rounded([[float(v) for v in row] for row in placed]),
            "centre": _rounded(centre),
            "distance": round(float(np.linalg.norm(placed[:3, 3] - view.position)), 9),
            "pose": _rounded(head_poses(placed[:3, :3], view.matrix_world[:3, :3])),
            "neck_share": {"head": scene.pose.head_share, "neck": 1.0 - scene.pose.head_share},
            "shapes": {k: v for k, v in scene.pose.shapes.items() if v and k in known},
        },
        "landmarks": {t.topology: _landmarks(t, view, placed) for t in truths},
        "mask": {"values": dict(enumerate_segments())},
        "person": None if person is None else dict(person),
        "renderer": renderer,
        "seed": seed,
        "frame": msgspec.to_builtins(frame, enc_hook=_plain),
    }


def enumerate_segments() -> list[tuple[str, str]]:
    """What each value of a mask stands for; keys are text, as JSON has them."""
    return [(str(value), name) for value, name in enumerate(SEGMENTS)]


def encode(content: Mapping[str, Any]) -> bytes:
    """The file's bytes: one line of JSON.

    Raises
    ------
    AnnotationError
        When a path in it is no text.
    """
    try:
        return msgspec.json.encode(content) + b"\n"
    except UnicodeEncodeError:
        raise AnnotationError("a path in it is not UTF-8: rename the file or its folder") from None


def decode(data: bytes, name: str = "The annotation") -> dict[str, Any]:
    """What `encode` wrote.

    Raises
    ------
    AnnotationError
        When it is damaged or of another kind or a later version.
    """
    try:
        content = msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        said = " ".join(str(problem).split())[:120]
        raise AnnotationError(f"{name} is damaged: {said}") from None
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise AnnotationError(f"{name} is no annotation of a data set ({SCHEMA})")
    version = content.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise AnnotationError(f"{name} has version {version}, this Headroom reads up to {VERSION}")
    return content


def frame_of(content: Mapping[str, Any]) -> Frame:
    """What the picture was made from; ``frame.scene`` can be opened in the window.

    Raises
    ------
    AnnotationError
    """
    try:
        return msgspec.convert(content.get("frame"), Frame)
    except msgspec.ValidationError as problem:
        said = " ".join(str(problem).split())[:160]
        raise AnnotationError(f"the annotation's frame cannot be read: {said}") from None


def _plain(value: Any) -> Any:
    """A number of numpy as one of Python."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"a frame cannot hold a {type(value).__name__}")


def _landmarks(truth: LandmarkTruth, view: Pinhole, placed: Array) -> dict[str, Any]:
    in_head = (truth.world - placed[:3, 3]) @ placed[:3, :3]
    return {
        "version": truth.version,
        "meaning": ON_THE_OUTLINE if truth.topology == OUTLINE else FIXED,
        "pixels": _points(truth.pixels, PIXEL_DECIMALS),
        "camera": _points(view.to_camera(truth.world), METRE_DECIMALS),
        "head": _points(in_head, METRE_DECIMALS),
        "visible": np.asarray(truth.visible, dtype=bool).tolist(),
    }


def _points(values: NDArray[Any], decimals: int) -> list[Any]:
    """Rows of numbers; None for a row that is not finite."""
    finite = np.isfinite(values).all(axis=1)
    rows: list[Any] = (np.round(values, decimals) + 0.0).tolist()
    if not finite.all():
        rows = [row if good else None for row, good in zip(rows, finite, strict=True)]
    return rows


def _rounded(value: Any) -> Any:
    """The same with rounded numbers: the last bits of a matrix depend on the machine."""
    if isinstance(value, float):
        return round(value, MATRIX_DECIMALS) + 0.0
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return value

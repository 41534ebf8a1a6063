"""The files of one frame, written so that a frame is done or not begun.

All five are written whole under ``.partial`` in the data set's folder and then renamed, the
annotation last: where ``ann_<id>.json`` stands, the frame is done. Nothing is flushed to the disk
one by one; after a power cut a frame may be marked done whose bytes were never written, which
`app.dataset.check` finds by size and CRC.
"""

from __future__ import annotations

import os
import secrets
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.dataset import manifest, synface
from app.dataset.annotation import decode, encode
from app.dataset.depth_exr import encode_depth
from app.dataset.frame import Frame
from app.dataset.manifest import Row
from app.dataset.mask_png import encode_mask
from app.files import read_bytes

PARTIAL: Final = ".partial"
JPEG_QUALITY: Final = 95
ANNOTATION_LIMIT: Final = 16 * 2**20
NAMES: Final = {
    "color": ("rgb", "jpg"),
    "depth": ("depthExr", "exr"),
    "text": ("data", "txt"),
    "mask": ("mask", "png"),
    "annotation": ("ann", "json"),
}
"""Prefix and suffix of each kind's file name, in the order of their writing."""

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]


def write_frame(
    root: Path,
    frame: Frame,
    color: Bytes,
    depth: Floats,
    segments: Bytes,
    annotation: Mapping[str, Any],
) -> Row:
    """Write the files of a frame in place of any that are there.

    Parameters
    ----------
    root : Path
        The data set's folder.
    frame : Frame
    color : ndarray, shape (H, W, 3), uint8
        RGB.
    depth : ndarray, shape (H, W), float32
        Metres along the camera's −Z, +inf where nothing is.
    segments : ndarray, shape (H, W), uint8
    annotation : mapping
        From `app.dataset.annotation.annotation`.

    Returns
    -------
    Row
        Of the manifest.

    Raises
    ------
    ValueError
        When the pictures are not of the camera's size.
    OSError
        When they cannot be written, which names the file; the frame is then not marked done.
    """
    size = (annotation["camera"]["height"], annotation["camera"]["width"])
    if not (color.shape == (*size, 3) and depth.shape == size and segments.shape == size):
        raise ValueError(
            f"pictures of {color.shape}, {depth.shape} and {segments.shape} for a camera of {size}"
        )
    data = {
        "color": encode_color(color),
        "depth": encode_depth(depth),
        "text": _text(annotation).encode(),
        "mask": encode_mask(segments),
    }
    files = {
        kind: {"name": _name(frame, kind), "bytes": len(body), "crc32": zlib.crc32(body)}
        for kind, body in data.items()
    }
    content = {**annotation, "files": files}
    data["annotation"] = encode(content)
    place(root, {path_of(root, frame, kind): body for kind, body in data.items()})
    return manifest.row(content, frame, data["annotation"])


def path_of(root: Path, frame: Frame, kind: str) -> Path:
    """Where a file of a frame lies; ``kind`` is one of `NAMES`."""
    return root / frame.file(*NAMES[kind])


def is_done(root: Path, frame: Frame) -> bool:
    """Whether a frame's annotation is there, which is written last."""
    try:
        return path_of(root, frame, "annotation").stat().st_size > 0
    except OSError:
        return False


def row_of(root: Path, frame: Frame) -> Row:
    """The manifest's row of a frame that is done, as `write_frame` returned it.

    Raises
    ------
    AnnotationError
        When its annotation is damaged.
    OSError
    """
    path = path_of(root, frame, "annotation")
    data = read_bytes(path, ANNOTATION_LIMIT)
    return manifest.row(decode(data, path.name), frame, data)


def sweep(root: Path) -> int:
    """Remove what a killed run left half written, and return how many files that were.

    Only while nothing is being written.

    Raises
    ------
    OSError
    """
    partial, parts = root / PARTIAL, root / manifest.PARTS
    left = [
        *root.glob(f".{manifest.FILE}.*"),
        *(parts.glob(".*") if parts.is_dir() else ()),
        *(partial.iterdir() if partial.is_dir() else ()),
    ]
    for path in left:
        path.unlink(missing_ok=True)
    if partial.is_dir():
        partial.rmdir()
    return len(left)


def encode_color(color: Bytes) -> bytes:
    """A JPEG of quality 95 of RGB, shape (H, W, 3)."""
    import cv2

    bgr = cv2.cvtColor(color, cv2.COLOR_RGB2BGR)
    done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise ValueError(f"a picture of {color.shape} cannot be a JPEG")
    return bytes(data)


def _name(frame: Frame, kind: str) -> str:
    prefix, suffix = NAMES[kind]
    return f"{prefix}_{frame.id}.{suffix}"


def _text(annotation: Mapping[str, Any]) -> str:
    camera = np.array(annotation["camera"]["camera_matrix"])
    return synface.to_text(synface.describe(camera, np.array(annotation["head"]["matrix"])[:3, :3]))


def place(root: Path, files: Mapping[Path, bytes]) -> None:
    """Write all files aside and then rename them in order; the last one marks them done.

    Raises
    ------
    OSError
        Which names the file.
    """
    partial = root / PARTIAL
    token = secrets.token_hex(8)
    written: list[tuple[Path, Path]] = []
    target = root
    try:
        for number, (target, body) in enumerate(files.items()):
            temporary = partial / f"{token}.{number}"
            written.append((temporary, target))
            try:
                temporary.write_bytes(body)
            except FileNotFoundError:
                partial.mkdir(parents=True, exist_ok=True)
                temporary.write_bytes(body)
        for temporary, target in written:
            try:
                temporary.replace(target)
            except FileNotFoundError:
                target.parent.mkdir(parents=True, exist_ok=True)
                temporary.replace(target)
    except OSError as problem:
        for temporary, _ in written:
            temporary.unlink(missing_ok=True)
        problem.filename, problem.filename2 = os.fspath(target), None
        raise

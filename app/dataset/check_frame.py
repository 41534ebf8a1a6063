"""What can be wrong with one frame: files that are missing or damaged, or tell different things."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.dataset import manifest, synface
from app.dataset.annotation import AnnotationError, decode, frame_of
from app.dataset.depth_exr import DepthError, decode_depth
from app.dataset.files import ANNOTATION_LIMIT, NAMES
from app.dataset.mask_png import MaskError, decode_mask
from app.dataset.picture_size import picture_size
from app.dataset.reader import Sample
from app.files import read_bytes
from app.topology.locate import gap, rim_gap
from app.topology.truth import OUTLINE

FILE_LIMIT: Final = 512 * 2**20
LENGTH: Final = 1.001e-4
"""How far a rounded location may lie from the annotation's, metres."""
ANGLE: Final = 0.0101
"""The same for angles, degrees."""
SLACK: Final = 2e-4
"""Metres that a visible point may leave its surface beyond what its finding allows: rounding."""
PIXEL: Final = 0.01
"""How far a point's pixel may lie from the projection of its position."""
ROUNDING: Final = 0.002
"""Pixels by which a written point may have left its place."""
SPECKS: Final = 0.002
"""Share of a picture whose mask and depth may disagree: an effect softens edges."""

Problem = tuple[str, str]
"""Name of the file that is at fault, and one line that says what is wrong."""


def quick_problems(sample: Sample, row: Mapping[str, Any] | None) -> Iterator[Problem]:
    """Files that are missing or have another size than the manifest says."""
    yield from _missing(sample)
    if row is None:
        return
    for kind, name in sample.files.items():
        size = (sample.root / sample.folder / name).stat().st_size
        told = row.get(f"{kind}_bytes")
        if told is not None and size != told:
            yield name, _size_fault(size, told)


def problems(sample: Sample, row: Mapping[str, Any] | None) -> Iterator[Problem]:
    """Everything that is wrong with a frame of ours; ``row`` is the manifest's, if there is one."""
    yield from _missing(sample)
    name = sample.files.get("annotation")
    if name is None:
        return
    data = _bytes(sample, name, ANNOTATION_LIMIT)
    if isinstance(data, str):
        yield name, data
        return
    try:
        content = decode(data, name)
        frame = frame_of(content)
    except AnnotationError as fault:
        yield name, str(fault).removeprefix(f"{name} ")
        return
    if (frame.folder, frame.id) != (sample.folder, sample.id):
        yield name, f"belongs to {frame.folder}/{frame.id}"
        return
    try:
        yield from _row_problems(name, row, manifest.row(content, frame, data))
        yield from _content_problems(sample, name, content)
    except (KeyError, TypeError, ValueError, IndexError, msgspec.ValidationError) as fault:
        said = " ".join(str(fault).split())[:100]
        yield name, f"lacks what an annotation has, or has it in another form ({said})"


def foreign_problems(sample: Sample, *, with_depth: bool, quick: bool) -> Iterator[Problem]:
    """What is wrong with a sample that has no annotation, such as the papers' own.

    ``quick`` looks for missing and empty files alone.
    """
    for kind in ("color", "text", "depth") if with_depth else ("color", "text"):
        if kind not in sample.files:
            prefix, suffix = NAMES[kind]
            yield f"{prefix}_{sample.id}.{suffix}", "is missing"
    if quick:
        for name in sample.files.values():
            if (sample.root / sample.folder / name).stat().st_size == 0:
                yield name, "is empty"
        return
    sizes: dict[str, tuple[int, ...]] = {}
    for kind, name in sample.files.items():
        data = _bytes(sample, name, FILE_LIMIT)
        if isinstance(data, str):
            yield name, data
            continue
        fault, value = _decoded(kind, data, name)
        if fault:
            yield name, fault
        elif isinstance(value, np.ndarray):
            sizes[kind] = value.shape[:2]
    if len(set(sizes.values())) > 1:
        told = ", ".join(f"{kind} {s[1]} × {s[0]}" for kind, s in sizes.items())
        yield sample.files["color"], f"pictures differ in size: {told}"


def number_of(sample: Sample) -> int | None:
    """The number that the annotation tells; None where it cannot be read."""
    name = sample.files.get("annotation")
    data = _bytes(sample, name, ANNOTATION_LIMIT) if name else ""
    try:
        return None if isinstance(data, str) else int(decode(data)["number"])
    except (AnnotationError, KeyError, TypeError, ValueError):
        return None


def _missing(sample: Sample) -> Iterator[Problem]:
    if "annotation" not in sample.files:
        yield f"ann_{sample.id}.json", "is missing: the frame is not finished"
        return
    for kind, (prefix, suffix) in NAMES.items():
        if kind not in sample.files:
            yield f"{prefix}_{sample.id}.{suffix}", "is missing"


def _row_problems(
    name: str, row: Mapping[str, Any] | None, own: Mapping[str, Any]
) -> Iterator[Problem]:
    if row is None:
        return
    different = [key for key in own if key in row and row[key] != own[key]]
    if different:
        key = different[0]
        more = f" and {len(different) - 1} more" if len(different) > 1 else ""
        yield name, f"differs from the manifest in {key} ({own[key]}, not {row[key]}){more}"


def _content_problems(sample: Sample, name: str, content: Mapping[str, Any]) -> Iterator[Problem]:
    camera = content["camera"]
    size = (int(camera["height"]), int(camera["width"]))
    decoded: dict[str, Any] = {}
    for kind, about in content["files"].items():
        own = sample.files.get(kind)
        if own is None:
            continue
        data = _bytes(sample, own, FILE_LIMIT)
        if isinstance(data, str):
            yield own, data
            continue
        if len(data) != about["bytes"]:
            yield own, _size_fault(len(data), about["bytes"])
            continue
        if zlib.crc32(data) != about["crc32"]:
            yield own, "its bytes are not those that were written (CRC)"
            continue
        fault, value = _decoded(kind, data, own)
        if fault:
            yield own, fault
        elif isinstance(value, np.ndarray) and value.shape[:2] != size:
            yield own, f"is {value.shape[1]} × {value.shape[0]}, the camera {size[1]} × {size[0]}"
        else:
            decoded[kind] = value
    if "text" in decoded:
        yield from _text_problems(sample.files["text"], decoded["text"], content)
    yield from _landmark_problems(name, content, decoded.get("depth"))
    if "mask" in decoded and "depth" in decoded:
        yield from _mask_problems(sample.files["mask"], decoded["mask"], decoded["depth"], content)


def _decoded(kind: str, data: bytes, name: str) -> tuple[str, Any]:
    """What is wrong with a file, empty where nothing is, and what it holds."""
    try:
        if kind == "color":
            return _picture(data)
        if kind == "depth":
            return "", decode_depth(data, name)
        if kind == "mask":
            return "", decode_mask(data, name)
        if kind == "text":
            return "", synface.from_text(data.decode("utf-8", errors="replace"), name)
    except (DepthError, MaskError, synface.SynFaceError) as fault:
        return str(fault).removeprefix(name).lstrip(" :,"), None
    return "", None


def _picture(data: bytes) -> tuple[str, Any]:
    """A JPEG that is cut short still gives a picture, grey below: its end is looked for."""
    import cv2

    if not data:
        return "is empty", None
    try:
        picture_size(data)
    except (ValueError, struct.error):
        return "is no picture", None
    if data.startswith(b"\xff\xd8") and b"\xff\xd9" not in data[-64:]:
        return "is cut short", None
    picture = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
    return ("", picture) if picture is not None else ("cannot be decoded", None)


def _text_problems(
    name: str, note: synface.SynFaceText, content: Mapping[str, Any]
) -> Iterator[Problem]:
    own = synface.describe(
        np.array(content["camera"]["camera_matrix"]), np.array(content["head"]["matrix"])[:3, :3]
    )
    for what, told, known in (
        ("camera location", note.camera, own.camera),
        ("head location", note.head, own.head),
    ):
        if np.abs(np.subtract(told, known)).max() > LENGTH:
            yield name, f"the {what} differs from the annotation"
    for what, turned, expected in (
        ("camera rotation", note.camera_rotation, own.camera_rotation),
        ("head rotation", note.head_rotation, own.head_rotation),
    ):
        off = np.subtract(
            (turned.yaw, turned.pitch, turned.roll), (expected.yaw, expected.pitch, expected.roll)
        )
        if np.abs((off + 180.0) % 360.0 - 180.0).max() > ANGLE:
            yield name, f"the {what} differs from the annotation"


def _landmark_problems(
    name: str, content: Mapping[str, Any], depth: NDArray[Any] | None
) -> Iterator[Problem]:
    k = np.array(content["camera"]["intrinsics"])
    for topology, points in content["landmarks"].items():
        lists = [points[key] for key in ("pixels", "camera", "head", "visible")]
        if len({len(values) for values in lists}) != 1:
            yield name, f"{topology}: its lists differ in length"
            continue
        camera, visible = np.array(points["camera"]), np.array(points["visible"], dtype=bool)
        pixels = np.array([row or (np.nan, np.nan) for row in points["pixels"]], dtype=np.float64)
        front = camera[:, 2] > 1e-6
        projected = camera[front] @ k.T
        off = np.abs(projected[:, :2] / projected[:, 2:] - pixels[front])
        allowed = PIXEL + 1e-6 * k[0, 0] / camera[front, 2:]
        if not (off <= allowed).all():
            yield name, f"{topology}: pixels are not where the positions are projected"
        if (visible & ~np.isfinite(pixels).all(axis=1)).any():
            yield name, f"{topology}: a visible point has no pixel"
        elif depth is not None and visible.any():
            off_surface = _gap(topology, pixels[visible], camera[visible, 2], depth, k[0, 0])
            wrong = off_surface > SLACK
            if wrong.any():
                worst = off_surface[wrong].max() * 1000.0
                yield (
                    name,
                    f"{topology}: {int(wrong.sum())} of {len(wrong)} visible points are not on the "
                    f"surface that the depth shows (up to {worst:.1f} mm)",
                )


def _gap(
    topology: str, pixels: NDArray[Any], distance: NDArray[Any], depth: NDArray[Any], focal: float
) -> NDArray[Any]:
    """Gap of points that were rounded: the least within the rounding of their pixels."""
    moves = [np.array([x, y]) for x in (-ROUNDING, ROUNDING) for y in (-ROUNDING, ROUNDING)]
    if topology == OUTLINE:
        found = [rim_gap(pixels + move, distance, depth) for move in moves]
    else:
        found = [gap(pixels + move, distance, depth, focal) for move in moves]
    return np.asarray(np.min(found, axis=0))


def _mask_problems(
    name: str, mask: NDArray[Any], depth: NDArray[Any], content: Mapping[str, Any]
) -> Iterator[Problem]:
    there = np.isfinite(depth)
    empty = float(((mask > 0) & ~there).mean())
    if empty > SPECKS:
        yield name, f"{empty:.1%} of the picture is masked where the depth shows nothing"
    if content["frame"]["backdrop"]["kind"] != "room":
        bare = float(((mask == 0) & there).mean())
        if bare > SPECKS:
            yield name, f"{bare:.1%} of the picture has depth where the mask is background"


def _bytes(sample: Sample, name: str, limit: int) -> bytes | str:
    """The bytes of a file, or why they cannot be had."""
    path = Path(sample.root, sample.folder, name)
    try:
        data = read_bytes(path, limit)
    except OSError as problem:
        return f"cannot be read: {problem.strerror or os.strerror(problem.errno or 0)}"
    if len(data) > limit:
        return f"is larger than {limit >> 20} MB"
    return data


def _size_fault(size: int, told: int) -> str:
    if size == 0:
        return "is empty"
    return f"has {size} bytes, not {told}" + (": it is cut short" if size < told else "")
